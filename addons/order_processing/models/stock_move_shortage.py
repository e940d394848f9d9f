from odoo import models

from .shortage_facts import Document

KINDS_BY_SOURCE = {"supplier": "receipt", "production": "production"}


class StockMove(models.Model):
    """Which document brings the goods of a move."""

    _inherit = "stock.move"

    def _bringing_documents(self):
        """Return ``{move id: Document}``; addons whose documents say more put theirs in its place."""
        self.fetch(["location_id", "picking_id", "reference"])
        return {move.id: move._bringing_document() for move in self}

    def _bringing_document(self):
        document = self.picking_id or self
        kind = KINDS_BY_SOURCE.get(self.location_id.usage, "transfer")
        return Document(kind, document._name, document.id, self.reference or document.display_name)
