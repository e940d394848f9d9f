import re

from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from ..engine.photos import MAX_PHOTOS, PhotoError, clean
from .order_case import KINDS, OPEN
from .order_case_line import REASONS
from .order_case_solve import ARRIVED, PAID

_lt = LazyTranslate(__name__)

MAX_WORDS = 4000
MAX_OPEN = 10
MAX_KEPT = 30  # photos of one case
SENTENCES = {
    "new": _lt("We have your message. You will hear from us soon."),
    "progress": _lt("We are working on it."),
    "waiting": _lt("We are waiting for you."),
    "resolved": _lt("This is resolved. If something is still wrong, just write to us below."),
    "closed": _lt("This is closed."),
}


class OrderCase(models.Model):
    """What the customer sees of a case, and what he sends."""

    _inherit = "order.case"

    photo_ids = fields.Many2many(
        "ir.attachment", string="Photos", compute="_compute_photo_ids", compute_sudo=True
    )

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for case in self:
            case.access_url = f"/my/cases/{case.id}"
        return result

    # ---------------------------------------------------------------- seen
    def _portal_sentence(self):
        is_ours = self.state == "new" and not self._is_from_customer()
        sentence = SENTENCES["progress" if is_ours else self.state]
        return str(self.env._(sentence))

    def _portal_steps(self):
        """Return what was done, in the customer's words, as ``(done, words)``."""
        his = self._is_from_customer()
        steps = [(True, self.env._("We have your message") if his else self.env._("We look after it"))]
        for picking in self.return_ids.filtered(lambda one: one.state != "cancel"):
            done = picking.state == "done"
            words = self.env._("Your goods are back") if done else self.env._("Please send the goods back")
            steps.append((done, words))
        for order in self.replacement_ids.filtered(lambda one: one.state != "cancel"):
            words = self.env._("We send it again with order %s", order.name)
            if order._portal_is_followed():
                words = f"{words}: {order._portal_sentence()}"
            steps.append((order.processing_stage in ARRIVED, words))
        for move in self._live_refunds():
            done = move.payment_state in PAID
            words = self.env._("Your refund is done") if done else self.env._("We are preparing your refund")
            steps.append((done, words))
        if self.state not in OPEN:
            steps.append((True, self.env._("Resolved")))
        return steps

    def _portal_messages(self):
        """Return what was said between the customer and us: no notes, no changes of fields."""
        comment = self.env.ref("mail.mt_comment")
        return self.message_ids.filtered(
            lambda one: one.subtype_id == comment
            and not one.is_internal
            and one.message_type in ("comment", "email")
        ).sorted("id")

    def _compute_photo_ids(self):
        photos = self._portal_photos().grouped("res_id")
        for case in self:
            case.photo_ids = photos.get(case._origin.id, False)

    def _portal_photos(self):
        """Return the pictures customers have sent: only what we have drawn anew."""
        return self.env["ir.attachment"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("description", "=", "photo")],
            order="id",
        )

    def _portal_labels(self):
        """Return the files to send goods back with, while that is what we wait for."""
        waited_for = self.return_ids.filtered(lambda one: one.state not in ("done", "cancel"))
        return waited_for.return_label_ids | self.label_ids if waited_for else self.env["ir.attachment"]

    def _portal_rating_token(self):
        """Return the key of the question how it went, where the customer was asked and has not answered."""
        asked = self.rating_ids.filtered(lambda one: not one.consumed) if self.state not in OPEN else None
        return asked[:1].access_token if asked else ""

    # ---------------------------------------------------------------- sent
    @api.model
    def _get_thread_with_access(self, thread_id, *, mode="read", **_keys):
        """Customers write on our page only, where what they send is looked at: no key opens Odoo's thread."""
        return super()._get_thread_with_access(thread_id, mode=mode)

    @api.model
    def _open_from_form(self, order, author, given, files):
        """Return ``(case, faults)``: the new one, or what was made of the same form before.

        :param author: who has filled it in; somebody who was given the link of the order writes for its
            customer
        """
        order._take_case_turn()
        once = f"{order.id}:{given['once'][:64]}" if given.get("once") else False
        if before := once and self.search([("once", "=", once)], limit=1):
            return before, {}
        values, photos, faults = self._read_form(order, given, files)
        if self.search_count([("order_id", "=", order.id), ("state", "in", OPEN)]) >= MAX_OPEN:
            faults["description"] = self.env._("Please add it to one of your open messages about this order.")
        if faults:
            return self.browse(), faults
        if author.commercial_partner_id != order.partner_id.commercial_partner_id:
            author = order.partner_id
        case = self.create({**values, "partner_id": author.id, "once": once})
        case._keep_photos(photos)
        return case, {}

    def _read_photos(self, files, faults):
        """Return ``(name, mimetype, content)``; what cannot be taken is said in ``faults``."""
        if len(files) > MAX_PHOTOS:
            faults["photos"] = self.env._("Please send at most %s photos.", MAX_PHOTOS)
            return []
        if files and self and len(self._portal_photos()) + len(files) > MAX_KEPT:
            faults["photos"] = self.env._("There are %s photos here already: please describe it.", MAX_KEPT)
            return []
        photos = []
        for name, content in files:
            try:
                mimetype, ending, drawn = clean(content)
            except PhotoError as error:
                faults["photos"] = self._photo_fault(str(error), name)
                continue
            photos.append((_photo_name(name, ending), mimetype, drawn))
        return photos

    def _photo_fault(self, code, name):
        if code == "kind":
            return self.env._("%s is not a picture we can read. Please choose JPEG, PNG or WebP.", name)
        return self.env._("%s is too big. A photo may have up to 10 MB.", name)

    def _keep_photos(self, photos):
        return self.env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "raw": content,
                    "mimetype": mimetype,
                    "res_model": self._name,
                    "res_id": self.id,
                    "description": "photo",
                }
                for name, mimetype, content in photos
            ]
        )

    def _read_form(self, order, given, files):
        """Return ``(values, photos, faults)`` of the form for a new case."""
        faults = {}
        kind = given.get("kind")
        if kind not in dict(KINDS):
            faults["kind"] = self.env._("Please choose what it is about.")
        words = _words(given.get("description"))
        if not words or len(words) > MAX_WORDS:
            faults["description"] = self.env._("Please say in up to %s characters what happened.", MAX_WORDS)
        lines = self._read_lines(order, given, faults)
        photos = self._read_photos(files, faults)
        label = dict(self._fields["kind"]._description_selection(self.env)).get(kind, "")
        values = {
            "kind": kind,
            "subject": f"{label}: {order.name}",
            "description": words,
            "order_id": order.id,
            "company_id": order.company_id.id,
            "source": "portal",
            "line_ids": [fields.Command.create(line) for line in lines],
        }
        return values, photos, faults

    def _read_lines(self, order, given, faults):
        lines = []
        for sold in order.order_line.filtered(lambda line: line.product_id and not line.display_type):
            typed = _words(given.get(f"quantity_{sold.id}"))
            if not typed:
                continue
            quantity = float(typed.replace(",", ".")) if re.fullmatch(r"\d{1,9}([.,]\d{1,4})?", typed) else -1
            if quantity < 0 or quantity > sold.product_uom_qty:
                faults["lines"] = self.env._(
                    "Of %(product)s you can choose up to %(sold)g.",
                    product=sold.product_id.name,
                    sold=sold.product_uom_qty,
                )
            elif quantity:
                reason = given.get(f"reason_{sold.id}")
                reason = reason if reason in dict(REASONS) else "other"
                lines.append({"sale_line_id": sold.id, "quantity": quantity, "reason": reason})
        return lines


def _words(typed):
    typed = typed if isinstance(typed, str) else ""
    return typed.replace("\r\n", "\n").replace("\x00", "").strip()


def _photo_name(name, ending):
    """Return a name without a path, and with the ending of what the picture really is."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    stem = "".join(sign for sign in bare.rpartition(".")[0] or bare if sign.isprintable())
    return f"{stem[:80].strip() or 'photo'}.{ending}"
