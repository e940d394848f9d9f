from odoo import models


class StockPicking(models.Model):
    """Whose goods are in a transfer."""

    _inherit = "stock.picking"

    def _paper_customers(self):
        """Return the customers whose orders leave with the transfers: companies, or persons of none."""
        return self._paper_orders().partner_id.commercial_partner_id.sudo(False)


class StockMove(models.Model):
    _inherit = "stock.move"

    def _paper_customer(self):
        """Return whose goods these are; what is of no line of an order is of the order of the transfer."""
        move = self.sudo()  # sudo: the packer need not see orders for papers to keep customers apart
        order = move.sale_line_id.order_id or move.picking_id.sale_id
        return order.partner_id.commercial_partner_id.sudo(False)


class OrderShipment(models.Model):
    """Goods of several customers in one shipment: each reads of what is his own.

    The plan joins none of different customers, but people validate transfers together, and enter shipments
    by hand.
    """

    _inherit = "order.shipment"

    def _has_others_than(self, orders):
        """Tell whether goods of customers are in it whose orders these are not."""
        shipment, orders = self.sudo(), orders.sudo()  # sudo: only to keep customers apart
        theirs = orders.partner_id.commercial_partner_id
        shipped = shipment.order_ids | shipment.picking_ids._shipped_orders()
        return bool(shipped.partner_id.commercial_partner_id - theirs)

    def _pickings_of(self, orders):
        """Return the transfers with which something left for the customers of these orders."""
        pickings = self.sudo().picking_ids  # sudo: see above
        if not self._has_others_than(orders):
            return pickings
        theirs = orders.sudo().partner_id.commercial_partner_id  # sudo: see above
        return pickings.filtered(lambda picking: picking._paper_customers() & theirs)

    def _name_for(self, orders):
        """Return what the parcel is called to who has ordered: after all its transfers, or after his."""
        has_pickings = bool(self.sudo().picking_ids)  # sudo: see above
        if not has_pickings or not self._has_others_than(orders):
            return self.name
        return ", ".join((self._pickings_of(orders) or orders).mapped("name"))

    def _numbers_for(self, orders):
        """Return the tracking numbers as text: those of his transfers, or else of all that went together."""
        if self._has_others_than(orders) and (numbers := self._pickings_of(orders)._tracking_numbers()):
            return numbers
        return self.tracking_number
