from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


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
            route = target.resupply_route_ids.filtered(lambda r, s=source: r.supplier_wh_id == s)[:1]
            made = some._make_by_route(route) if route else some._make_directly()
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

    def _make_directly(self):
        """Return the transfer that leaves now; a second one brings the goods in after the days of the way.

        Both through the company's own transit, as Odoo's resupply routes do.
        """
        source, target, now = self.source_id, self.target_id, fields.Datetime.now()
        # sudo: settings; Odoo keeps it archived until warehouses supply each other
        transit = self.company_id.sudo().internal_transit_location_id
        transit.active = True
        when = now + timedelta(days=self._days())
        arriving = self._make_transfer(target.int_type_id, transit, target.lot_stock_id, when)
        leaving = self._make_transfer(source.int_type_id, source.lot_stock_id, transit, now)
        for move in leaving.move_ids:
            move.move_dest_ids = arriving.move_ids.filtered(lambda m, p=move.product_id: m.product_id == p)
        leaving.action_confirm()
        arriving.action_confirm()
        leaving.action_assign()
        return leaving

    def _make_transfer(self, type_, place, goal, when):
        moves = [
            Command.create(
                {
                    "product_id": proposal.product_id.id,
                    "product_uom": proposal.uom_id.id,
                    "product_uom_qty": proposal.quantity,
                    "location_id": place.id,
                    "location_dest_id": goal.id,
                    "origin": proposal._what_for(),
                    "company_id": proposal.company_id.id,
                    "date": when,
                }
            )
            for proposal in self
        ]
        return self.env["stock.picking"].create(
            {
                "picking_type_id": type_.id,
                "location_id": place.id,
                "location_dest_id": goal.id,
                "origin": self._what_for(),
                "company_id": self.company_id.id,
                "scheduled_date": when,
                "move_ids": moves,
            }
        )

    def _make_by_route(self, route):
        """Return the transfers of the resupply route between the warehouses, as Odoo makes them."""
        reference = self.env["stock.reference"].sudo().create({"name": self._what_for()})  # sudo: Odoo's own
        Rule = self.env["stock.rule"]
        Rule.run(
            [
                Rule.Procurement(
                    proposal.product_id,
                    proposal.quantity,
                    proposal.uom_id,
                    proposal.target_id.lot_stock_id,
                    proposal.product_id.display_name,
                    proposal._what_for(),
                    proposal.company_id,
                    {
                        "warehouse_id": proposal.target_id,
                        "route_ids": route,
                        "reference_ids": reference,
                        "date_planned": fields.Datetime.now() + timedelta(days=proposal._days()),
                    },
                )
                for proposal in self
            ]
        )
        moves = self.env["stock.move"].search([("reference_ids", "in", reference.ids)])
        moves.picking_id.action_assign()
        leaving = moves.filtered(lambda move: move.location_id.warehouse_id == self.source_id)
        return leaving.picking_id or moves.picking_id

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
