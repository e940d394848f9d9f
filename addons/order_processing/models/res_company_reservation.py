from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class ResCompany(models.Model):
    """Who is told about reservations that do not add up, and when they were last checked."""

    _inherit = "res.company"

    reservation_watch_user_id = fields.Many2one(
        "res.users",
        string="Told about reservations that do not add up",
        ondelete="restrict",
        help="Gets an activity when the hourly check finds something. Needs a role in Inventory.",
    )
    reservation_checked_at = fields.Datetime("Reservations checked on", readonly=True)

    @api.constrains("reservation_watch_user_id")
    def _check_reservation_watch_user(self):
        for company in self:
            user = company.reservation_watch_user_id
            if user and not user.has_group("stock.group_stock_user"):
                raise ValidationError(
                    self.env._("%s cannot look at reservations without a role in Inventory.", user.name)
                )
            if user and company not in user.company_ids:
                raise ValidationError(
                    self.env._("%(user)s does not work in %(company)s.", user=user.name, company=company.name)
                )

    def _note_reservations_checked(self):
        # By SQL: all processes would throw away what they know of companies, every hour.
        query = SQL(
            """UPDATE res_company SET reservation_checked_at = now() AT TIME ZONE 'UTC'
                WHERE id = %s RETURNING id""",
            self.id,
        )
        self.env.execute_query(query)
        self.invalidate_recordset(["reservation_checked_at"], flush=False)
