from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

KINDS = [
    ("complaint", "Complaint"),
    ("damage", "Damage"),
    ("missing", "Something is missing"),
    ("wrong_item", "Wrong item"),
    ("return", "Return"),
    ("question", "Question"),
    ("praise", "Praise"),
]
STATES = [
    ("new", "New"),
    ("progress", "In progress"),
    ("waiting", "Waiting for customer"),
    ("resolved", "Resolved"),
    ("closed", "Closed"),
]
RESOLUTIONS = [
    ("replaced", "Sent again"),
    ("refunded", "Money back"),
    ("returned", "Taken back"),
    ("explained", "Explained"),
    ("goodwill", "Goodwill"),
    ("declined", "Declined"),
    ("none", "Nothing to do"),
]
OPEN = ("new", "progress", "waiting")
TODO = "mail.mail_activity_data_todo"
# What people write; all else follows from what is done.
BY_HAND = {"kind", "partner_id", "order_id", "parcel_id", "subject", "description", "user_id", "line_ids"} | {
    "resolution",
    "after_return",
    "replacement_price",
    "label_ids",
}


class OrderCase(models.Model):
    """What a customer has to say of an order, and what is done about it, until it is done."""

    _name = "order.case"
    _description = "After-Sales Case"
    _inherit = ["portal.mixin", "rating.mixin", "mail.thread", "mail.activity.mixin", "order.guarded"]
    _order = "deadline, id desc"
    _mail_post_access = "read"
    _rec_names_search = ["name", "subject", "order_id.name", "partner_id.name"]

    name = fields.Char("Number", required=True, readonly=True, copy=False, default="/", index="trigram")
    subject = fields.Char(required=True, tracking=True)
    description = fields.Text("What the customer says")
    kind = fields.Selection(KINDS, required=True, default="question", index=True, tracking=True)
    state = fields.Selection(
        STATES,
        "Stage",
        required=True,
        readonly=True,
        default="new",
        index=True,
        tracking=True,
        copy=False,
        group_expand=True,
    )
    source = fields.Selection(
        [("staff", "Staff"), ("portal", "Portal"), ("mail", "E-mail"), ("parcel", "Parcel")],
        required=True,
        readonly=True,
        default="staff",
    )
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, precompute=True, required=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        compute="_compute_partner_id",
        store=True,
        precompute=True,
        readonly=False,
        index=True,
        tracking=True,
    )
    order_id = fields.Many2one("sale.order", index="btree_not_null", ondelete="restrict", check_company=True)
    parcel_id = fields.Many2one("order.shipment.parcel", index="btree_not_null", check_company=True)
    problem_id = fields.Many2one(
        "order.shipment.problem", "Parcel's problem", readonly=True, index="btree_not_null", copy=False
    )
    carrier_id = fields.Many2one(
        "delivery.carrier", compute="_compute_carrier_id", store=True, compute_sudo=True
    )
    user_id = fields.Many2one(
        "res.users", "Who", index="btree_not_null", tracking=True, domain=[("share", "=", False)], copy=False
    )
    line_ids = fields.One2many("order.case.line", "case_id", "Goods")
    resolution = fields.Selection(RESOLUTIONS, tracking=True, copy=False)
    once = fields.Char(readonly=True, copy=False, groups="base.group_system")
    follow_up_of_id = fields.Many2one("order.case", readonly=True, index="btree_not_null", copy=False)
    can_edit = fields.Boolean(compute="_compute_can_edit")

    _once = models.UniqueIndex("(once) WHERE once IS NOT NULL")
    _problem_once = models.UniqueIndex("(problem_id) WHERE problem_id IS NOT NULL")

    @api.model
    def _guarded_fields(self):
        decided = {name for name in self._fields if not name.startswith(("message_", "activity_", "rating_"))}
        return super()._guarded_fields() | decided - BY_HAND - set(models.MAGIC_COLUMNS)

    @api.depends("name", "subject")
    def _compute_display_name(self):
        for case in self:
            known = case.name != "/" and f"{case.name}: {case.subject or ''}"
            case.display_name = known or case.subject or self.env._("New Case")

    @api.depends("order_id")
    def _compute_company_id(self):
        for case in self:
            case.company_id = case.order_id.company_id or case.company_id or self.env.company

    @api.depends("order_id")
    def _compute_partner_id(self):
        for case in self:
            case.partner_id = case.partner_id or case.order_id.partner_id

    @api.depends("parcel_id.shipment_ids.carrier_id", "order_id.shipment_ids.carrier_id")
    def _compute_carrier_id(self):
        for case in self:
            shipments = case.parcel_id.shipment_ids or case.order_id.shipment_ids
            case.carrier_id = shipments.carrier_id[:1]

    @api.depends_context("uid")
    @api.depends("state")
    def _compute_can_edit(self):
        for case in self:
            case.can_edit = case.state != "closed" and case.has_access("write")

    # ---------------------------------------------------------------- what may be written
    def write(self, vals):
        if not self.env.su and "line_ids" in vals and any(case.state == "closed" for case in self):
            raise UserError(self.env._("The case is closed. Open it again to change its goods."))
        result = super().write(vals)
        if "order_id" in vals:
            self._check_order_readable()
        return result

    def _check_order_readable(self):
        """Who may not read an order makes no case of it: what it sold would be told by the lines."""
        if not self.env.su:
            self.order_id.check_access("read")

    @api.constrains("order_id", "partner_id")
    def _check_customer(self):
        for case in self.sudo():  # sudo: whose order it is, to who may write the case
            order = case.order_id
            ours = order.partner_id.commercial_partner_id
            if order and case.partner_id and case.partner_id.commercial_partner_id != ours:
                raise UserError(
                    self.env._(
                        "Order %(order)s is not one of %(customer)s.",
                        order=order.name,
                        customer=case.partner_id.display_name,
                    )
                )

    # ---------------------------------------------------------------- going on
    def _check_may_act(self):
        self.check_access("write")
        self._check_open()

    def _check_open(self):
        for case in self:
            if case.state == "closed":
                raise UserError(self.env._("Case %s is closed. Open it again first.", case.name))

    def _go(self, state, **vals):
        cases = self.sudo()  # sudo: the caller has checked the right
        cases._turn_clock(state)
        cases.write({"state": state, **vals})

    def action_start(self):
        self._check_may_act()
        self._go("progress")

    def action_wait(self):
        self._check_may_act()
        self._go("waiting")

    def action_resolve(self):
        self._check_may_act()
        for case in self:
            if not case.resolution:
                raise UserError(self.env._("Say how case %s was resolved.", case.name))
            case._resolve(case.resolution)

    def _resolve(self, resolution):
        """It is done: the customer is told, and asked how it went."""
        if self.state not in OPEN:
            return
        self._go("resolved", resolution=resolution, resolved_at=fields.Datetime.now())
        self.sudo().activity_unlink([TODO])  # sudo: nobody has to do it any more
        self.sudo().problem_id.action_solve()  # sudo: what the case was about is seen to
        self._tell_order("case_resolved", "customer")
        asks = self.company_id.sudo().case_ask_rating  # sudo: a setting
        self._send_template("mail_template_case_rating" if asks else "mail_template_case_resolved")

    def action_close(self):
        self._check_may_act()
        if missing := self.filtered(lambda case: not case.resolution):
            raise UserError(self.env._("Say how case %s was resolved.", missing[0].name))
        self._go("closed")

    def action_reopen(self):
        self.check_access("write")
        self._go("progress", resolved_at=False)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        for case in self.sudo():  # sudo: what hangs on it, to who may delete it
            if case.return_ids or case.replacement_ids or case.refund_ids:
                raise UserError(
                    self.env._("Case %s has a return, a new order or a refund. Close it instead.", case.name)
                )

    # ---------------------------------------------------------------- small things
    def _tell_order(self, kind, audience="internal", **figures):
        self.env["order.event"]._log(
            self.sudo().order_id,  # sudo: the order's timeline tells what was done, whoever did it
            kind,
            {"case": self.name, "case_kind": self.kind, **figures},
            audience=audience,
            document=self,
        )

    def _send_template(self, name):
        template = self.env.ref(f"order_processing_aftersales.{name}", raise_if_not_found=False)
        if template and self.partner_id.email:
            # sudo: the customer is told, whatever the one may read who did it
            template.sudo().send_mail(self.id)

    def action_view_order(self):
        self.check_access("read")
        self.ensure_one()
        return self.order_id.get_formview_action()

    @api.model
    def _portal_domain(self, user):
        return Domain("partner_id.commercial_partner_id", "=", user.partner_id.commercial_partner_id.id)

    def _is_customer(self, user):
        self.ensure_one()
        theirs = self.partner_id.commercial_partner_id
        return bool(theirs) and not user._is_public() and theirs == user.partner_id.commercial_partner_id

    def _staff_reads(self, user):
        """Staff look at the customer's page, as far as they may read the case."""
        return not user.share and self.with_user(user).has_access("read")

    def _action_of(self, domain):
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "order_processing_aftersales.order_case_action"
        )
        return {**action, "domain": domain, "context": {}}
