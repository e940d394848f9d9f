from odoo import models
from odoo.exceptions import UserError
from odoo.tools import OrderedSet

from .stock_picking_dispatch import parcels_of

LABEL_REPORT = "order_processing.action_report_parcel_label"
SLIP_REPORT = "order_processing.action_report_packing_slip"


def quantity_words(env, quantity, uom):
    """Return a quantity as it is written on papers: no needless zeros, the unit unless it is pieces."""
    text = f"{quantity:.5f}".rstrip("0").rstrip(".") or "0"
    point = env["res.lang"]._get_data(code=env.lang or env.user.lang).decimal_point or "."
    text = text.replace(".", point)
    pieces = env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_unit")
    return text if uom.id == pieces else f"{text} {uom.name}"


def numbers_in(text):
    """Return the tracking numbers in a text, as carriers and Odoo write several of them."""
    return [number for number in map(str.strip, (text or "").split(",")) if number]


class StockPicking(models.Model):
    """What the papers of transfers are made of."""

    _inherit = "stock.picking"

    # ---------------------------------------------------------------- what goes together
    def _joined_shipments(self):
        """Return the transfers as groups that go to one address in one shipment, in the order given.

        With a transfer come those that are packed with it, whether they were asked for or not: the slip is
        for the parcel.
        """
        groups, seen = [], set()
        planned = self._planned_with_any()
        for picking in self:
            if picking.id in seen:
                continue
            group = picking | picking._packed_with(planned)
            seen.update(group.ids)
            groups.append(group.sorted("id"))
        return groups

    def _packed_with(self, planned):
        """Return those that go with it: what has left in its shipment, what is to leave with its key.

        Never those of another customer: he reads what is written on slip and label.
        """
        if self.state == "done":
            others = self.sudo().shipment_ids.picking_ids  # sudo: which transfers have left together
            others = others.filtered(lambda one: one.state == "done").sudo(False)
        else:
            others = planned.filtered(lambda one: one._plan_key() == self._plan_key())
        customers = self._paper_customers()
        return others.filtered(
            lambda one: one.partner_id == self.partner_id and one._paper_customers() == customers
        )

    def _planned_with_any(self):
        """Return what is to leave with the key of one of these."""
        keys = [key for key in self.mapped("dispatch_join_key") if key]
        if not keys:
            return self.browse()
        return self.search([("dispatch_join_key", "in", keys), ("state", "not in", ("done", "cancel"))])

    def _plan_key(self):
        return self.dispatch_join_key, self.company_id, self.picking_type_id, self.departure_id

    def _is_urgent(self):
        """Tell whether one of them has a star, or an urgent order behind it."""
        return "1" in self.mapped("priority") or "urgent" in self._paper_orders().mapped("urgency")

    def _in_box_order(self):
        """The most urgent gets the first box, and so on."""
        return self.sorted(lambda p: (not p._is_urgent(), -p.priority_score, p.batch_sequence, p.id))

    def _paper_orders(self):
        """Return the orders behind the transfers, for their names and what the packer has to know."""
        return self.sudo()._shipped_orders()  # sudo: whoever packs an order need not have a right to orders

    def _open_moves(self):
        return self.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))

    def _is_packed(self):
        """Tell whether all that is to leave has been put into parcels."""
        open_moves = self._open_moves()
        return self.state == "done" or bool(open_moves) and all(open_moves.mapped("picked"))

    # ---------------------------------------------------------------- parcels
    def _parcels(self):
        """Return the parcels of one shipment: ``[{name, weight}]``, packages where goods were packed.

        What nobody has put into packages are as many as its weight makes, each with the transfer's own name.
        """
        packages = self.move_line_ids.result_package_id
        parcels = [{"name": one.name, "weight": one.shipping_weight or one.weight} for one in packages]
        count = self._loose_parcels(len(packages))
        weight = 0.0
        if count == 1 and not packages:
            weight = sum(picking.shipping_weight or picking.weight for picking in self)
        return parcels + [{"name": self[0].name, "weight": weight}] * count

    def _loose_parcels(self, packages):
        """Return how many parcels there are besides the packages: as many as the shipment has when it has
        left, until then as many as it will have by the weight of all of it together.
        """
        shipment = self.sudo().shipment_ids  # sudo: only its number of parcels
        if len(shipment) == 1 and shipment.parcel_count > 1 and shipment.picking_ids == self.sudo():
            return max(shipment.parcel_count - packages, 0)
        loose = self.move_line_ids.filtered(lambda line: not line.result_package_id and line.quantity)
        if packages and not loose:
            return 0
        weight = sum(self.mapped("weight"))
        if packages:
            weight = sum(line.quantity_product_uom * line.product_id.weight for line in loose)
        carrier = self.carrier_id[:1]
        if carrier.parcel_type_id.max_weight or carrier.max_weight:
            return carrier._parcels(weight)
        return parcels_of(0, weight, self._parcel_weight(self.company_id))

    # ---------------------------------------------------------------- labels of carriers
    def _carrier_labels(self):
        """Return the labels that carriers have given for these transfers, the newest of each name."""
        pickings = self.filtered("carrier_id")
        attachments = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "stock.picking"),
                ("res_id", "in", pickings.ids),
                ("name", "=like", "LabelShipping-%"),
            ],
            order="res_id, id",
        )
        prefixes = {picking.id: picking.carrier_id._get_delivery_label_prefix() for picking in pickings}
        return attachments.filtered(lambda one: one.name.startswith(prefixes[one.res_id]))

    def action_print_carrier_labels(self):
        """Print the carriers' own labels; fetch what is no PDF but for a label printer."""
        self.check_access("write")
        labels = self._carrier_labels()
        if not labels:
            raise UserError(
                self.env._("The carrier has given no label. Print a parcel label, or buy one of the carrier.")
            )
        if all(label.mimetype == "application/pdf" for label in labels):
            return self.env.ref(LABEL_REPORT).report_action(self.browse(OrderedSet(labels.mapped("res_id"))))
        if len(labels) == 1:
            return {"type": "ir.actions.act_url", "url": f"/web/content/{labels.id}?download=true"}
        domain, title = [("id", "in", labels.ids)], self.env._("Carrier's labels")
        action = {"type": "ir.actions.act_window", "res_model": "ir.attachment", "view_mode": "list,form"}
        return {**action, "name": title, "domain": domain}
