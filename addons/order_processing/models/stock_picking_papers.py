from odoo import models
from odoo.exceptions import UserError
from odoo.tools import OrderedSet

LABEL_REPORT = "order_processing.action_report_parcel_label"


def quantity_words(env, quantity, uom):
    """Return a quantity as it is written on papers: no needless zeros, the unit unless it is pieces."""
    text = f"{quantity:.5f}".rstrip("0").rstrip(".") or "0"
    point = env["res.lang"]._get_data(code=env.lang or env.user.lang).decimal_point or "."
    text = text.replace(".", point)
    pieces = env["ir.model.data"]._xmlid_to_res_id("uom.product_uom_unit")
    return text if uom.id == pieces else f"{text} {uom.name}"


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
        for picking in self:
            if picking.id in seen:
                continue
            group = picking | picking._packed_with()
            seen.update(group.ids)
            groups.append(group.sorted("id"))
        return groups

    def _packed_with(self):
        key = "dispatch_join_key" in self._fields and self.dispatch_join_key
        if not key:
            return self.browse()
        domain = [
            ("dispatch_join_key", "=", key),
            ("company_id", "=", self.company_id.id),
            ("picking_type_id", "=", self.picking_type_id.id),
            ("departure_id", "=", self.departure_id.id),
            ("state", "!=", "cancel"),
        ]
        return self.search(domain)

    def _is_urgent(self):
        return any(picking.order_urgency == "urgent" or picking.priority == "1" for picking in self)

    def _paper_orders(self):
        """Return the orders behind the transfers; the packer may know their numbers."""
        return self.sudo()._shipped_orders()  # sudo: only names and what the packer has to know is printed

    def _is_packed(self):
        """Tell whether all that is to leave has been put into parcels."""
        open_moves = self.move_ids.filtered(lambda move: move.state not in ("done", "cancel"))
        return self.state == "done" or bool(open_moves) and all(open_moves.mapped("picked"))

    # ---------------------------------------------------------------- parcels
    def _parcels(self):
        """Return the parcels of one shipment: ``[{name, weight}]``, packages where goods were packed.

        Where nobody has packed yet it is as many as were planned, each with the transfer's own name.
        """
        packages = self.move_line_ids.result_package_id
        if packages:
            parcels = [{"name": one.name, "weight": one.shipping_weight or one.weight} for one in packages]
            loose = self.move_line_ids.filtered(lambda line: not line.result_package_id and line.quantity)
            return parcels + ([{"name": self[0].name, "weight": 0.0}] if loose else [])
        planned = "parcel_count" in self._fields and max(self.mapped("parcel_count"))
        count = max(1, planned or 1)
        weight = sum(picking.shipping_weight or picking.weight for picking in self)
        return [{"name": self[0].name, "weight": weight if count == 1 else 0.0}] * count

    def _paper_numbers(self):
        numbers = OrderedSet()
        for picking in self:
            numbers.update(one.strip() for one in (picking.carrier_tracking_ref or "").split(","))
        return [number for number in numbers if number]

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
