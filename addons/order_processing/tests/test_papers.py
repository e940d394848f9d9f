import io
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader, PdfFileWriter

from .common_messages import MessagesCase

PICK_LIST = "order_processing.action_report_wave_pick_list"
SLIP = "order_processing.action_report_packing_slip"
LABEL = "order_processing.action_report_parcel_label"
HANDOVER = "order_processing.action_report_handover_list"


class PapersCase(MessagesCase):
    """Two orders in one wave: carla's with wishes, and an urgent one of the gallery in Beijing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"tell_accepted": False, "tell_shipped": False})
        Location = cls.env["stock.location"]
        stock = cls.warehouse.lot_stock_id
        cls.near = Location.create({"name": "A-2", "location_id": stock.id})
        cls.far = Location.create({"name": "A-10", "location_id": stock.id})
        cls.bell = cls.product("BELL", 12.0, name="Bell")
        cls.put_in_stock(cls.bell, 3, cls.far)
        cls.put_in_stock(cls.bell, 20, cls.near)
        cls.gallery = cls.env["res.partner"].create(
            {
                "name": "北京画廊",
                "street": "建国路88号",
                "city": "北京",
                "zip": "100022",
                "country_id": cls.env.ref("base.cn").id,
                "email": "g@example.com",
                "phone": "+86 10 8888 8888",
            }
        )
        for rule in ("address", "address_detail", "contact", "remote_area", "new_customer", "urgent_large"):
            cls.rule(rule).active = False
        cls.order_one = cls.confirmed_order(
            lines=[(cls.bell, 2), (cls.mug, 3)],
            packing_instruction="No plastic.",
            gift_note="Happy birthday, Anna!",
            no_substitutes=True,
            carrier_id=cls.parcels.id,
        ).sudo()
        cls.order_two = cls.confirmed_order(cls.gallery, [(cls.bell, 4)], urgency="urgent").sudo()
        cls.pickings = cls.order_one.picking_ids + cls.order_two.picking_ids
        cls.pickings.action_assign()
        cls.wave = cls.batch(cls.pickings)

    @classmethod
    def depart(cls):
        route = cls.env["order.dispatch.route"].create(
            {"name": "Northern round", "warehouse_id": cls.warehouse.id}
        )
        at = fields.Datetime.now() + timedelta(hours=3)
        departure = cls.env["order.dispatch.departure"].create(
            {"route_id": route.id, "departs_at": at, "cut_off_at": at - timedelta(hours=1)}
        )
        cls.pickings.sudo().write({"departure_id": departure.id})
        return departure

    def html(self, report, records, by=None):
        reports = self.env["ir.actions.report"].with_user(by or self.wes)
        return reports._render_qweb_html(report, records.ids)[0].decode()

    def assertInOrder(self, text, *parts):
        places = [text.find(part) for part in parts]
        self.assertNotIn(-1, places, dict(zip(parts, places, strict=True)))
        self.assertEqual(places, sorted(places), dict(zip(parts, places, strict=True)))


@tagged("post_install", "-at_install")
class TestPapers(PapersCase):
    """What the papers say, as HTML; how they look has been looked at."""

    # ---------------------------------------------------------------- pick list
    def pick_list(self):
        return self.env["report.order_processing.report_wave_pick_list"]._pick_list(self.wave)

    def test_the_urgent_one_has_the_first_box(self):
        boxes = self.pick_list()["boxes"]
        self.assertEqual(
            [box["picking"] for box in boxes], list(self.order_two.picking_ids + self.order_one.picking_ids)
        )
        self.assertTrue(boxes[0]["is_urgent"])
        self.assertEqual(boxes[1]["instructions"], ["No plastic."])
        self.assertTrue(boxes[1]["is_gift"] and boxes[1]["no_substitutes"])

    def test_each_place_once_and_each_product_summed(self):
        stops = self.pick_list()["stops"]
        places = [place.split("/")[-1] for place, _rows in stops]
        self.assertEqual(sorted(places), sorted(set(places)))
        taken = {}
        for _place, rows in stops:
            for row in rows:
                for box, quantity in row["split"]:
                    taken[row["product"], box] = taken.get((row["product"], box), 0) + float(quantity)
        self.assertEqual(taken, {(self.bell, 1): 4, (self.bell, 2): 2, (self.mug, 2): 3})

    def test_it_is_printed(self):
        text = self.html(PICK_LIST, self.wave)
        self.assertIn("No plastic.", text)
        self.assertIn("Urgent", text)
        self.assertIn("北京画廊", text)
        self.assertNotIn("Happy birthday", text)
        self.assertNotIn("18.5", text)

    def test_what_is_missing_is_said(self):
        order = self.confirmed_order(lines=[(self.blanket, 7)]).sudo()
        wave = self.batch(order.picking_ids)
        text = self.html(PICK_LIST, wave)
        self.assertIn("nothing to pick yet", text)
        self.assertIn("do not look for it", text)
        self.assertIn("Wool Blanket", text)

    def test_lots_are_told_apart(self):
        lamp = self.product("SERIAL", 9.0, name="Serial lamp", tracking="lot")
        lots = self.env["stock.lot"].create([{"name": f"LOT-{i}", "product_id": lamp.id} for i in (1, 2)])
        for lot in lots:
            self.env["stock.quant"]._update_available_quantity(lamp, self.near, 1, lot_id=lot)
        order = self.confirmed_order(lines=[(lamp, 2)]).sudo()
        order.picking_ids.action_assign()
        text = self.html(PICK_LIST, self.batch(order.picking_ids))
        self.assertInOrder(text, "LOT-1", "LOT-2")
        self.assertInOrder(self.html(SLIP, order.picking_ids), "LOT-1", "LOT-2")

    def test_three_hundred_lines(self):
        products = [self.product(f"P{i:03}", 1.0, stock=5) for i in range(300)]
        order = self.confirmed_order(lines=[(product, 1) for product in products]).sudo()
        order.picking_ids.action_assign()
        wave = self.batch(order.picking_ids)
        pick_list = self.env["report.order_processing.report_wave_pick_list"]
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(60):
            found = pick_list._pick_list(wave)
        self.assertEqual(sum(len(rows) for _place, rows in found["stops"]), 300)

    # ---------------------------------------------------------------- packing slip
    def test_the_slip_says_what_is_wished_and_no_price(self):
        text = self.html(SLIP, self.order_one.picking_ids)
        self.assertInOrder(text, "Happy birthday, Anna!", "No plastic.", "Do not substitute", "Enamel Mug")
        self.assertIn(self.order_one.name, text)
        for price in ("7.9", "12.0", "47.7", "£"):
            self.assertNotIn(price, text)
        self.assertNotIn("Follows later", text)

    def test_the_slip_says_what_follows(self):
        order = self.confirmed_order(lines=[(self.mug, 2), (self.blanket, 7)]).sudo()
        order.picking_ids.action_assign()
        text = self.html(SLIP, order.picking_ids)
        self.assertInOrder(text, "Enamel Mug", "Follows later", "Wool Blanket")
        picking = order.picking_ids
        picking.move_ids.filtered(lambda move: move.product_id == self.mug).picked = True
        picking.with_context(skip_backorder=True).button_validate()
        self.assertInOrder(self.html(SLIP, picking), "Enamel Mug", "Follows later", "Wool Blanket")

    def test_the_slip_is_in_the_receivers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.mug.with_context(lang="fr_FR").name = "Tasse en émail"
        self.assertIn("Tasse en émail", self.html(SLIP, self.order_one.picking_ids))

    def test_what_is_packed_together_is_on_one_slip(self):
        other = self.confirmed_order(lines=[(self.mug, 6)]).sudo()
        other.picking_ids.action_assign()
        both = self.order_one.picking_ids + other.picking_ids
        both.sudo().write({"dispatch_join_key": "carla-1"})
        self.assertEqual(both[:1]._joined_shipments(), [both.sorted("id")])
        text = self.html(SLIP, both[:1])
        self.assertIn(other.name, text)
        self.assertEqual(text.count("Packing Slip"), 1)

    # ---------------------------------------------------------------- labels
    def labels(self, pickings):
        return self.env["report.order_processing.report_parcel_label"]._get_report_values(pickings.ids)[
            "labels"
        ]

    def test_a_label_for_each_parcel(self):
        picking = self.order_one.picking_ids
        picking.move_ids.picked = True
        for line in picking.move_line_ids:
            line.result_package_id = self.env["stock.package"].create({"name": f"PACK-{line.id}"})
        labels = self.labels(picking)
        count = len(picking.move_line_ids)
        self.assertEqual([label["number"] for label in labels], list(range(1, count + 1)))
        self.assertEqual({label["count"] for label in labels}, {count})
        text = self.html(LABEL, picking)
        for package in picking.move_line_ids.result_package_id:
            self.assertIn(package.name, text)
        self.assertIn("Northern Parcels", text)
        self.assertIn("221 Baker Street", text)

    def test_a_label_without_carrier_route_or_packages(self):
        text = self.html(LABEL, self.order_two.picking_ids)
        self.assertIn("北京画廊", text)
        self.assertIn("1/1", "".join(text.split()).replace("</strong>", "").replace("<strong>", ""))

    def test_a_label_says_with_what_it_leaves(self):
        departure = self.depart()
        text = self.html(LABEL, self.order_one.picking_ids)
        self.assertIn("Northern round", text)
        self.assertIn(departure._local_departure(), text)

    def carrier_label(self, picking, name="LabelShipping-fixed-1.pdf", pages=2):
        writer, stream = PdfFileWriter(), io.BytesIO()
        for _page in range(pages):
            writer.addBlankPage(300, 400)
        writer.write(stream)
        return self.env["ir.attachment"].create(
            {"name": name, "raw": stream.getvalue(), "res_model": "stock.picking", "res_id": picking.id}
        )

    def test_the_carriers_own_label_is_the_label(self):
        picking = self.order_one.picking_ids
        label = self.carrier_label(picking)
        action = self.rpc(self.wes, picking, "action_print_carrier_labels")
        self.assertEqual(action["report_name"], "order_processing.report_parcel_label")
        reports = self.env["ir.actions.report"].with_user(self.wes)
        streams = reports._render_qweb_pdf_prepare_streams(LABEL, {}, picking.ids)
        self.assertEqual(streams[picking.id]["stream"].getvalue(), label.raw)

    def test_a_label_that_is_no_pdf_is_fetched(self):
        picking = self.order_one.picking_ids
        label = self.env["ir.attachment"].create(
            {
                "name": "LabelShipping-fixed-1.zpl",
                "raw": b"^XA^XZ",
                "res_model": "stock.picking",
                "res_id": picking.id,
            }
        )
        action = self.rpc(self.wes, picking, "action_print_carrier_labels")
        self.assertIn(f"/web/content/{label.id}", action["url"])

    def test_where_there_is_no_label_it_says_so(self):
        with self.assertRaisesRegex(UserError, "no label"):
            self.order_one.picking_ids.action_print_carrier_labels()
        with self.assertRaises(AccessError):
            self.rpc(self.carla, self.order_one.picking_ids, "action_print_carrier_labels")

    # ---------------------------------------------------------------- hand-over list
    def test_what_is_packed_is_handed_over_by_carrier(self):
        departure = self.depart()
        self.order_one.picking_ids.carrier_tracking_ref = "NP-1,NP-2"
        self.order_one.picking_ids.move_ids.picked = True
        pages = self.env["report.order_processing.report_handover_list"]._pages(departure)
        self.assertEqual([page["carrier"] for page in pages], [self.parcels, self.parcels.browse()])
        first, second = pages
        self.assertEqual([row["pickings"] for row in first["rows"]], [self.order_one.picking_ids])
        self.assertEqual(first["rows"][0]["numbers"], ["NP-1", "NP-2"])
        self.assertEqual((first["parcels"], second["rows"]), (1, []))
        self.assertEqual(second["waiting"], self.order_two.picking_ids)
        text = self.html(HANDOVER, departure)
        self.assertInOrder(text, "Northern Parcels", "NP-1", "signature")
        self.assertIn("Not packed", text)

    def test_departed_it_lists_what_has_left(self):
        departure = self.depart()
        self.ship(self.order_one)
        departure.sudo().state = "departed"
        [page] = self.env["report.order_processing.report_handover_list"]._pages(departure)
        self.assertEqual([row["pickings"] for row in page["rows"]], [self.order_one.picking_ids])

    def test_an_empty_departure(self):
        departure = self.depart()
        self.pickings.sudo().write({"departure_id": False})
        self.assertIn("Nothing is packed", self.html(HANDOVER, departure))

    # ---------------------------------------------------------------- what orders say
    def test_wishes_come_with_an_order_of_another_system(self):
        payload = {
            "channel": "api",
            "ref": "G-1",
            "customer": {"id": self.customer.id},
            "lines": [{"sku": "MUG", "quantity": 1}],
            "gift_note": "Enjoy!",
            "no_substitutes": True,
        }
        Order = self.env["sale.order"]
        order = Order.browse(self.rpc(self.paul, Order, "place_order", payload)["id"])
        self.assertEqual((order.gift_note, order.no_substitutes), ("Enjoy!", True))
        for wrong in ({"gift_note": 5}, {"no_substitutes": "yes"}):
            with self.subTest(**wrong), self.assertRaises(UserError):
                self.rpc(self.paul, Order, "place_order", {**payload, "ref": "G-2", **wrong})

    def test_the_packer_reads_them_on_the_transfer(self):
        values = self.rpc(self.wes, self.order_one.picking_ids, "read", ["gift_note", "no_substitutes"])[0]
        self.assertEqual((values["gift_note"], values["no_substitutes"]), ("Happy birthday, Anna!", True))

    def test_wishes_are_copied_and_are_no_risk(self):
        order = self.order_one.with_user(self.sally)
        order.gift_note = "Happy birthday, dear Anna!"
        self.assertEqual(order.review_state, "not_required")
        copy = order.copy()
        self.assertEqual((copy.gift_note, copy.no_substitutes), (order.gift_note, True))


@tagged("post_install", "-at_install")
class TestPrintedPapers(PapersCase, HttpCase):
    """The PDFs themselves, as wkhtmltopdf makes them; of web fonts it keeps no text that could be read."""

    def text(self, report, records):
        self.env["ir.config_parameter"].set_param("report.url", self.base_url())
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        with mute_logger("odoo.addons.base.models.ir_actions_report"):
            content, kind = reports._render_qweb_pdf(report, records.ids)
        self.assertEqual(kind, "pdf")
        reader = PdfFileReader(io.BytesIO(content))
        return reader, "\n".join(page.extract_text() for page in reader.pages)

    def test_a_pick_list(self):
        _reader, text = self.text(PICK_LIST, self.wave)
        self.assertIn("北京画廊", text)

    def test_slips_of_several_transfers_at_once(self):
        reader, text = self.text(SLIP, self.pickings)
        self.assertEqual(len(reader.pages), 2)
        self.assertEqual(text.count("北京画廊"), 1)

    def test_labels_are_a6_and_one_each(self):
        reader, _text = self.text(LABEL, self.pickings)
        self.assertEqual(len(reader.pages), 2)
        size = [round(float(side) / 72 * 25.4) for side in reader.pages[0].mediabox[2:]]
        self.assertEqual(size, [105, 148])

    def test_a_hand_over_list_has_a_page_for_each_carrier(self):
        reader, _text = self.text(HANDOVER, self.depart())
        self.assertEqual(len(reader.pages), 2)
