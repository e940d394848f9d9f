import io

from PIL import Image

from odoo.addons.order_processing.tests.common import OrderProcessingCase


def photo(kind="JPEG", size=(40, 30)):
    """Return a picture with a place in it, as phones write them."""
    image = Image.new("RGB", size, "red")
    exif = Image.Exif()
    exif[0x010F] = "SECRET-PLACE"
    written = io.BytesIO()
    image.save(written, format=kind, exif=exif)
    return written.getvalue()


class CaseCase(OrderProcessingCase):
    """Carla has four lanterns, shipped and invoiced; sally has sold them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.confirmed_order(lines=[(cls.lantern, 4), (cls.mug, 2)])
        cls.ship(cls.order)
        cls.invoice = cls.order.sudo()._create_invoices()
        cls.invoice.action_post()
        cls.lanterns = cls.order.sudo().order_line[0]

    @classmethod
    def case(cls, by=None, quantity=2, order=None, **vals):
        order = order or cls.order
        line = {"sale_line_id": order.sudo().order_line[0].id, "quantity": quantity, "reason": "broken"}
        return (
            cls.env["order.case"]
            .with_user(by or cls.sally)
            .create(
                {
                    "subject": "Broken",
                    "kind": "damage",
                    "order_id": order.id,
                    "line_ids": [(0, 0, line)],
                    **vals,
                }
            )
        )
