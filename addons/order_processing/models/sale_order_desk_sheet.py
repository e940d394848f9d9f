from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.review import percent_off
from .review_facts import ReviewFacts

A_YEAR = timedelta(days=365)
# So much is enough to decide on; the rest is one click away.
SIMILAR, RECENT, LINES = 5, 5, 40
# Less often is not enough to call it usual.
ENOUGH = 3


class SaleOrder(models.Model):
    """Everything one needs to decide on an order, on one sheet: the order against what is usual, the
    customer at a glance, money, stock, similar orders of the past.
    """

    _inherit = "sale.order"

    review_sheet_html = fields.Html(
        "Everything to decide",
        compute="_compute_review_sheet_html",
        sanitize=False,
        groups="order_processing.group_order_processing_reviewer",
    )

    @api.depends_context("lang", "tz", "uid")
    def _compute_review_sheet_html(self):
        for order in self:
            sheet = order._origin._review_sheet() if order._origin.id else None
            order.review_sheet_html = sheet and self.env["ir.qweb"]._render(
                "order_processing.review_sheet", {"order": order._origin.sudo(), **sheet}
            )

    def _review_sheet(self):
        """Return what the sheet shows, as plain values."""
        self.ensure_one()
        self.check_access("read")
        # sudo: whoever may decide sees what the customer owes and what is in stock
        order = self.sudo().with_company(self.company_id)
        lines = order._sheet_lines()
        return {
            "lines": lines,
            "more_lines": max(len(order._sheet_goods()) - LINES, 0),
            "money": order._sheet_money(),
            "customer": order._sheet_customer(),
            "recent": order._sheet_recent(),
            "similar": order._sheet_similar(),
            "outcomes": self._sheet_outcomes(),
            "company_currency": order.company_id.currency_id,
        }

    # ---------------------------------------------------------------- the order, line by line
    def _sheet_goods(self):
        return self.order_line.filtered(lambda line: line.product_id and not line.display_type)

    def _sheet_lines(self):
        """Return each line against its list price, what is usual, and what is free in stock."""
        facts = ReviewFacts(self)
        rows = {row.id: row for row in facts.lines.get(self.id, ())}
        customer = facts.orders[self.id].commercial_id
        goods = self._sheet_goods()[:LINES].with_context(warehouse_id=self.warehouse_id.id)
        free = {p.id: p.free_qty for p in goods.product_id.with_context(warehouse_id=self.warehouse_id.id)}
        return [
            {
                "line": line,
                **self._sheet_line(facts, rows.get(line.id), customer, free.get(line.product_id.id, 0.0)),
            }
            for line in goods
        ]

    @staticmethod
    def _sheet_line(facts, row, customer, free):
        if row is None:  # freight and the like, which nobody looks at
            nothing = dict.fromkeys(("list_price", "off", "usual", "paid", "free"))
            return {**nothing, "times": 0, "short": 0.0}
        list_price = facts.list_prices.get(row.id)
        habit = facts.habits.quantity(customer, row.product_id)[0]
        is_stored = row.product_type == "consu"
        return {
            "list_price": list_price,
            "off": percent_off(row.net_price, list_price) if list_price else None,
            "usual": (habit.low, habit.high) if habit and habit.count >= ENOUGH else None,
            "times": habit.count if habit else 0,
            "paid": facts.habits.last_price(customer, row.product_id),
            "free": free if is_stored else None,
            "short": max(row.base_quantity - free, 0.0) if is_stored else 0.0,
        }

    # ---------------------------------------------------------------- money
    def _sheet_money(self):
        """Return margin and credit, in the company's currency."""
        rate = self.currency_rate or 1.0
        goods = self._sheet_goods()
        sold = sum(line.price_subtotal for line in goods) / rate
        cost = sum(
            line.product_uom_id._compute_quantity(line.product_uom_qty, line.product_id.uom_id)
            * line.product_id.standard_price
            for line in goods
        )
        partner = self.partner_id.commercial_partner_id
        due, limit = partner.credit + partner.credit_to_invoice, partner.credit_limit
        amount = self.amount_total / rate
        return {
            "amount": amount,
            "margin": sold - cost,
            "margin_percent": (sold - cost) / sold * 100 if sold and cost else None,
            "due": due,
            "overdue": self._overdue(partner),
            "limit": limit if self.company_id.account_use_credit_limit else 0.0,
            "after": due + (amount if self.state != "sale" else 0.0),
            "terms": self.payment_term_id.name or "",
            "paid": sum(
                self.transaction_ids.filtered(lambda tx: tx.state in ("authorized", "done")).mapped("amount")
            ),
        }

    def _overdue(self, partner):
        """Return what the customer should have paid by today."""
        domain = [
            ("partner_id.commercial_partner_id", "=", partner.id),
            ("company_id", "=", self.company_id.id),
            ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("date_maturity", "<", fields.Date.context_today(self)),
        ]
        ((overdue,),) = self.env["account.move.line"]._read_group(domain, [], ["amount_residual:sum"])
        return overdue or 0.0

    # ---------------------------------------------------------------- the customer
    def _sheet_customer(self):
        """Return how long we know the customer, how much they order, and how much of it came back."""
        query = SQL(
            """
            SELECT min(o.date_order) FILTER (WHERE o.state = 'sale'),
                   count(*) FILTER (WHERE o.state = 'sale'),
                   count(*) FILTER (WHERE o.state = 'sale' AND o.date_order >= %(since)s),
                   COALESCE(sum(o.amount_total / COALESCE(NULLIF(o.currency_rate, 0), 1))
                            FILTER (WHERE o.state = 'sale' AND o.date_order >= %(since)s), 0),
                   count(*) FILTER (WHERE o.state = 'cancel' AND o.submitted_at IS NOT NULL
                                      AND o.date_order >= %(since)s)
              FROM sale_order o JOIN res_partner p ON p.id = o.partner_id
             WHERE p.commercial_partner_id = %(partner)s AND o.company_id = %(company)s AND o.id <> %(order)s
            """,
            since=fields.Datetime.now() - A_YEAR,
            partner=self.partner_id.commercial_partner_id.id,
            company=self.company_id.id,
            order=self.id,
        )
        self.flush_model(
            ["state", "date_order", "amount_total", "currency_rate", "submitted_at", "partner_id"]
        )
        first, orders, year_orders, year_amount, cancelled = self.env.execute_query(query)[0]
        partner = self.partner_id.commercial_partner_id
        return {
            "partner": partner,
            "first": first,
            "orders": orders,
            "year_orders": year_orders,
            "year_amount": float(year_amount),
            "average": float(year_amount) / year_orders if year_orders else 0.0,
            "cancelled": cancelled,
            "refunds": self._count_refunds(partner),
            "tags": partner.category_id.mapped("name"),
            "blocked": partner.order_blocked,
            "block_reason": partner.order_block_reason or "",
        }

    def _count_refunds(self, partner):
        domain = [
            ("commercial_partner_id", "=", partner.id),
            ("company_id", "=", self.company_id.id),
            ("move_type", "=", "out_refund"),
            ("state", "=", "posted"),
            ("invoice_date", ">=", fields.Date.context_today(self) - A_YEAR),
        ]
        return self.env["account.move"].search_count(domain)

    def _sheet_recent(self):
        domain = [
            ("partner_id.commercial_partner_id", "=", self.partner_id.commercial_partner_id.id),
            ("company_id", "=", self.company_id.id),
            ("id", "!=", self.id),
            ("processing_stage", "!=", "quotation"),
        ]
        return self.search(domain, order="date_order desc, id desc", limit=RECENT)

    def _sheet_similar(self):
        """Return ``[(order, shared products)]``: the customer's past orders that are most like this."""
        products = self._sheet_goods().product_id.ids
        self.env["sale.order.line"].flush_model(["product_id", "order_partner_id", "state"])
        query = SQL(
            """
            SELECT l.order_id, count(DISTINCT l.product_id)
              FROM res_partner p
              JOIN sale_order_line l ON l.order_partner_id = p.id
             WHERE p.commercial_partner_id = %s AND l.company_id = %s AND l.product_id = ANY(%s)
               AND l.order_id <> %s AND l.state IN ('sale', 'cancel')
             GROUP BY l.order_id ORDER BY 2 DESC, 1 DESC LIMIT %s
            """,
            self.partner_id.commercial_partner_id.id,
            self.company_id.id,
            products,
            self.id,
            SIMILAR,
        )
        rows = self.env.execute_query(query) if products else []
        return [(self.browse(order_id), shared) for order_id, shared in rows]

    # ---------------------------------------------------------------- what each button does
    def _sheet_outcomes(self):
        """Return what becomes of the order by each decision, in words."""
        figures = {"customer": self.partner_id.name, "email": self.sudo().partner_id.email}  # sudo: as above
        if figures["email"]:
            refuse = self.env._(
                "The order stops. %(customer)s reads your reason in the portal and by mail (%(email)s).",
                **figures,
            )
            ask = self.env._(
                "It waits for an answer, and no time runs. %(customer)s reads your question in the portal and"
                " by mail (%(email)s).",
                **figures,
            )
        else:
            refuse = self.env._(
                "The order stops. %s reads your reason in the portal; without an e-mail address, the"
                " salesperson is asked to call.",
                figures["customer"],
            )
            ask = self.env._(
                "It waits for an answer, and no time runs. %s reads your question in the portal; without an"
                " e-mail address, the salesperson is asked to call.",
                figures["customer"],
            )
        return [
            (self.env._("Approve"), self._approve_outcomes()[self.id]),
            (self.env._("Refuse"), refuse),
            (self.env._("Ask for a Change"), ask),
        ]
