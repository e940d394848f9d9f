from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_messages_apart import TwoCustomersCase
from .test_papers import LABEL, SLIP

KEY = "one-address"


@tagged("post_install", "-at_install")
class TestPapersApart(TwoCustomersCase):
    """On slips and labels nobody reads of another customer, and as many labels as parcels."""

    def slips(self, pickings):
        values = self.env["report.order_processing.report_packing_slip"]._get_report_values(pickings.ids)
        return values["slips"]

    def labels(self, pickings):
        values = self.env["report.order_processing.report_parcel_label"]._get_report_values(pickings.ids)
        return values["labels"]

    def html(self, report, pickings):
        reports = self.env["ir.actions.report"].with_user(self.wes)
        return reports._render_qweb_html(report, pickings.ids)[0].decode()

    def assertApart(self):
        for report in (SLIP, LABEL):
            self.assertHersOnly(self.html(report, self.hers.picking_ids))
        self.assertEqual([slip["orders"] for slip in self.slips(self.pickings)], [self.hers, self.his])

    def test_with_one_key(self):
        self.pickings.write({"dispatch_join_key": KEY})
        self.assertApart()

    def test_sent_together(self):
        self.ship_together()
        self.number()
        self.assertApart()

    def test_goods_of_both_in_one_transfer(self):
        picking = self.hers.picking_ids
        self.his.picking_ids.move_ids.move_line_ids.picking_id = picking
        self.his.picking_ids.move_ids.picking_id = picking
        picking.origin = f"{self.hers.name}, {self.his.name}"
        first, second = self.slips(picking)
        self.assertEqual((first["orders"], second["orders"]), (self.hers, self.his))
        self.assertEqual([line["name"] for line in first["lines"]], ["Metal Lantern"])
        self.assertEqual([line["name"] for line in second["lines"]], ["Enamel Mug"])
        self.assertFalse(first["references"] or first["greetings"] or first["instructions"])
        self.assertHersOnly(self.html(LABEL, picking))
        rendered = []

        def run(_reports, bodies, *_args, **_kwargs):
            rendered.append(len(bodies))
            return b"%PDF"

        reports = self.env["ir.actions.report"]
        self.patch(type(reports), "_run_wkhtmltopdf", run)
        self.patch(type(reports), "_makes_many_at_once", lambda _reports: True)
        other = self.confirmed_order(lines=[(self.mug, 1)]).sudo().picking_ids
        reports = reports.with_context(force_report_rendering=True)
        streams = reports._render_qweb_pdf_prepare_streams(SLIP, {}, (picking + other).ids)
        self.assertEqual(set(streams), set((picking + other).ids))
        self.assertEqual(sorted(rendered), [1, 2])

    def test_any_urgent_order_makes_the_transfer_urgent(self):
        picking = self.hers.picking_ids
        self.his.picking_ids.move_ids.picking_id = picking
        self.assertFalse(picking._is_urgent())
        self.his.urgency = "urgent"
        self.assertTrue(picking._is_urgent())
        self.assertEqual(picking.sale_id, self.hers)

    # ---------------------------------------------------------------- labels
    def joined(self):
        """Two transfers of Carla's that go together, of 20 each: two parcels of up to 30."""
        self.his.partner_id = self.customer
        self.pickings.write({"dispatch_join_key": KEY})
        (self.lantern + self.mug).weight = 10
        self.hers.order_line[0].product_uom_qty = 2
        self.pickings.move_ids._cal_move_weight()
        self.pickings._cal_weight()
        self.assertEqual(self.pickings.mapped("weight"), [20.0, 20.0])

    def counts(self, pickings):
        return [(label["number"], label["count"]) for label in self.labels(pickings)]

    def test_as_many_labels_as_all_of_it_makes_parcels(self):
        self.joined()
        self.assertEqual(self.pickings.mapped("parcel_count"), [1, 1])
        self.assertEqual(self.counts(self.pickings), [(1, 2), (2, 2)])
        self.assertEqual(self.counts(self.pickings[:1]), [(1, 2), (2, 2)])

    def test_as_many_as_the_carrier_takes(self):
        self.parcels.max_weight = 15
        self.joined()
        self.assertEqual(len(self.labels(self.pickings)), 3)
        shipment = self.ship_together()
        self.assertEqual((shipment.parcel_count, len(self.labels(self.pickings))), (3, 3))
        shipment.parcel_count = 4
        self.assertEqual(self.counts(self.pickings)[-1], (4, 4))

    def test_what_is_in_no_package_is_counted_beside_them(self):
        self.joined()
        lines = self.hers.picking_ids.move_line_ids
        lines.result_package_id = self.env["stock.package"].create({"name": "PACK-1"})
        names = [label["name"] for label in self.labels(self.pickings)]
        self.assertEqual(names, ["PACK-1", self.hers.picking_ids.name])

    def test_what_has_left_before_is_not_in_the_parcel(self):
        self.joined()
        self.ship(self.hers)
        self.assertEqual(self.his.picking_ids._joined_shipments(), [self.his.picking_ids])

    def test_many_are_looked_for_at_once(self):
        self.pickings.write({"dispatch_join_key": KEY})

        def queries(pickings):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            groups = pickings._joined_shipments()
            self.assertEqual(groups, list(pickings))
            return self.env.cr.sql_log_count - before

        few = queries(self.pickings)
        more = self.pickings
        for number in range(4):
            picking = self.confirmed_order(lines=[(self.mug, 1)]).sudo().picking_ids
            picking.dispatch_join_key = f"{KEY}-{number}"
            more |= picking
        self.assertLessEqual(queries(more), few)

    # ---------------------------------------------------------------- buttons
    def test_a_wave_prints_the_papers_of_all_its_transfers(self):
        wave = self.batch(self.pickings)
        for method, report in (
            ("action_print_packing_slips", "report_packing_slip"),
            ("action_print_parcel_labels", "report_parcel_label"),
        ):
            action = self.rpc(self.wes, wave, method)
            self.assertEqual(action["report_name"], f"order_processing.{report}")
            self.assertEqual(set(action["context"]["active_ids"]), set(self.pickings.ids))
            with self.assertRaises(AccessError):
                self.rpc(self.carla, wave, method)

    def test_a_wave_of_nothing_that_leaves_says_so(self):
        wave = self.batch(self.pickings)
        self.pickings.action_cancel()
        with self.assertRaises(UserError):
            wave.action_print_parcel_labels()

    def test_the_buttons_are_where_people_work(self):
        for model, names in (
            ("stock.picking.batch", ["action_print_packing_slips", "action_print_parcel_labels"]),
            (
                "order.dispatch.departure",
                [str(self.env.ref("order_processing.action_report_handover_list").id)],
            ),
            ("stock.picking", [str(self.env.ref(report).id) for report in (SLIP, LABEL)]),
        ):
            arch = etree.fromstring(self.env[model].with_user(self.wes).get_view(view_type="form")["arch"])
            buttons = arch.xpath("//header/button/@name")
            for name in names:
                self.assertIn(name, buttons)
