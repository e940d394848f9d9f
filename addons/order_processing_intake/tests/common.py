from odoo.fields import Command

from odoo.addons.order_processing.tests.common import OrderProcessingCase

from ..engine.quick_order import read_text


class QuickCase(OrderProcessingCase):
    """Carla puts together orders in the portal: lanterns and mugs, candles by the box of six."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.promise_mode = "promise"
        cls.box = cls.env["uom.uom"].create(
            {
                "name": "Box of 6",
                "relative_factor": 6,
                "relative_uom_id": cls.env.ref("uom.product_uom_unit").id,
            }
        )
        cls.candle = cls.product(
            "CANDLE",
            2.0,
            stock=600,
            name="Candle",
            uom_ids=[Command.set(cls.box.ids)],
            order_minimum=12,
            order_multiple=6,
        )
        cls.quick = cls.env["order.quick"]._begin(cls.carla)

    @classmethod
    def take(cls, text, quick=None):
        quick = quick or cls.quick
        lines, _more = quick._take(read_text(text))
        return lines

    def lines(self, quick=None):
        """Return ``[(code of the product, quantity, fault)]`` from top to bottom."""
        quick = quick or self.quick
        quick.invalidate_recordset()
        return [
            (line.product_id.default_code or line.code, line.quantity, (line._verdict() or ("",))[0])
            for line in quick.line_ids
        ]
