import logging

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .order_shortage import SEVERITY
from .sale_order_rules import RETRIED
from .shortage_facts import ShortageFacts, Wanted

_logger = logging.getLogger(__name__)
SWEEP = 200  # products in one step of the sweep


class OrderShortage(models.Model):
    """Keeping the rows as things are: read once, decide in the engine, write what is different."""

    _inherit = "order.shortage"

    @api.model
    def _update(self, products, warehouses):
        """Look at what is short of these products in these warehouses; follow it up; return the open rows.

        Called again nothing changes; a constant number of queries, however many orders wait. What is
        raised and told is never in the way of what called it.
        """
        # sudo: nobody makes shortages by hand; company settings
        warehouses = warehouses.sudo().filtered(lambda w: w.company_id.promise_mode != "off")
        if not (products and warehouses):
            return self.browse()
        shortages = self.sudo()
        current = shortages._refresh(products, warehouses)
        # Where dates are only shown, nothing else happens.
        promising = warehouses.company_id.filtered(lambda company: company._promises())
        automatic = promising.filtered(lambda company: company.shortage_replenish == "automatic")
        if current.filtered(lambda one: one.company_id in automatic)._attempt("_replenish"):
            current = shortages._refresh(products, warehouses)
        for company in promising:
            shortages._attempt("_tell_buyers", company)
        return current.with_env(self.env)

    def _refresh(self, products, warehouses):
        """Bring the rows of these products in line with the stock; return those that are open."""
        found = ShortageFacts(self.env, products, warehouses).found()
        known = {one._wanted(): one for one in self._open_of(products, warehouses)}
        known_gone = [one for wanted, one in known.items() if wanted not in found]
        self.browse(one.id for one in known_gone)._close()
        new = [wanted for wanted in found if wanted not in known]
        self._insert(new, found)
        current = self._open_of(products, warehouses)
        current._write_changes(found)
        return current

    def _open_of(self, products, warehouses):
        domain = Domain("state", "=", "open") & Domain("product_id", "in", products.ids)
        return self.search(domain & Domain("warehouse_id", "in", warehouses.ids))

    def _wanted(self):
        return Wanted(self.line_id.id, self.product_id.id, self.warehouse_id.id)

    # ---------------------------------------------------------------- opening
    def _insert(self, new, found):
        """Add rows; where another process just has, the database asks for this one to be done again."""
        if not new:
            return
        # What was closed just now must be in the database before the cache is emptied.
        self.env["order.shortage"].flush_model()
        # Browsed together, so that they are read together.
        lines = {
            line.id: line for line in self.env["sale.order.line"].browse({wanted.line_id for wanted in new})
        }
        now = fields.Datetime.now()
        rows = [
            (
                line.id,
                line.order_id.id,
                line.order_id.partner_id.id,
                line.company_id.id,
                wanted.product_id,
                wanted.warehouse_id,
                found[wanted].quantity,
                now,
            )
            for wanted in new
            for line in [lines[wanted.line_id]]
        ]
        query = SQL(
            """INSERT INTO order_shortage
                      (line_id, order_id, partner_id, company_id, product_id, warehouse_id, quantity, since,
                       state, risk, severity, create_uid, create_date, write_uid, write_date)
               SELECT v.*, 'open', 'nothing', 0, %(uid)s, %(now)s, %(uid)s, %(now)s
                 FROM (VALUES %(rows)s) v
                   ON CONFLICT (line_id, product_id, warehouse_id) WHERE state = 'open' DO NOTHING
                RETURNING id""",
            rows=SQL(", ").join(SQL("%s", row) for row in rows),
            uid=self.env.uid,
            now=now,
        )
        self.env.execute_query(query)
        self.env["order.shortage"].invalidate_model(flush=False)
        self._forget_of_orders()

    # ---------------------------------------------------------------- what is different
    def _write_changes(self, found):
        buyers = self._buyers()
        for shortage in self:
            short = found[shortage._wanted()]
            vals = {**shortage._prepare_vals(short), "buyer_id": buyers.get(shortage.id)}
            changed = {name: value for name, value in vals.items() if shortage._plain(name) != value}
            if changed and shortage.told_at and shortage._is_worse_with(changed):
                changed["worse_at"] = fields.Datetime.now()
            if changed:
                shortage.write(changed)
        self._write_help(found)

    def _is_worse_with(self, changed):
        """Tell whether it has become worse, or another buyer's: that is told."""
        return (
            changed.get("severity", self.severity) < self.severity
            or changed.get("quantity", 0.0) > self.quantity
            or changed.get("buyer_id", self.buyer_id.id) != self.buyer_id.id
        )

    def _plain(self, name):
        value = self[name]
        return (value.id or None) if self._fields[name].relational else value

    def _prepare_vals(self, short):
        due = self._due_date()
        arrival = short.date
        risk = "nothing" if not arrival else "late" if due and arrival > due else "in_time"
        unit = self.uom_id
        return {
            "quantity": unit.round(short.quantity),
            "uncovered_qty": unit.round(short.uncovered),
            "due_date": due or False,
            "expected_date": short.date or False,
            "risk": risk,
            "severity": SEVERITY[risk],
            "is_firm": short.firm,
            "is_unavailable": self.is_unavailable and bool(short.uncovered),
            "value": self._value_of(short.quantity),
        }

    def _due_date(self):
        """Return when the goods have to be there: for what was promised, else for what was asked for."""
        order = self.order_id
        return (
            self.line_id.ready_date
            or order.first_promise_date
            or order.requested_date
            or order.commitment_date
        )

    def _value_of(self, quantity):
        """Return what the customer pays for so much of it, in the company's currency."""
        line = self.line_id
        # Of a kit, what is missing of its parts holds up the kit.
        ordered = line.product_uom_id._compute_quantity(
            line.product_uom_qty, self.product_id.uom_id, raise_if_failure=False
        )
        share = min(quantity / ordered, 1.0) if ordered else 0.0
        amount = line.price_subtotal * share / (line.order_id.currency_rate or 1.0)
        return self.company_id.currency_id.round(amount)

    def _write_help(self, found):
        """Replace the rows of what helps where they are not the same any more, all at once."""
        wanted = {
            one: {
                (coming.key, coming.date, coming.firm): quantity
                for coming, quantity in found[one._wanted()].helped_by
            }
            for one in self
        }
        stale = self.filtered(lambda one: one.help_ids._as_plain() != wanted[one])
        stale.help_ids.unlink()
        self.env["order.shortage.help"].create(
            [
                {
                    "shortage_id": one.id,
                    "kind": document.kind,
                    "document_model": document.model,
                    "document_id": document.id,
                    "document_name": document.name,
                    "date": date,
                    "is_firm": firm,
                    "quantity": quantity,
                }
                for one in stale
                for (document, date, firm), quantity in wanted[one].items()
            ]
        )

    # ---------------------------------------------------------------- closing
    def _close(self):
        """Nothing is missing any more: the goods are there or gone out, or nobody wants them."""
        if not self:
            return
        unwanted = self.filtered(lambda one: one._is_unwanted())
        now = fields.Datetime.now()
        self.help_ids.unlink()
        gone = {"quantity": 0.0, "uncovered_qty": 0.0, "closed_at": now}
        unwanted.write({**gone, "state": "cancelled"})
        (self - unwanted).write({**gone, "state": "solved"})
        self._forget_of_orders()

    def _forget_of_orders(self):
        """The orders' list of what is short is not what it was."""
        self.env["sale.order"].invalidate_model(["shortage_ids"], flush=False)

    def _is_unwanted(self):
        line = self.line_id
        nothing_left = line.product_uom_id.compare(line.product_uom_qty, line.qty_delivered) <= 0
        open_moves = line.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        return line.order_id.state == "cancel" or (not open_moves and nothing_left and not line.qty_delivered)

    # ---------------------------------------------------------------- nothing is lost
    @api.model
    def _cron_sweep(self):
        """Look at everything that waits, whatever was noted: what a killed process left is found here."""
        shortages = self.sudo()  # sudo: a scheduled action for all companies
        warehouses = shortages.env["stock.warehouse"].search([("company_id.promise_mode", "!=", "off")])
        shortages._forget_where_off()
        product_ids = shortages._waiting_products(warehouses)
        for start in range(0, len(product_ids), SWEEP):
            step = product_ids[start : start + SWEEP]
            shortages._sweep_step(step, warehouses)
            left = len(product_ids) - start - len(step)
            if not self.env["ir.cron"]._commit_progress(len(step), remaining=left):
                return

    def _sweep_step(self, product_ids, warehouses):
        """Look at these products; where that fails, close in on the one that does, and leave only that."""
        queue = [product_ids]
        while queue:
            part = queue.pop()
            products = self.env["product.product"].browse(part)
            if self._attempt("_look_at", products, warehouses) or len(part) == 1:
                continue
            middle = len(part) // 2
            queue += [part[:middle], part[middle:]]

    def _look_at(self, products, warehouses):
        self._update(products, warehouses)
        self.env.flush_all()
        return True

    def _forget_where_off(self):
        """Close what is left from before promises were switched off."""
        domain = Domain("state", "=", "open") & Domain("company_id.promise_mode", "=", "off")
        left = self.search(domain)
        left.activity_ids.unlink()
        left.write({"state": "cancelled", "closed_at": fields.Datetime.now()})

    def _waiting_products(self, warehouses):
        moves = self.env["stock.move"]._read_group(
            Domain("sale_line_id", "!=", False)
            & Domain("state", "in", ("confirmed", "partially_available"))
            & Domain("procure_method", "=", "make_to_stock")
            & Domain("company_id", "in", warehouses.company_id.ids),
            ["product_id"],
        )
        known = self._read_group(
            Domain("state", "=", "open") & Domain("company_id", "in", warehouses.company_id.ids),
            ["product_id"],
        )
        return sorted({product.id for (product,) in (*moves, *known)})

    def _attempt(self, name, *args):
        """Call a method by its name; when it fails, undo it, note it in the log, and go on."""
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                return getattr(self, name)(*args)
        except RETRIED:
            raise
        except Exception:  # noqa: BLE001  what is short must be seen whatever becomes of ordering it
            _logger.warning("%s%s failed for shortages %s", name, args, self.ids, exc_info=True)
            return None
