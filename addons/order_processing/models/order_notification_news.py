import json
from collections import Counter

from odoo import fields, models
from odoo.tools.safe_eval import safe_eval, time

from ..engine.scan_text import is_web_link
from .order_notification_send import CONFIRMATION
from .stock_picking_papers import numbers_in, quantity_words


class SaleOrder(models.Model):
    """What a customer reads when his order is accepted: nothing of stock, receipts or other orders."""

    _inherit = "sale.order"

    def _accepted_news(self):
        """Return ``{date, lines}``: the day all of it is there, and each line's where they differ."""
        self.ensure_one()
        order = self.sudo()  # sudo: what is written to the customer
        lines = [
            {
                "name": line.product_id.with_context(display_default_code=False).display_name,
                "quantity": quantity_words(order.env, line.product_uom_qty, line.product_uom_id),
                "day": line._expected_words(),
            }
            for line in order.order_line
            if line._takes_goods() and line.product_uom_qty > 0
        ]
        promises = order.company_id._promises()
        return {
            "date": promises and order._day_words(order.promise_date),
            "lines": lines,
            "days_differ": len({line["day"] for line in lines}) > 1,
        }

    def _confirmation_paper(self):
        """Return the name and the content of the confirmation as PDF."""
        report = self.env.ref(CONFIRMATION)
        content, kind = self.env["ir.actions.report"]._render_qweb_pdf(report, self.ids)
        name = safe_eval(report.print_report_name, {"object": self, "time": time})
        return f"{name}.{kind}", content


class OrderShipment(models.Model):
    """What a customer reads when goods have left."""

    _inherit = "order.shipment"

    def _shipped_news(self):
        """Return ``{orders, carrier, parcels, items, later, url}`` for the customer it is told to."""
        self.ensure_one()
        shipment = self.sudo()  # sudo: what is written to the customer
        orders = shipment._told_orders()
        parcels = shipment._tracking_links(orders)
        return {
            "orders": ", ".join(orders.mapped("name")),
            "carrier": shipment.carrier_id.name or False,
            "parcels": parcels,
            "numbers": ", ".join(number for number, _url in parcels),
            "items": shipment._sent_items(orders),
            "later": orders._still_to_come(),
            "url": orders and orders[0].get_base_url() + orders[0].get_portal_url(),
            "customer": orders[:1].partner_id.name or "",
            "order": orders[:1],
        }

    def _told_orders(self):
        """Return the orders of the customer it is told to; of the first where nobody said to whom."""
        orders = self.order_ids.sorted("id")
        told = self.env.context.get("told_customer", orders[:1].partner_id.id)
        return orders.filtered(lambda order: order.partner_id.id == told)

    def _tracking_links(self, orders=None):
        """Return ``[(number, url or False)]``; a carrier with several parcels gives a list of links.

        :param orders: those of the customer who reads it; without them it is all numbers
        """
        everything = orders is None
        numbers = numbers_in(self.tracking_number if everything else self._numbers_for(orders))
        links = {}
        for picking in self.picking_ids if everything else self._pickings_of(orders):
            url, written = picking.carrier_tracking_url or "", picking.carrier_tracking_ref or ""
            try:
                links.update(dict(json.loads(url)))
            except (ValueError, TypeError):
                # One link for all its numbers: made of them as they are written, so it is made for each.
                links.update({number: url.replace(written, number) for number in numbers_in(written)})
        # What a carrier or a setting gives is a link only if a browser goes somewhere with it.
        links = {number: url for number, url in links.items() if is_web_link(url)}
        if links and not links.keys() & set(numbers):
            return list(links.items())  # the carrier calls them otherwise
        return [(number, links.get(number) or False) for number in numbers]

    def _sent_items(self, orders):
        """Return ``[(product, quantity)]`` of what has left for these orders."""
        moves = self.picking_ids.move_ids.filtered(lambda move: move.state == "done")
        theirs = moves.filtered(lambda move: move.sale_line_id.order_id in orders or not move.sale_line_id)
        if self.order_ids > orders:
            theirs = theirs.filtered("sale_line_id")  # what belongs to no order is nobody's to be told of
        sums = {}
        for move in theirs:
            sums[move.product_id] = sums.get(move.product_id, 0.0) + move.product_uom._compute_quantity(
                move.quantity, move.product_id.uom_id, round=False
            )
        return [
            (
                product.with_context(lang=self.env.lang, display_default_code=False).display_name,
                quantity_words(self.env, quantity, product.uom_id),
            )
            for product, quantity in sums.items()
        ]


class OrderNotification(models.Model):
    _inherit = "order.notification"

    def _order_domain(self, orders):
        """Return the condition for messages about these orders, alone or together with others."""
        return ["|", ("order_id", "in", orders.ids), ("shipment_id.order_ids", "in", orders.ids)]


class SaleOrderMessages(models.Model):
    _inherit = "sale.order"

    notification_count = fields.Integer(
        "Messages to the customer",
        compute="_compute_notification_count",
        groups="sales_team.group_sale_salesman",
    )

    def _compute_notification_count(self):
        Notification = self.env["order.notification"]
        groups = ["order_id", "shipment_id"]
        counts = Counter()
        for order, shipment, count in Notification._read_group(
            Notification._order_domain(self), groups, ["__count"]
        ):
            # sudo: of these orders; the message itself may be read
            counts.update(dict.fromkeys((order | shipment.sudo().order_ids).ids, count))
        for order in self:
            order.notification_count = counts[order._origin.id]

    def action_view_notifications(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("order_processing.order_notification_action")
        action.update(domain=self.env["order.notification"]._order_domain(self), context={})
        return action
