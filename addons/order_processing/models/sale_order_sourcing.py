from odoo import models

from .sale_order_history import BEFORE
from .sourcing_facts import SourcingFacts


class SaleOrder(models.Model):
    """Choosing from which warehouses an order is sent, before anything is promised or asked for."""

    _inherit = "sale.order"

    def _choose_sources(self):
        """Choose the warehouse of each line that has none yet, or has it for less than it is now.

        For many orders at once, with a constant number of queries: one after the other, as they would
        get scarce stock, each taking what it gets from what the next one finds. What a person has set,
        and what has been asked for already, stays, and counts as a parcel that goes anyway.
        """
        result = super()._choose_sources()
        # sudo: company settings, stock and freight; whoever confirms need not see them
        for company, orders in self.sudo().grouped("company_id").items():
            if not company._chooses_sources():
                continue
            due = orders.filtered(
                lambda order: order.state != "cancel"
                and any(line._needs_source() for line in order.order_line)
            )
            if due:
                due.with_company(company)._choose_sources_of(company)
        return result

    def _choose_sources_of(self, company):
        facts = SourcingFacts(self, company)
        for order in self.sorted(lambda o: (o.urgency != "urgent", o.requested_date or o.date_order, o.id)):
            if decided := facts.decide(order):
                order._apply_sources(decided)

    def _apply_sources(self, decided):
        """Write the choice on the lines: ``decided`` is a list of line, its pieces, code and figures.

        Pieces beyond a line's first become lines of their own.
        """
        is_split = False
        for line, pieces, code, figures in decided:
            if len(pieces) > 1:
                line._split_by_source(pieces, code, figures)
                is_split = True
            else:
                line._take_source(pieces, code, figures)
        if is_split:
            self._put_parts_together()
        sources = self.order_line.filtered(lambda line: line._has_valid_source()).source_warehouse_id
        if sources and sources != self.warehouse_id:
            self.env["order.event"]._log(self, "sourced", {"warehouses": ", ".join(sources.mapped("name"))})

    def _forget_sources(self):
        """Leave the system's choices behind; what a person has set stays."""
        # sudo: guarded fields; a choice goes with the approval it was made for
        lines = self.sudo().order_line.filtered(lambda line: line.source_code and not line.source_by_hand)
        lines._write_source({"source_warehouse_id": False, "source_code": False, "source_figures": False})

    def _forget_clearance(self, state):
        if state == "draft":
            self._forget_sources()
        return super()._forget_clearance(state)

    def _put_parts_together(self):
        """Number the lines anew, so that the parts of a line stand below it."""
        place = {line.id: number for number, line in enumerate(self.order_line)}
        lines = self.order_line.sorted(
            lambda line: (place.get(line.split_from, place[line.id]), place[line.id])
        )
        for number, line in enumerate(lines, 1):
            if line.sequence != number * 10:
                line.sequence = number * 10
        self.invalidate_recordset(["order_line"])  # read again in that order


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _take_source(self, pieces, code, figures):
        [(warehouse, quantity)] = pieces or [(self.source_warehouse_id.browse(), 0.0)]
        self._write_source(
            {
                "source_warehouse_id": warehouse.id,
                "source_by_hand": False,
                "source_code": code,
                "source_figures": {**figures, "product": self.product_id.id, "quantity": quantity},
            }
        )

    def _split_by_source(self, pieces, code, figures):
        """Keep the first piece on this line and make a line of each other one.

        Price, discount, taxes and texts stay as they were agreed, whatever the price list says of the
        smaller quantities; the fingerprint of the order takes the parts as the one line they were.
        """
        told = set(self.env.cr.precommit.data.get(BEFORE, {}))
        price = {
            "price_unit": self.price_unit,
            "technical_price_unit": self.technical_price_unit,
            "discount": self.discount,
        }
        first, *others = pieces
        parts = self
        for warehouse, quantity in others:
            [vals] = self.copy_data(
                {
                    **price,
                    "order_id": self.order_id.id,
                    "product_uom_qty": quantity,
                    "sequence": self.sequence,
                }
            )
            part = self.create({**vals, "split_from": self.split_from or self.id})
            part._take_source([(warehouse, quantity)], code, figures)
            parts += part
        self.write({**price, "product_uom_qty": first[1]})
        self._take_source([first], code, figures)
        # The order sells what it did: nothing of this belongs into its history of changes.
        before = self.env.cr.precommit.data.get(BEFORE, {})
        for line in parts:
            if line.id not in told:
                before.pop(line.id, None)
