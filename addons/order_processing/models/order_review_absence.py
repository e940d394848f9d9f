from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from .order_review_stage import REVIEWER_GROUP


class OrderReviewAbsence(models.Model):
    """When a reviewer is away, and who decides meanwhile.

    While it lasts the reviewer gets no reviews, and what waited for them goes to the stand-in: at every
    stage the absent may decide, the stand-in may, as themselves. Without a stand-in the other reviewers
    of the stage get it.
    """

    _name = "order.review.absence"
    _description = "Reviewer's Absence"
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        "Reviewer",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain=lambda self: [("all_group_ids", "in", self.env.ref(REVIEWER_GROUP).ids)],
    )
    stand_in_id = fields.Many2one(
        "res.users",
        "Stand-in",
        ondelete="restrict",
        index="btree_not_null",
        domain=lambda self: [("all_group_ids", "in", self.env.ref(REVIEWER_GROUP).ids)],
        help="Decides meanwhile. Empty: the other reviewers of the stage.",
    )
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Until", required=True, help="The last day of the absence.")
    note = fields.Char("Why")
    is_now = fields.Boolean("Away now", compute="_compute_is_now")

    _period = models.Constraint(
        "CHECK(date_from <= date_to)", "An absence cannot end before it begins: check From and Until."
    )
    _somebody_else = models.Constraint(
        "CHECK(stand_in_id IS NULL OR stand_in_id <> user_id)", "Nobody stands in for themselves."
    )

    @api.constrains("user_id", "stand_in_id")
    def _check_roles(self):
        for absence in self:
            for user in absence.user_id | absence.stand_in_id:
                if not user.has_group(REVIEWER_GROUP):
                    raise ValidationError(
                        self.env._("%s has not got the role Reviewer and cannot decide on orders.", user.name)
                    )

    @api.constrains("user_id", "date_from", "date_to")
    def _check_once(self):
        for absence in self:
            overlapping = [
                ("user_id", "=", absence.user_id.id),
                ("date_from", "<=", absence.date_to),
                ("date_to", ">=", absence.date_from),
                ("id", "!=", absence.id),
            ]
            if self.sudo().search_count(overlapping, limit=1):  # sudo: also those one may not read
                raise ValidationError(
                    self.env._(
                        "%s is away in this time already. Change that absence instead.", absence.user_id.name
                    )
                )

    @api.depends("date_from", "date_to", "user_id.tz")
    def _compute_is_now(self):
        for absence in self:
            today = absence._today()
            absence.is_now = bool(
                absence.date_from and absence.date_to and absence.date_from <= today <= absence.date_to
            )

    def _today(self):
        """Return the day it is where the absent reviewer is at home."""
        zone = pytz.timezone(self.user_id.tz or "UTC")
        return pytz.utc.localize(fields.Datetime.now()).astimezone(zone).date()

    @api.model
    def _stand_ins(self):
        """Return ``{absent user id: stand-in's id or None}`` of this moment."""
        today = fields.Datetime.now()
        # Around the world it is yesterday, today or tomorrow.
        domain = [
            ("date_from", "<=", today.date() + timedelta(days=1)),
            ("date_to", ">=", today.date() - timedelta(days=1)),
        ]
        absences = self.sudo().search(domain)  # sudo: who is away decides who is asked, whoever submits
        return {a.user_id.id: a.stand_in_id.id or None for a in absences if a.is_now}

    # ---------------------------------------------------------------- whose it is
    @api.model_create_multi
    def create(self, vals_list):
        self._check_own({vals.get("user_id") or self.env.uid for vals in vals_list})
        absences = super().create(vals_list)
        absences._hand_over()
        return absences

    def write(self, vals):
        self._check_own({*self.user_id.ids, vals.get("user_id") or self.env.uid})
        result = super().write(vals)
        self._hand_over()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_others(self):
        self._check_own(set(self.user_id.ids))

    def _check_own(self, user_ids):
        """Reviewers enter their own absences; sales managers everybody's."""
        if self.env.su or self.env.user.has_group("sales_team.group_sale_manager"):
            return
        if user_ids - {self.env.uid}:
            raise AccessError(self.env._("You enter your own absences; a sales manager those of others."))

    def _hand_over(self):
        """Who is away from now on hands over at once; later absences are seen to when they begin."""
        if any(absence.is_now for absence in self):
            self.env.ref("order_processing.ir_cron_review_clock")._trigger()
