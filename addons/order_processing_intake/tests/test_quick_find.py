from odoo.fields import Command
from odoo.tests import Form, tagged

from ..engine.quick_order import read_text
from .common import QuickCase


@tagged("post_install", "-at_install")
class TestQuickOrderFinds(QuickCase):
    """The product that was meant, in the unit that was meant, and no other."""

    def test_the_barcode_of_a_packaging(self):
        self.env["product.uom"].create(
            {"barcode": "04006381333948", "product_id": self.candle.id, "uom_id": self.box.id}
        )
        line = self.take("04006381333948 2")
        self.assertEqual(
            (line.product_id, line.uom_id, line.quantity, line.fault), (self.candle, self.box, 2, False)
        )
        self.assertEqual(self.quick._search_products("04006381333948"), self.candle)

    def test_a_number_in_mixed_letters(self):
        self.mug.default_code = "Mug-Red"
        self.take("mug-red 3")
        self.assertEqual(self.lines(), [("Mug-Red", 3, "")])

    def test_a_name_with_a_number_at_its_end(self):
        self.mug.name = "Screw M4 20"
        self.take("Screw M4 20")
        self.assertEqual(self.lines(), [("MUG", 1, "")])

    def test_many_names(self):
        products = self.env["product.product"].create([{"name": f"Nail of sort {n}x"} for n in range(230)])
        lines = self.take("\n".join(f"{product.name}\t2" for product in products))
        self.assertEqual(lines.product_id, products)

    def test_variants_can_be_told_apart(self):
        colour = self.env["product.attribute"].create(
            {"name": "Colour", "value_ids": [Command.create({"name": name}) for name in ("Red", "Blue")]}
        )
        shirt = self.env["product.template"].create(
            {
                "name": "Shirt",
                "attribute_line_ids": [
                    Command.create(
                        {"attribute_id": colour.id, "value_ids": [Command.set(colour.value_ids.ids)]}
                    )
                ],
            }
        )
        line = self.take("Shirt\t2")
        self.assertEqual(line.fault, "several")
        self.assertEqual(self.quick._suggestions(line)[line], shirt.product_variant_ids)
        blue = shirt.product_variant_ids[1]
        line.unlink()
        line = self.take("Shirt (Blue)\t2")
        self.assertEqual((line.product_id, line.fault), (blue, False))
        self.assertEqual(self.quick._page_rows()[0]["name"], "Shirt (Blue)")

    def test_products_of_the_parent_company(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.mug.company_id = self.company
        quick = self.env["order.quick"].with_company(branch)._begin(self.carla)
        self.take("MUG 2", quick)
        self.assertEqual(self.lines(quick), [("MUG", 2, "")])

    # ---------------------------------------------------------------- nothing that was not meant
    def test_what_was_asked_for_stays(self):
        self.take("MUG\t1,200")
        self.take("MUG\t5")
        self.assertEqual(self.lines(), [("MUG", 5, ""), ("MUG", 0, "ambiguous_quantity")])
        lantern = self.take("LANTREN\t4")
        self.take("LANTERN\tmany")
        lantern._set_product(self.lantern)
        self.assertIn(("LANTERN", 0, "bad_quantity"), self.lines())

    def test_the_unit_of_a_misspelt_line_is_kept(self):
        line = self.take("CANDEL;2;Box of 6")
        line._set_product(self.candle)
        self.assertEqual((line.quantity, line.uom_id, line.fault), (2, self.box, False))
        line = self.take("LANTREN;2;Box of 6")
        line._set_product(self.lantern)
        self.assertEqual(line.fault, "bad_unit")

    def test_a_quantity_that_can_be_meant_two_ways_stays_so(self):
        line = self.take("LANTREN\t1,200")
        line._set_product(self.lantern)
        self.assertEqual(self.lines(), [("LANTERN", 0, "ambiguous_quantity")])

    def test_earlier_orders_in_a_unit_that_is_gone(self):
        archived = self.product("OLD", 1.0, active=False)
        lines, gone = self.quick._take_products([(self.lantern, 2, self.box), (archived, 1, archived.uom_id)])
        self.assertEqual((lines.quantity, lines.uom_id, gone), (12, self.lantern.uom_id, archived))

    def test_pieces_are_no_kilograms(self):
        kilogram = self.env.ref("uom.product_uom_kgm")
        self.product("FLOUR", 1.0, uom_id=kilogram.id)
        self.product("DOZEN", 1.0, uom_id=self.box.id)
        self.product("PIECE", 1.0, uom_id=self.env["uom.uom"].create({"name": "Stück"}).id)
        self.take("FLOUR 3 pcs\nDOZEN 3 pcs\nPIECE 3 pcs\nMUG 3 pcs")
        self.assertEqual(
            self.lines(),
            [("FLOUR", 3, "bad_unit"), ("DOZEN", 3, "bad_unit"), ("PIECE", 3, ""), ("MUG", 3, "")],
        )

    def test_two_products_it_can_mean(self):
        self.product("MUG 12", 9.0)
        line = self.take("MUG 12")
        self.assertEqual((line.fault, line.quantity), ("several", 0))

    # ---------------------------------------------------------------- who sells
    def test_who_sells_makes_a_list(self):
        self.sally.group_ids -= self.env.ref("base.group_multi_company")
        with Form(self.env["order.quick.list"].with_user(self.sally)) as form:
            form.name = "Every Friday"
            form.partner_id = self.customer
            with form.line_ids.new() as line:
                line.product_id = self.candle
        kept = form.save()
        self.assertEqual((kept.company_id, kept.line_ids.uom_id), (self.company, self.candle.uom_id))
        self.assertIn(kept, self.env["order.quick.list"]._of_customer(self.carla))

    def test_two_thousand_misspelt(self):
        lines = self.take("\n".join(f"LNTERN-{n}\t1" for n in range(2000)))
        self.assertEqual(len(lines), 2000)
        self.assertEqual(len(read_text("x\n" * 2000)), 2000)
