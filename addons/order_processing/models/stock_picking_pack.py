from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError

# More than that is a slip of the finger.
MOST = 1e9


class StockPicking(models.Model):
    """Packing: a transfer is counted piece by piece and closed; whoever comes back goes on where it stood."""

    _inherit = "stock.picking"

    # ---------------------------------------------------------------- what the packing table calls
    def pack_open(self):
        """Return what is to be packed and how far it is; note that the acting user packs it."""
        self._check_may_pack()
        self.ensure_one()
        self._note_packing()
        return self._pack_sheet()

    def pack_scan(self, code):
        """Count what was scanned; return what came of it, ``{"result", "message", "line_id", "sheet"}``.

        ``result``: counted, complete, transfer (another one was scanned), or why it was not counted:
        unknown, wrong, too_many, lot.
        """
        self._check_may_pack()
        self.ensure_one()
        answer = self._pack_scanned(self._as_code(code))
        if answer["result"] == "transfer":
            return answer
        self._note_packing()
        return {**answer, "sheet": self._pack_sheet()}

    def pack_count(self, line_id, quantity):
        """Set by hand how much of a line is in the parcel, in the unit of the product."""
        self._check_may_pack()
        self.ensure_one()
        self._check_still_open()
        quantity = self._as_quantity(quantity)
        line = self.move_line_ids.filtered(lambda one: one.id == line_id)
        if not line:
            raise UserError(
                self.env._("This line has changed in the meantime. Look again and count once more.")
            )
        line._check_can_be_counted(quantity)
        line._count(quantity)
        self._note_packing()
        return {
            "result": "complete" if self._is_packed_whole() else "counted",
            "message": line._counted_words(),
            "line_id": line.id,
            "sheet": self._pack_sheet(),
        }

    def pack_leave(self):
        """The acting user has left the packing table."""
        self._check_may_pack()
        # sudo: their own note, nothing else
        notes = self.env["order.pack.look"].sudo()
        notes.search([("user_id", "=", self.env.uid), ("picking_id", "in", self.ids)]).unlink()
        return True

    def pack_close(self, rest=False, in_package=False):
        """Close the parcel: put it into a package where asked, and validate the transfer as Odoo does.

        ``rest``: what becomes of what is not in it, ``later`` or ``stop``. Return ``{"done": True}``,
        ``{"ask": missing}`` when that has to be said first, or ``{"action": …}`` when Odoo asks more.
        """
        self._check_may_pack()
        self.ensure_one()
        self._check_still_open()
        counted = self.move_line_ids.filtered(lambda line: line.packed_qty > 0)
        if not counted:
            raise UserError(self.env._("Nothing is counted yet. Scan what goes into the parcel first."))
        self._check_not_over()
        if rest and rest not in self._rest_choices():
            raise UserError(self.env._("This is no answer to what becomes of the rest of %s.", self.name))
        missing = self._pack_missing()
        if missing and not rest and self.picking_type_id.create_backorder != "always":
            return {"ask": missing, "choices": self._rest_choices()}
        action = self._close_parcel(counted, rest if missing else False, in_package)
        if self.state == "done":
            self._forget_packing()
            return {"done": True, "action": action if isinstance(action, dict) else False}
        return {"done": False, "action": action}

    # ---------------------------------------------------------------- rights
    def _check_may_pack(self):
        self._check_works_in_warehouse()
        self.check_access("write")

    def _check_still_open(self):
        if self.state in ("done", "cancel"):
            raise UserError(
                self.env._(
                    "%s is closed already; nothing can be counted any more.",
                    self.name,
                )
            )
        self._check_not_held_for_packing()

    def _check_not_held_for_packing(self):
        """Nothing is packed of what may not leave: the order is under review again, or held back here."""
        self.move_ids.filtered(lambda move: not move.location_id._is_at_customer())._check_not_held()
        if self.dispatch_by_hand == "held":
            raise UserError(
                self.env._(
                    "%(transfer)s is held back: %(reason)s. Release it on the board first.",
                    transfer=self.name,
                    reason=self.dispatch_hold_reason or self.env._("no reason was given"),
                )
            )

    # ---------------------------------------------------------------- what clients send
    @staticmethod
    def _as_code(code):
        """Return what was scanned without what no label can hold."""
        return "".join(one for one in code if one.isprintable()).strip() if isinstance(code, str) else ""

    def _as_quantity(self, quantity):
        is_number = isinstance(quantity, int | float) and not isinstance(quantity, bool)
        if not is_number or not abs(quantity) <= MOST:  # what is no number is not smaller either
            raise UserError(self.env._("“%s” is no quantity. Type a number.", str(quantity)[:40]))
        return quantity

    # ---------------------------------------------------------------- closing
    def button_validate(self):
        waves = self.filtered(lambda picking: picking.batch_id.departure_id).grouped("batch_id")
        result = super().button_validate()
        for wave, pickings in waves.items():
            pickings._stay_in_wave(wave)
        return result

    def _action_done(self):
        # By whatever way it is validated, what was counted goes and nothing else. Here and not before: until
        # it is done somebody may think better of it, and what is set aside stays set aside.
        self._check_not_over()
        self.move_line_ids._keep_counted()
        return super()._action_done()

    def _stay_in_wave(self, wave):
        """A wave is packed one by one: Odoo takes out those that are done before the others."""
        left = self.filtered(lambda picking: picking.state == "done" and picking.batch_id != wave)
        if left:
            left._write_dispatch({"batch_id": wave.id})

    def _close_parcel(self, counted, rest, in_package):
        (self.move_line_ids - counted).filtered("picked").write({"picked": False})
        if in_package and (unpacked := counted.filtered(lambda line: not line.result_package_id)):
            # The kind of package is asked for where the operation wants it; here the packer has said: close.
            unpacked._put_in_pack()
        if rest:
            return self._answer_backorder(rest)
        return self.button_validate()

    def _answer_backorder(self, rest):
        """Validate, answering Odoo's question what becomes of what is missing."""
        wizard = (
            self.env["stock.backorder.confirmation"]
            .with_context(button_validate_picking_ids=self.ids)
            .create(
                {
                    "pick_ids": [fields.Command.set(self.ids)],
                    "backorder_confirmation_line_ids": [
                        fields.Command.create({"to_backorder": rest == "later", "picking_id": self.id})
                    ],
                }
            )
        )
        self._sanity_check()
        return wizard.process() if rest == "later" else wizard.process_cancel_backorder()

    def _rest_choices(self):
        """Return what the operation type lets people answer."""
        fixed = {"never": ["stop"], "always": ["later"]}
        return fixed.get(self.picking_type_id.create_backorder, ["later", "stop"])

    def _is_packed_whole(self):
        return not self._pack_missing() and not self._pack_over()

    # ---------------------------------------------------------------- who is at it
    def _note_packing(self):
        self.env["order.pack.look"].sudo()._note(self, self.env.user)  # sudo: nobody writes it by hand

    def _forget_packing(self):
        notes = self.env["order.pack.look"].sudo()  # sudo: the parcel is closed, nobody packs it
        notes.search([("picking_id", "in", self.ids)]).unlink()


class StockPickingBatch(models.Model):
    _inherit = "stock.picking.batch"

    @api.readonly
    def pack_list(self):
        """Return the transfers of the wave in the order in which they are packed."""
        self.picking_ids._check_works_in_warehouse()
        self.check_access("read")
        self.ensure_one()
        pickings = self.picking_ids.filtered(lambda one: one.state != "cancel")
        pickings.fetch(["name", "partner_id", "state", "priority", "priority_score", "dispatch_by_hand"])
        first = pickings.sorted(
            lambda one: (
                not one._is_urgent(),
                -one.priority_score,
                one.dispatch_due or datetime.max,
                one.id,
            )
        )
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "transfers": [picking._pack_entry() for picking in first],
        }
