from datetime import timedelta

from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.order_processing.tests.common_shortage import ShortageCase


class PurchaseCase(ShortageCase):
    """Blankets are bought from Wool Mill, by ben; a dearer vendor has them, too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ben = new_test_user(
            cls.env, "ben", "purchase.group_purchase_user", name="Ben", email="ben@example.com"
        )
        vendors = cls.env["res.partner"].create(
            [{"name": "Wool Mill", "buyer_id": cls.ben.id}, {"name": "Dear Wool"}]
        )
        cls.mill, cls.dear = vendors
        cls.blanket.seller_ids = [
            Command.create({"partner_id": cls.mill.id, "price": 20.0, "delay": 7, "sequence": 1}),
            Command.create({"partner_id": cls.dear.id, "price": 30.0, "delay": 2, "sequence": 2}),
        ]
        cls.company.shortage_replenish = "automatic"

    @classmethod
    def purchases(cls, product=None):
        lines = cls.env["purchase.order.line"].search([("product_id", "=", (product or cls.blanket).id)])
        return lines.order_id

    @classmethod
    def rechecks(cls, code):
        cls.env.cr.precommit.run()  # notes are written at the end of the transaction
        notes = cls.env["order.promise.recheck"].search([("code", "=", code)])
        return notes.filtered(lambda note: note.source_model == "purchase.order")

    @classmethod
    def bought(cls, quantity=50, days=7):
        """Return a confirmed purchase of blankets that come in so many days."""
        purchase = cls.env["purchase.order"].create(
            {
                "partner_id": cls.mill.id,
                "picking_type_id": cls.warehouse.in_type_id.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.blanket.id,
                            "product_qty": quantity,
                            "price_unit": 20.0,
                            "date_planned": cls.now + timedelta(days=days),
                        }
                    )
                ],
            }
        )
        purchase.button_confirm()
        return purchase
