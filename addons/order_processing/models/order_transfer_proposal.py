import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools.misc import formatLang
from odoo.tools.translate import LazyTranslate

from ..engine.transfers import propose
from .order_transfer_facts import TransferFacts

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

REASONS = {
    "only": _lt("Customers wait for it, and it cannot be bought. Days on the way: %(days)s"),
    "sooner": _lt("Days until it is there: %(days)s, otherwise %(other_days)s"),
    "sooner_cost": _lt(
        "Days until it is there: %(days)s, for %(cost)s; otherwise %(other_days)s, for %(price)s"
    ),
    "cheaper": _lt("Moving it costs %(cost)s, getting it otherwise %(price)s. Days on the way: %(days)s"),
}


class OrderTransferProposal(models.Model):
    """Goods that customers wait for in one warehouse, and another can do without.

    Computed, never typed: what is not true any more at the next look disappears. What somebody has made a
    transfer of stays, with its transfer.
    """

    _name = "order.transfer.proposal"
    _description = "Proposed Transfer"
    _order = "state desc, wanted_on, id"
    _rec_name = "product_id"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade", index=True, readonly=True)
    product_id = fields.Many2one(
        "product.product", required=True, ondelete="cascade", index=True, readonly=True
    )
    uom_id = fields.Many2one(related="product_id.uom_id", string="Unit")
    source_id = fields.Many2one(
        "stock.warehouse", "From", required=True, ondelete="cascade", index=True, readonly=True
    )
    target_id = fields.Many2one(
        "stock.warehouse", "To", required=True, ondelete="cascade", index=True, readonly=True
    )
    quantity = fields.Float(digits="Product Unit", readonly=True, aggregator=None)
    wanted_on = fields.Date(readonly=True, help="When the first customer should have had it leave.")
    order_ids = fields.Many2many(
        "sale.order", string="For", readonly=True, help="The orders that wait for it."
    )
    code = fields.Char(readonly=True)
    figures = fields.Json(readonly=True)
    reason = fields.Char("Why", compute="_compute_reason")
    state = fields.Selection(
        [("open", "Proposed"), ("made", "Transfer made")], required=True, default="open", readonly=True
    )
    picking_id = fields.Many2one(
        "stock.picking", "Transfer", ondelete="set null", index="btree_not_null", readonly=True
    )
    made_by_id = fields.Many2one("res.users", "Made by", ondelete="set null", readonly=True)
    looked_at = fields.Datetime("Computed on", readonly=True)

    _once = models.UniqueIndex(
        "(product_id, source_id, target_id) WHERE state = 'open'", "A transfer is proposed once."
    )

    @api.depends("product_id", "source_id", "target_id")
    def _compute_display_name(self):
        for proposal in self:
            way = f"{proposal.source_id.name} → {proposal.target_id.name}"
            proposal.display_name = f"{proposal.product_id.display_name}: {way}"

    @api.depends("code", "figures")
    @api.depends_context("lang")
    def _compute_reason(self):
        for proposal in self:
            figures, code = dict(proposal.figures or {}), proposal.code
            if code == "sooner" and {"cost", "price"} <= figures.keys():
                code = "sooner_cost"
            for name in ("cost", "price"):
                if name in figures:
                    currency = proposal.company_id.currency_id
                    figures[name] = formatLang(self.env, figures[name], currency_obj=currency)
            words = self.env._(REASONS[code]) if code in REASONS else ""
            proposal.reason = words % figures

    # ---------------------------------------------------------------- looking
    def action_look(self):
        """Compute the proposals of the user's companies now, whatever is selected."""
        self._check_is_warehouse()
        self._look_at(self.env.companies)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def _cron_propose(self):
        """Compute the proposals, company by company; one that fails does not stop the others."""
        # Where there is one warehouse there is nothing between them.
        groups = self.env["stock.warehouse"]._read_group(
            [], ["company_id"], ["__count"], having=[("__count", ">", 1)]
        )
        companies = [company for company, _count in groups]
        for number, company in enumerate(companies, 1):
            try:
                self._look_at(company)
            except Exception:
                self.env.cr.rollback()
                _logger.exception("Transfers of company %s could not be proposed", company.id)
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(companies) - number):
                return

    @api.model
    def _look_at(self, companies):
        # sudo: nobody types proposals; what they rest on is all of the company's
        for company in companies.sudo():
            self.sudo().with_company(company)._replace_proposals(company)

    @api.model
    def _replace_proposals(self, company):
        """Propose what beats buying now; keep what was proposed before and still does."""
        known = {
            (proposal.product_id.id, proposal.source_id.id, proposal.target_id.id): proposal
            for proposal in self.search([("company_id", "=", company.id), ("state", "=", "open")])
        }
        facts = TransferFacts(self.env, company)
        found = propose(facts.shortages, facts.spares, facts.lanes, facts.buying, facts.weights)
        new = []
        for transfer in found:
            vals = facts.proposal_vals(transfer)
            if proposal := known.pop((transfer.product, transfer.source, transfer.target), None):
                proposal.write(vals)
            else:
                new.append(vals)
        self.browse(proposal.id for proposal in known.values()).unlink()
        self.create(new)

    # ---------------------------------------------------------------- rights
    def _check_is_warehouse(self):
        if not self.env.user.has_group("stock.group_stock_user"):
            raise AccessError(self.env._("Only the warehouse looks for transfers and makes them."))
        self.check_access("read")
