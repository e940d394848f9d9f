from odoo import api, models

from ..models.stock_picking_papers import quantity_words


class PackingSlip(models.AbstractModel):
    """What lies in the parcel, for whoever opens it: no prices, and what follows later."""

    _name = "report.order_processing.report_packing_slip"
    _description = "Packing Slip"

    @api.model
    def _get_report_values(self, docids, data=None):
        pickings = self.env["stock.picking"].browse(docids)
        return {"slips": [slip for group in pickings._joined_shipments() for slip in self._slips(group)]}

    def _slips(self, pickings):
        """Return one slip; goods of several customers in one transfer get one each."""
        customers = pickings._paper_customers()
        if len(customers) <= 1:
            return [self._slip(pickings)]
        return [self._slip(pickings, customer) for customer in customers]

    def _slip(self, pickings, customer=None):
        lang = pickings[0]._get_report_lang()
        pickings = pickings.with_context(lang=lang)
        orders = pickings._paper_orders().sorted("id")
        moves = pickings.move_ids.filtered(lambda move: move.state != "cancel")
        if customer:
            orders = orders.filtered(lambda order: order.partner_id.commercial_partner_id == customer)
            moves = moves.filtered(lambda move: move._paper_customer() == customer)
        lines = [line for move in moves for line in self._lines(move)]
        return {
            "o": pickings[0],
            "pickings": pickings,
            "partner": pickings.partner_id[:1],
            "orders": orders,
            "references": ", ".join(filter(None, orders.mapped("client_order_ref"))),
            "numbers": pickings._tracking_numbers(),
            "is_urgent": pickings._is_urgent(),
            "greetings": [text for text in orders.mapped("gift_note") if text],
            "instructions": [text for text in orders.mapped("packing_instruction") if text],
            "no_substitutes": any(orders.mapped("no_substitutes")),
            "lines": lines,
            "has_lots": any(line["lot"] for line in lines),
            "has_orders": len(orders) > 1,
            "later": orders._still_to_come(pickings),
        }

    def _lines(self, move):
        """Return the rows of one move: one, or one for each of its lots."""
        name = move.product_id.with_context(display_default_code=False).display_name
        order_line = move.sudo().sale_line_id  # sudo: of which product of the order it is a part
        kit = order_line.product_id - move.product_id
        kit = kit.with_context(lang=move.env.lang, display_default_code=False)
        row = {
            "code": move.product_id.default_code,
            "name": name,
            "kit": kit.display_name or "",
            "order": order_line.order_id.name or "",
        }
        by_lot = {}
        for line in move.move_line_ids:
            lot = line.lot_id.name or line.lot_name or ""
            by_lot[lot] = by_lot.get(lot, 0) + line.quantity_product_uom
        uom = move.product_id.uom_id
        return [
            {**row, "lot": lot, "quantity": quantity_words(move.env, quantity, uom)}
            for lot, quantity in by_lot.items()
            if uom.compare(quantity, 0) > 0
        ]
