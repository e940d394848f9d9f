from odoo import models

from ..engine.clearance import address_digests


class ResPartner(models.Model):
    """An address that is edited while cleared orders are still to go there.

    Whoever edits it, and from wherever (the customer in the portal, an import), is never stopped:
    the orders are judged again, and held where the new address is not covered.
    """

    _inherit = "res.partner"

    def write(self, vals):
        # Contacts get their address from a parent, too.
        is_moving = not vals.keys().isdisjoint({*self._address_fields(), "parent_id", "type"})
        before = self._digests_by_id() if is_moving else {}
        result = super().write(vals)
        self._review_orders_sent_here(before)
        return result

    def _handle_first_contact_creation(self):
        # The first contact of a company that has no address gives it one, past write().
        before = self.parent_id._digests_by_id()
        result = super()._handle_first_contact_creation()
        self.parent_id._review_orders_sent_here(before)
        return result

    def _review_orders_sent_here(self, before):
        """Judge the orders again that are to go to those whose address is not as ``before``."""
        if not before:
            return
        moved = [id_ for id_, digests in self._digests_by_id().items() if digests != before.get(id_)]
        if moved:
            # sudo: whoever may edit the address need not see the orders that go there
            orders = self.env["sale.order"].sudo()._cleared_orders_sent_to(moved)
            orders._review_after_change()
            self.env["sale.order"]._note_address_raised(moved)

    def _digests_by_id(self):
        # sudo: compared only
        return {partner.id: partner._address_digests() for partner in self.sudo()}

    def _address_digests(self):
        """Return a digest of each part of the address that a carrier goes by."""
        return address_digests(
            {
                "street": f"{self.street or ''} {self.street2 or ''}",
                "city": self.city or "",
                "zip": self.zip or "",
                "state": str(self.state_id.id or ""),
                "country": str(self.country_id.id or ""),
            }
        )
