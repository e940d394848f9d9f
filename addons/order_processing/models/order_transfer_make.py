from odoo import models
from odoo.exceptions import UserError

from .stock_warehouse_bring import Load


class OrderTransferProposal(models.Model):
    """Making real transfers of what was proposed."""

    _inherit = "order.transfer.proposal"

    def action_make_transfer(self):
        """Make the transfers of these proposals: one for each pair of warehouses."""
        self._check_is_warehouse()
        # sudo: proposals are nobody's to write; what the user may make is checked on the transfer itself
        self.sudo().lock_for_update()
        proposals = self.filtered(lambda proposal: proposal.state == "open")
        if not proposals:
            raise UserError(self.env._("Nothing to make: these transfers have been made already."))
        proposals._check_is_there()
        pickings = self.env["stock.picking"]
        for (source, target), some in proposals.grouped(lambda one: (one.source_id, one.target_id)).items():
            loads = [Load(one.product_id, one.quantity, one._what_for()) for one in some]
            made = source._bring_to(target, loads, some._days())
            some._note_made(made)
            pickings |= made
        return self._show_transfers(pickings)

    def action_open_transfer(self):
        self._check_is_warehouse()
        return self._show_transfers(self.picking_id)

    def _show_transfers(self, pickings):
        action = self.env["ir.actions.act_window"]._for_xml_id("stock.action_picking_tree_all")
        if len(pickings) == 1:
            return {**action, "views": [(False, "form")], "res_id": pickings.id, "domain": [], "context": {}}
        return {**action, "domain": [("id", "in", pickings.ids)], "context": {}}

    def _what_for(self):
        return ", ".join(self.order_ids.mapped("name")[:10])

    def _check_is_there(self):
        """What was proposed may have been sold or moved meanwhile."""
        for (source, product), some in self.grouped(lambda one: (one.source_id, one.product_id)).items():
            wanted = sum(some.mapped("quantity"))
            free = product.with_context(warehouse_id=source.id).free_qty
            if product.uom_id.compare(free, wanted) < 0:
                raise UserError(
                    self.env._(
                        "%(place)s has %(free)s %(unit)s of %(product)s free by now, not %(wanted)s. Look"
                        " for transfers again.",
                        place=source.name,
                        free=f"{max(free, 0):g}",
                        unit=product.uom_id.name,
                        product=product.display_name,
                        wanted=f"{wanted:g}",
                    )
                )

    def _days(self):
        return max((one.figures or {}).get("days") or 0 for one in self)

    def _note_made(self, pickings):
        """Link the proposals with their transfer, tell the orders and have their promises looked at."""
        for proposal in self:
            picking = pickings.filtered(lambda p, one=proposal: one.product_id in p.move_ids.product_id)[:1]
            # sudo: nobody writes proposals
            proposal.sudo().write(
                {
                    "state": "made",
                    "picking_id": (picking or pickings[:1]).id,
                    "made_by_id": self.env.uid,
                }
            )
            data = {
                "product": proposal.product_id.display_name,
                "warehouse": proposal.source_id.name,
                "transfer": picking.name,
            }
            self.env["order.event"]._log(proposal.sudo().order_ids, "transfer_made", data, document=picking)
            self.env["order.promise.recheck"]._note(
                proposal.product_id, proposal.source_id | proposal.target_id, "receipt_changed", picking
            )
