from odoo import models
from odoo.tools import SQL

from ..engine.clearance import OrderTerms, deviations, joined
from ..engine.payment_terms import Instalment, PaymentTerms, is_incoterm_worse, is_payment_worse
from ..engine.review import Found

# Of which model the ids in a deviation's figures are, for the reader.
FIGURES_OF = {
    ("product_changed", "before"): "product.product",
    ("unit_changed", "before"): "uom.uom",
    ("unit_changed", "after"): "uom.uom",
    ("payment_worse", "before"): "account.payment.term",
    ("payment_worse", "after"): "account.payment.term",
    ("incoterm_worse", "before"): "account.incoterms",
    ("incoterm_worse", "after"): "account.incoterms",
}


class SaleOrder(models.Model):
    """The fingerprint: what there is to clear about an order, and what goes beyond it."""

    _inherit = "sale.order"

    # Whoever edits an address asks for the open orders that go there, not for the thousands that went.
    _cleared_delivery = models.Index(
        "(partner_shipping_id) WHERE state = 'sale' AND review_clearance IS NOT NULL"
        " AND processing_stage NOT IN ('shipped', 'in_transit', 'delivered', 'completed')"
    )
    _cleared_invoice = models.Index(
        "(partner_invoice_id) WHERE state = 'sale' AND review_clearance IS NOT NULL"
        " AND processing_stage NOT IN ('shipped', 'in_transit', 'delivered', 'completed')"
    )

    def _terms(self, cleared_lines=()):
        """Return what there is to clear about the order, as plain values.

        Lines in ``cleared_lines`` (their keys) are looked at whatever they are now: what was
        cleared as goods does not become freight that nobody looks at.
        """
        self.ensure_one()
        self._prepare_amounts()
        lines = [line for line in self.order_line if line._key() in cleared_lines or line._is_under_review()]
        return OrderTerms(
            customer=self.partner_id.id,
            address=self.partner_shipping_id.id,
            currency=self.currency_id.id,
            lines=joined((str(line.id), line._key(), line._terms()) for line in lines),
            invoice=self.partner_invoice_id.id,
            payment=self.payment_term_id.id or 0,
            incoterm=self.incoterm.id or 0,
            address_text=self.partner_shipping_id._address_digests(),
            invoice_text=self.partner_invoice_id._address_digests(),
            total=self._total_of(lines),
            rounding=self.currency_id.rounding,
        )

    def _total_of(self, lines):
        """Return the total with tax, without the lines that are not looked at.

        While Odoo has still to add up the order, the lines tell: adding it up after each line of
        many would cost more than all the rest.
        """
        total = sum(line.price_total for line in lines)
        if self.env.is_to_compute(self._fields["amount_total"], self):
            return round(total, 6)
        return round(self.amount_total - sum(line.price_total for line in self.order_line) + total, 6)

    def _prepare_amounts(self):
        """Read the taxes of all lines at once where amounts are pending: Odoo reads them line by line."""
        pending = self.env.records_to_compute(self.order_line._fields["price_total"])
        if pending & self.order_line:
            self.order_line.tax_ids  # noqa: B018

    def _deviations(self):
        """Return what goes beyond the clearance, or None where there is no clearance at all."""
        self.ensure_one()
        return self._deviations_from(self.review_clearance) if self.review_clearance else None

    def _deviations_from(self, terms):
        """Return what goes beyond ``terms``, as they are kept in ``review_clearance``."""
        return deviations(OrderTerms.from_json(terms), self._terms(terms["lines"]), self._is_worse)

    def _is_worse(self, kind, before, after):
        """Tell whether we are worse off with another payment term or incoterm, by their ids now.

        By what the terms mean today: an edited payment term is an edit of the company's terms, not of
        this order.
        """
        if kind == "payment":
            terms = self.env["account.payment.term"]
            return is_payment_worse(*(self._payment_terms(terms.browse(id_)) for id_ in (before, after)))
        codes = [self.env["account.incoterms"].browse(id_).exists().code or "" for id_ in (before, after)]
        return is_incoterm_worse(*codes)

    @staticmethod
    def _payment_terms(term):
        term = term.exists()
        return PaymentTerms(
            tuple(
                Instalment(
                    line.value_amount if line.value == "percent" else None,
                    line.nb_days,
                    line.delay_type,
                    int(line.days_next_month) if (line.days_next_month or "").isdigit() else 31,
                )
                for line in term.line_ids
            ),
            term.discount_percentage if term.early_discount else 0.0,
            term.discount_days if term.early_discount else 0,
        )

    # ---------------------------------------------------------------- in a finding
    def _deviation_findings(self, found):
        """Return deviations as one finding, with names for the reader; None for none."""
        changes = [[item.code, self._named_figures(item)] for item in found]
        if not changes:
            return None
        sizes = {key: size for item in found for key, size in item.sizes.items()}
        if len(changes) == 1:
            return Found(*changes[0], sizes)
        return Found("changed", {"changes": changes}, sizes)

    def _named_figures(self, deviation):
        code, figures = deviation.code, dict(deviation.figures)
        if "product" in figures:
            figures["product"] = self._product_called(figures["product"])
        for key in ("before", "after"):
            if model := FIGURES_OF.get((code, key)):
                # sudo: whoever reads the finding reads what changed
                figures[key] = self.env[model].sudo().browse(figures[key]).exists().display_name or "–"
        if code == "total_changed":
            figures = {
                "expected": figures["before"],
                "actual": figures["after"],
                "currency": self.currency_id.id,
            }
        return figures

    def _product_called(self, product_id):
        """Return how the order calls a product; a line may have none."""
        line = self.order_line.filtered(lambda line: line.product_id.id == product_id)[:1]
        return line.product_id.display_name or line.name

    # ---------------------------------------------------------------- who is concerned by an address
    def _cleared_orders_sent_to(self, partner_ids):
        """Return the cleared, confirmed orders of which something may still go to these partners, or
        to contacts that have their address from them; for delivery or with the invoice.
        """
        self.flush_model(
            ["state", "processing_stage", "review_clearance", "partner_shipping_id", "partner_invoice_id"]
        )
        self.env["res.partner"].flush_model(["parent_id", "type"])
        query = SQL(
            """
            WITH RECURSIVE place (id) AS (
                SELECT unnest(%(partners)s)
                UNION
                SELECT p.id FROM res_partner p JOIN place ON p.parent_id = place.id WHERE p.type = 'contact'
            ), cleared AS NOT MATERIALIZED (
                SELECT id, partner_shipping_id, partner_invoice_id
                  FROM sale_order
                 WHERE state = 'sale'
                   AND review_clearance IS NOT NULL
                   AND processing_stage NOT IN ('shipped', 'in_transit', 'delivered', 'completed')
            )
            SELECT id FROM cleared WHERE partner_shipping_id IN (SELECT id FROM place)
            UNION
            SELECT id FROM cleared WHERE partner_invoice_id IN (SELECT id FROM place)
            ORDER BY id
            """,
            partners=list(partner_ids),
        )
        return self.browse(row[0] for row in self.env.execute_query(query))
