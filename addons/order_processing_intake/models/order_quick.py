from odoo import api, fields, models
from odoo.exceptions import UserError

MOST_LINES = 2000


class OrderQuick(models.Model):
    """What a customer is putting together in the portal: his until he orders it, then an order.

    Customers have no rights on it: the portal's controllers find the one of who is logged in.
    """

    _name = "order.quick"
    _description = "Quick Order"
    _order = "changed_at desc, id desc"
    _rec_name = "partner_id"

    user_id = fields.Many2one("res.users", "Put together by", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", "Customer", related="user_id.partner_id", store=True, index=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", compute_sudo=True)
    state = fields.Selection(
        [("open", "Not ordered yet"), ("placed", "Ordered")], required=True, default="open", index=True
    )
    order_id = fields.Many2one("sale.order", index="btree_not_null", readonly=True)
    line_ids = fields.One2many("order.quick.line", "quick_id", "Lines")
    line_count = fields.Integer("Number of lines", compute="_compute_figures")
    amount = fields.Monetary("Total without taxes", compute="_compute_figures")
    changed_at = fields.Datetime("Last changed", default=fields.Datetime.now)
    partner_shipping_id = fields.Many2one("res.partner", "Deliver to")
    requested_date = fields.Date("Requested for")
    client_order_ref = fields.Char("Customer's reference")
    packing_instruction = fields.Text("Packing instructions")

    _one_open = models.UniqueIndex(
        "(user_id, company_id) WHERE state = 'open'", "A customer has one quick order at a time."
    )

    @api.depends("partner_id", "company_id")
    def _compute_currency_id(self):
        for quick in self:
            pricelist = quick.partner_id.with_company(quick.company_id).property_product_pricelist
            quick.currency_id = pricelist.currency_id or quick.company_id.currency_id

    @api.depends("line_ids.subtotal")
    def _compute_figures(self):
        figures = self.env["order.quick.line"]._read_group(
            [("quick_id", "in", self.ids)], ["quick_id"], ["__count", "subtotal:sum"]
        )
        found = {quick: (count, amount) for quick, count, amount in figures}
        for quick in self:
            quick.line_count, quick.amount = found.get(quick, (0, 0.0))

    # ---------------------------------------------------------------- whose it is
    @api.model
    def _of(self, user):
        """Return the quick order ``user`` is putting together; a new record, not stored, if there is none."""
        quick = self._find_of(user)
        return quick or self.new({"user_id": user.id, "company_id": self.env.company.id})

    @api.model
    def _find_of(self, user):
        return self.search(
            [
                ("user_id", "=", user.id),
                ("company_id", "=", self.env.company.id),
                ("state", "=", "open"),
            ]
        )

    @api.model
    def _begin(self, user):
        """Return the quick order of ``user``, made if there is none; two clicks at once make one."""
        self.flush_model()
        self.env.cr.execute(
            """INSERT INTO order_quick (user_id, partner_id, company_id, state, changed_at,
                                        create_uid, write_uid, create_date, write_date)
               VALUES (%(user)s, %(partner)s, %(company)s, 'open', %(now)s,
                       %(uid)s, %(uid)s, %(now)s, %(now)s)
               ON CONFLICT (user_id, company_id) WHERE state = 'open' DO NOTHING""",
            {
                "user": user.id,
                "partner": user.partner_id.id,
                "company": self.env.company.id,
                "uid": self.env.uid,
                "now": fields.Datetime.now(),
            },
        )
        return self._find_of(user)

    @api.model
    def _last_placed(self, user, quick_id):
        """Return the order made of the quick order ``quick_id`` (text) of ``user``, who pressed twice."""
        if not isinstance(quick_id, str) or not quick_id.isdecimal() or len(quick_id) > 9:
            return self.env["sale.order"]
        domain = [("id", "=", int(quick_id)), ("user_id", "=", user.id), ("state", "=", "placed")]
        return self.search(domain).order_id

    def _take_turn(self):
        """Wait for whoever changes it at this moment; who has waited begins anew with what is there then.

        Odoo repeats a request whose transaction could not see what another has changed meanwhile.
        """
        self.flush_recordset()
        # By SQL: a value that is the same is not written by the ORM, and would wait for nobody.
        self.env.cr.execute(
            "UPDATE order_quick SET changed_at = %s WHERE id = %s", (fields.Datetime.now(), self.id)
        )
        self.invalidate_recordset(["changed_at"])

    # ---------------------------------------------------------------- its lines
    def _take(self, asked):
        """Put what was asked for on top, in its order; return ``(lines, how many were there already)``.

        The same product in the same unit again is added to its line.
        """
        return self._put_on_top(self._find_products(asked))

    def _put_on_top(self, rows):
        self.ensure_one()
        self._take_turn()
        rows = self._joined(rows)
        there = {
            (line.product_id, line.uom_id): line
            for line in self.line_ids
            if line.product_id and not line.fault
        }
        more = [row for row in rows if (row["product"], row["unit"]) in there and not row["fault"]]
        new = [row for row in rows if row not in more]
        if len(self.line_ids) + len(new) > MOST_LINES:
            raise UserError(
                self.env._(
                    "A quick order has up to %s lines. Please order these first, then go on.", MOST_LINES
                )
            )
        lines = self.env["order.quick.line"]
        for row in more:
            line = there[row["product"], row["unit"]]
            line._set_quantity(line.quantity + row["quantity"])
            lines |= line
        top = min(self.line_ids.mapped("sequence"), default=0) - len(new)
        lines |= lines.create([self._prepare_line(row, top + place) for place, row in enumerate(new)])
        lines._price()
        return lines, len(more)

    @api.model
    def _joined(self, rows):
        """Return the rows with the same product in the same unit made one, as far as they are understood."""
        joined, result = {}, []
        for row in rows:
            key = row["product"] and not row["fault"] and (row["product"], row["unit"])
            if key and key in joined:
                joined[key]["quantity"] += row["quantity"]
                continue
            result.append(row)
            if key:
                joined[key] = row
        return result

    def _prepare_line(self, row, sequence):
        return {
            "quick_id": self.id,
            "sequence": sequence,
            "code": row["code"],
            "product_id": row["product"].id,
            "uom_id": row["unit"].id,
            "quantity": row["quantity"],
            "fault": row["fault"],
            "given_quantity": row["given"],
            "given_unit": row["given_unit"],
        }
