from psycopg2.errors import LockNotAvailable, SerializationFailure

from odoo import api, models
from odoo.tools import SQL

from .inside import PASSING_ON, Ledger, Release

# Kept with what the transaction has still to do, so forgotten with it, and when it goes back to a savepoint
# (one that flushes: whoever locks inside of one that does not must not go on after rolling it back).
LOCKED = "order_processing.locked_stock"
LEDGER = "reservation_ledger"
RELEASING = "releasing_reservation"
RESERVABLE_USAGES = ("internal", "transit")


class StockQuant(models.Model):
    """Nobody reserves, and nobody takes away, what he has not locked first.

    Odoo skips a quant that somebody else has locked and books on a new, empty one: both believe they have
    the goods. Here whoever wants some waits, or is told that he does not get the lock.
    """

    _inherit = "stock.quant"

    # ---------------------------------------------------------------- locks
    @api.model
    def _lock_for_reservation(self, products, locations, wait=True):
        """Lock the stock of these products in the warehouses of these locations; return those locked.

        All at once and in the order of ids, so that two that want the same goods do not wait for each
        other in a circle. With ``wait`` False nobody waits: products are left out whose stock somebody
        else holds, or has changed since this transaction began to look.
        """
        places = locations.filtered(lambda location: location.usage in RESERVABLE_USAGES)
        goods = products.filtered("is_storable")
        warehouse_ids = {location.warehouse_id.id or 0 for location in places}
        wanted = {product_id for product_id in goods.ids if not self._has_locked(product_id, warehouse_ids)}
        if not wanted or not warehouse_ids:
            return products
        got = wanted
        if wait:
            self._lock_rows(wanted, warehouse_ids)
        else:
            got = self._lock_what_is_free(sorted(wanted), warehouse_ids)
        held = self.env.cr.precommit.data.setdefault(LOCKED, set())
        held.update((product_id, warehouse_id) for product_id in got for warehouse_id in warehouse_ids)
        return products.filtered(lambda product: product.id not in wanted - got)

    @api.model
    def _has_locked(self, product_id, warehouse_ids):
        held = self.env.cr.precommit.data.get(LOCKED, ())
        return all((product_id, warehouse_id) in held for warehouse_id in warehouse_ids)

    @api.model
    def _lock_rows(self, product_ids, warehouse_ids, nowait=False):
        self.env.cr.execute(
            SQL(
                """SELECT q.id FROM stock_quant q JOIN stock_location l ON l.id = q.location_id
                    WHERE q.product_id = ANY(%s) AND l.usage = ANY(%s)
                      AND COALESCE(l.warehouse_id, 0) = ANY(%s)
                    ORDER BY q.id FOR NO KEY UPDATE OF q %s""",
                list(product_ids),
                list(RESERVABLE_USAGES),
                list(warehouse_ids),
                SQL("NOWAIT") if nowait else SQL(),
            ),
            log_exceptions=False,
        )

    @api.model
    def _lock_what_is_free(self, product_ids, warehouse_ids):
        """Return the products whose stock could be locked without waiting: all, or by ever smaller parts."""
        try:
            with self.env.cr.savepoint(flush=False):
                self._lock_rows(product_ids, warehouse_ids, nowait=True)
        except (LockNotAvailable, SerializationFailure):
            if len(product_ids) == 1:
                return set()
            middle = len(product_ids) // 2
            return self._lock_what_is_free(product_ids[:middle], warehouse_ids) | self._lock_what_is_free(
                product_ids[middle:], warehouse_ids
            )
        return set(product_ids)

    # ---------------------------------------------------------------- whatever changes the stock
    @api.model
    def _update_available_quantity(
        self,
        product_id,
        location_id,
        quantity=False,
        reserved_quantity=False,
        lot_id=None,
        package_id=None,
        owner_id=None,
        in_date=None,
    ):
        if (quantity or 0) < 0 or (reserved_quantity or 0) > 0:
            self._lock_for_reservation(product_id, location_id)
        if (reserved_quantity or 0) < 0:
            self = self.with_context(**{RELEASING: Release(-reserved_quantity)})
        free, in_date = super()._update_available_quantity(
            product_id,
            location_id,
            quantity=quantity,
            reserved_quantity=reserved_quantity,
            lot_id=lot_id,
            package_id=package_id,
            owner_id=owner_id,
            in_date=in_date,
        )
        if location_id.usage in RESERVABLE_USAGES:
            if (reserved_quantity or 0) > 0 and product_id.uom_id.compare(free, 0) < 0:
                self.env["stock.move.line"]._note_beyond()
            if (reserved_quantity or 0) < 0 or (quantity or 0) > 0:
                self.env["stock.move"]._note_freed(product_id, location_id)
        return free, in_date

    def _gather(
        self, product_id, location_id, lot_id=None, package_id=None, owner_id=None, strict=False, qty=0
    ):
        quants = super()._gather(product_id, location_id, lot_id, package_id, owner_id, strict, qty)
        released = self.env.context.get(RELEASING)
        if isinstance(released, Release) and strict and len(quants) > 1:
            return quants._that_can_release(product_id, released)
        return quants

    def _that_can_release(self, product, quantity):
        """Of several quants of a kind, return those from which so much can be given back.

        Odoo takes the first that nobody has locked, and what is not reserved there is never given back. Where
        none has enough, or those that do are locked, it books the release on a new quant: the sum is right.
        """
        compare = product.uom_id.compare
        if compare(sum(self.mapped("reserved_quantity")), quantity) < 0:
            return self  # more is given back than is reserved at all: Odoo stops at zero
        return self.filtered(lambda quant: compare(quant.reserved_quantity, quantity) >= 0)

    @api.model
    def _update_reserved_quantity(
        self, product_id, location_id, quantity, lot_id=None, package_id=None, owner_id=None, strict=True
    ):
        ledger = self.env.context.get(LEDGER)
        if ledger is PASSING_ON:
            return None
        if isinstance(ledger, Ledger) and quantity > 0:
            ledger.note(product_id, location_id, quantity, lot_id, package_id, owner_id)
            return None
        return super()._update_reserved_quantity(
            product_id, location_id, quantity, lot_id, package_id, owner_id, strict
        )
