from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, float_round

from ..engine.drift import Figures, Line, cause_of, kinds_of, state_of, to_release
from .order_reservation_drift import CURRENT
from .order_reservation_drift_sql import KEY, of_product


class OrderReservationDrift(models.Model):
    """How what does not add up is put right: at a place at a time, whatever is wrong there.

    In this order: stock recorded twice becomes one record, its reservation what the transfers hold, and
    where more was reserved automatically than is there, the lowest ranks give it back. What is picked
    already or was typed by hand stays.
    """

    _inherit = "order.reservation.drift"

    def action_repair(self):
        """Repair what is selected and still there; each place alone, so that none can spoil another."""
        self._check_may_repair()
        # sudo: the right to repair was checked; stock records and drifts are written by methods only
        drifts = self.sudo().filtered(lambda drift: drift.state in CURRENT)
        if drifts:
            self.env["stock.quant"].sudo()._lock_for_reservation(drifts.product_id, drifts.location_id)
            for same_place in drifts.grouped(lambda drift: drift._place()).values():
                same_place[0]._repair_place()
            # What is free now goes to whoever is first.
            self.env["stock.move"].sudo()._wake_allocator()
            for company in drifts.company_id or drifts._of_shared_locations():
                drifts._follow_up(company)
        return drifts._repair_report()

    def action_repair_all(self):
        """Repair whatever is listed as to repair, in the companies one works in."""
        self._check_may_repair()
        companies = [*self.env.companies.ids, False]
        return self.search([("state", "=", "open"), ("company_id", "in", companies)]).action_repair()

    def _repair_report(self):
        """Say in how far it worked."""
        repaired = self.filtered(lambda drift: drift.state == "repaired")
        failed = self.filtered("problem")
        by_hand = self.filtered(lambda drift: drift.state == "by_hand")
        parts = [self.env._("%s repaired.", len(repaired))] if repaired else []
        if by_hand:
            parts.append(self.env._("%s were typed by hand and stay as they are.", len(by_hand)))
        parts += [f"{drift.display_name}: {drift.problem_text}" for drift in failed[:5]]
        message = " ".join(parts) or self.env._("There was nothing to repair.")
        return self._told(message, "warning" if failed else "success")

    # ---------------------------------------------------------------- one place
    def _repair_place(self):
        """Repair everything at this place, or nothing, and say why."""
        drifts = self.search([*self._at_place(), ("state", "in", CURRENT)])
        try:
            with self.env.cr.savepoint():
                before = self._figures()
                released = self._mend(before)
                after = self._figures()
        except UserError as error:
            drifts.write({"problem": {"message": str(error)}})
            return
        for drift in drifts:
            drift._close(before, after, released)

    def _figures(self):
        """Return what is known of the place, read afresh."""
        self.env.flush_all()
        query = of_product(self.product_id.id, self.location_id.id, self._digits())
        for row in self.env.execute_query(query):
            if tuple(value or 0 for value in row[: len(KEY)]) == self._place():
                return Figures(*row[len(KEY) :])
        return Figures()

    def _mend(self, before):
        """Put the place right; return what was released."""
        kinds = kinds_of(before)
        # What others have written since it was last read here counts.
        self.env["stock.quant"].invalidate_model()
        self.env["stock.move.line"].invalidate_model()
        if "duplicate" in kinds:
            self._records()._become_one_record()
        if "mismatch" in kinds:
            self._set_reserved(before)
        excess = before.automatic - max(before.on_hand, 0)
        return self._release(excess) if "over" in kinds and excess > 0 else []

    def _records(self):
        return self.env["stock.quant"].search(self._at_place(), order="id")

    def _set_reserved(self, before):
        """What is reserved is what the transfers hold."""
        if record := self._records():
            record.reserved_quantity = before.by_lines
        else:
            record._update_reserved_quantity(
                self.product_id,
                self.location_id,
                before.by_lines,
                lot_id=self.lot_id,
                package_id=self.package_id,
                owner_id=self.owner_id,
            )

    # ---------------------------------------------------------------- giving back
    def _release(self, excess):
        """Take so much from the lowest ranks; return what, as kept with the drift."""
        lines = self._open_lines().filtered(lambda line: not (line.reserved_by_hand or line.picked))
        ranks = lines.move_id._allocation_ranks()
        candidates = [
            Line(line.id, line.quantity_product_uom, ranks.get(line.move_id.id, "")) for line in lines
        ]
        released = []
        for line_id, quantity in to_release(candidates, float_round(excess, precision_digits=self._digits())):
            line = lines.browse(line_id)
            released.append(self._note_of(line, quantity))
            self._take_from(line, quantity)
        return released

    def _note_of(self, line, quantity):
        note = {"quantity": quantity, "transfer": line.reference or "", "order": line.origin or ""}
        if line.picking_id:
            body = self.env._(
                "%(quantity)s of %(product)s are not reserved any more: more was reserved at %(location)s"
                " than is there.",
                quantity=self._quantity_words(quantity),
                product=line.product_id.display_name,
                location=line.location_id.display_name,
            )
            line.picking_id._message_log(body=body)
        return note

    def _take_from(self, line, quantity):
        """Release a line, or so much of it; the stock record and the state of the transfer follow."""
        keep = line.quantity_product_uom - quantity
        if float_compare(keep, 0, precision_digits=self._digits()) > 0:
            # Down: in the unit of the transfer, too, no more may be kept than is there.
            keep = line.product_id.uom_id._compute_quantity(keep, line.product_uom_id, rounding_method="DOWN")
        if float_compare(keep, 0, precision_digits=self._digits()) > 0:
            line.quantity = keep
        else:
            line.unlink()

    # ---------------------------------------------------------------- what has become of it
    def _close(self, before, after, released):
        """Note what was before and after, and whether it adds up now."""
        if self.kind not in kinds_of(before):
            self.state = "gone"
            return
        vals = {"problem": False}
        if self.kind not in kinds_of(after):
            vals["state"] = "repaired"
        else:
            vals |= {**self._shown(after), "state": state_of(self.kind, after)}
            vals |= dict(zip(("cause", "facts"), cause_of(self.kind, after), strict=True))
            if vals["state"] == "open":
                vals["problem"] = {"code": "picked", "quantity": after.automatic - max(after.on_hand, 0)}
        if released or before[:6] != after[:6]:
            vals |= {
                "before": self._shown(before),
                "after": self._shown(after),
                "released": released,
                "repaired_by_id": self.env.user.id,
                "repaired_at": fields.Datetime.now(),
            }
        self.write(vals)
