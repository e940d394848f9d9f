from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_health import ReservationHealthCase


@tagged("post_install", "-at_install")
class TestReservationHealth(ReservationHealthCase):
    """What does not add up is found, with its probable cause, kept once, and told once."""

    def test_nothing_is_found_where_everything_adds_up(self):
        order = self.confirmed_order(lines=[(self.lantern, 100), (self.mug, 500)])
        self.assertEqual(self.held(order)[0], 500)
        self.assertEqual(self.check(), [])

    def test_more_shipped_than_known_is_no_drift(self):
        self.put_in_stock(self.blanket, -3)
        self.assertEqual(self.check(), [])

    # ---------------------------------------------------------------- each kind, and why
    def test_lost_after_it_was_reserved(self):
        self.confirmed_order(lines=[(self.lantern, 100)])
        self.lose(self.lantern, 60)
        self.assertEqual(self.check(), [("over", "open", "lost")])
        drift = self.listed()
        self.assertEqual((drift.on_hand, drift.reserved, drift.by_lines), (60, 100, 100))
        self.assertIn("Probably goods were lost afterwards", drift.cause_text)
        self.assertIn("60 Units", drift.cause_text)

    def test_taken_by_another_transfer(self):
        self.confirmed_order(lines=[(self.lantern, 100)])
        other = self.confirmed_order(lines=[(self.lantern, 20)])
        self.ship(other)
        self.sql("UPDATE stock_quant SET quantity = 90 WHERE id = %s", self.records(self.lantern).id)
        self.assertEqual(self.check(), [("over", "open", "moved")])

    def test_the_traces_do_not_tell(self):
        self.confirmed_order(lines=[(self.lantern, 100)])
        self.sql("UPDATE stock_quant SET quantity = 90 WHERE id = %s", self.records(self.lantern).id)
        self.assertEqual(self.check(), [("over", "open", "unknown")])

    def test_a_release_was_lost(self):
        self.confirmed_order(lines=[(self.lantern, 10)])
        self.set_reserved(self.records(self.lantern), 15)
        self.assertEqual(self.check(), [("mismatch", "open", "release_lost")])
        self.set_reserved(self.records(self.lantern), 125)
        self.assertEqual(
            self.check(), [("mismatch", "open", "release_lost"), ("over", "open", "release_lost")]
        )

    def test_reserved_for_nobody(self):
        self.set_reserved(self.records(self.lantern), 5)
        self.assertEqual(self.check(), [("mismatch", "open", "no_line")])

    def test_a_reservation_was_lost(self):
        self.confirmed_order(lines=[(self.lantern, 10)])
        self.set_reserved(self.records(self.lantern), 4)
        self.assertEqual(self.check(), [("mismatch", "open", "reservation_lost")])

    def test_two_reserved_at_the_same_moment(self):
        self.confirmed_order(lines=[(self.lantern, 10)])
        self.set_reserved(self.records(self.lantern), 6)
        self.twice(self.records(self.lantern), reserved=4)
        self.assertEqual(self.check(), [("duplicate", "open", "same_moment")])

    def test_goods_came_in_at_the_same_moment(self):
        self.confirmed_order(lines=[(self.lantern, 10)])
        self.twice(self.records(self.lantern), quantity=7)
        self.assertEqual(self.check(), [("duplicate", "open", "receipt")])

    def test_typed_by_hand(self):
        line = self.confirmed_order(lines=[(self.lantern, 10)]).sudo().picking_ids.move_line_ids
        line.write({"quantity": 130, "reserved_by_hand": True})
        self.assertEqual(self.check(), [("over", "by_hand", "by_hand")])
        self.assertIn("130 Units by hand", self.listed().cause_text)

    def test_quantities_are_compared_as_odoo_does(self):
        self.confirmed_order(lines=[(self.lantern, 10)])
        self.set_reserved(self.records(self.lantern), 10.0000001)
        self.assertEqual(self.check(), [])

    # ---------------------------------------------------------------- exact places
    def test_each_lot_package_and_owner_is_a_place_of_its_own(self):
        product = self.product("BULB", 2.0, tracking="lot")
        lots = self.env["stock.lot"].create([{"name": n, "product_id": product.id} for n in ("L1", "L2")])
        package = self.env["stock.package"].create({"name": "P1"})
        places = [
            {"lot_id": lots[0]},
            {"lot_id": lots[1]},
            {"lot_id": lots[0], "package_id": package},
            {"lot_id": lots[0], "owner_id": self.corner_shop},
        ]
        for place in places:
            self.env["stock.quant"]._update_available_quantity(product, self.shelf, 10, **place)
        self.assertEqual(self.check(), [])
        for place in places[1:]:
            everything = {"lot_id": lots[0].browse(), "package_id": package.browse(), **place}
            everything.setdefault("owner_id", self.corner_shop.browse())
            self.set_reserved(self.records(product, **everything), 3)
        self.assertEqual(self.check(), [("mismatch", "open", "no_line")] * 3)
        found = {(d.lot_id.name, d.package_id.name, d.owner_id.name) for d in self.listed()}
        expected = {("L2", False, False), ("L1", "P1", False), ("L1", False, "Corner Shop")}
        self.assertEqual(found, expected)
        self.repair()
        self.assertEqual(self.check(), [])

    # ---------------------------------------------------------------- kept once
    def test_found_again_it_is_the_same(self):
        self.set_reserved(self.records(self.lantern), 5)
        self.check()
        drift = self.listed()
        found_at = drift.found_at
        drift.seen_at = found_at - timedelta(hours=1)
        self.set_reserved(self.records(self.lantern), 6)
        self.check()
        self.assertEqual(self.listed(), drift)
        self.assertEqual((drift.found_at, drift.reserved), (found_at, 6))
        self.assertGreaterEqual(drift.seen_at, found_at)

    def test_gone_by_itself(self):
        self.set_reserved(self.records(self.lantern), 5)
        self.check()
        drift = self.listed()
        self.set_reserved(self.records(self.lantern), 0)
        self.assertEqual(self.check(), [])
        self.assertEqual((drift.state, drift.repaired_at), ("gone", False))

    def test_goods_that_come_in_settle_it(self):
        self.confirmed_order(lines=[(self.lantern, 100)])
        self.lose(self.lantern, 60)
        self.check()
        drift = self.listed()
        self.put_in_stock(self.lantern, 40)
        self.repair(drift)
        self.assertEqual((drift.state, drift.released), ("gone", False))

    def test_the_same_number_of_queries_however_much_there_is(self):
        def queries(products):
            for product in products:
                self.set_reserved(self.records(product), 5)
            self.Drift.flush_model()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Drift._check(self.company)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        products = [self.product(f"P{number}", 1.0, stock=9) for number in range(22)]
        queries(products[:1])
        few = queries(products[:2])
        self.repair()
        many = queries(products[2:])
        self.assertEqual(len(self.listed()), 20)
        self.assertLessEqual(many, few + 2)
        again = queries(products[2:])
        self.assertLessEqual(again, few + 2)

    # ---------------------------------------------------------------- told once
    def test_who_watches_is_told_once(self):
        self.company.reservation_watch_user_id = self.max
        self.set_reserved(self.records(self.lantern), 5)
        self.check()
        self.check()
        activity = self.listed().activity_ids
        self.assertEqual(activity.user_id, self.max)
        self.assertEqual(activity.summary, "Reservations that do not add up: 1")
        self.set_reserved(self.records(self.mug), 5)
        self.check()
        self.assertEqual(self.listed().activity_ids, activity)
        self.assertIn("2", activity.summary)
        activity.action_done()
        self.check()
        self.assertFalse(self.listed().activity_ids)

    def test_the_activity_ends_with_what_it_is_about(self):
        self.company.reservation_watch_user_id = self.max
        self.set_reserved(self.records(self.lantern), 5)
        self.check()
        first = self.listed()
        self.set_reserved(self.records(self.mug), 5)
        self.check()
        activity = first.activity_ids
        self.repair(first)
        self.assertEqual(activity.res_id, self.listed().id)
        self.repair()
        self.assertFalse(activity.exists())

    def test_a_decision_is_not_told(self):
        self.company.reservation_watch_user_id = self.max
        line = self.confirmed_order(lines=[(self.lantern, 10)]).sudo().picking_ids.move_line_ids
        line.write({"quantity": 130, "reserved_by_hand": True})
        self.check()
        self.assertFalse(self.listed().activity_ids)

    def test_who_watches_can_look(self):
        for user in (self.sally, new_test_user(self.env, "nia", "base.group_user")):
            with self.subTest(user.login), self.assertRaises(ValidationError):
                self.company.reservation_watch_user_id = user

    def test_the_scheduled_action(self):
        self.set_reserved(self.records(self.lantern), 5)
        with self.enter_registry_test_mode():
            self.env.ref("order_processing.ir_cron_check_reservations").method_direct_trigger()
        self.assertEqual(self.listed().product_id, self.lantern)
        self.assertTrue(self.company.reservation_checked_at)
        self.assertIn("Last checked", self.Drift.get_empty_list_help(""))

    # ---------------------------------------------------------------- rights
    def test_only_stock_managers_check_and_repair(self):
        self.set_reserved(self.records(self.lantern), 5)
        self.check()
        drift = self.listed()
        for user in (self.wes, self.sally, self.rita, self.mona, self.anna, self.carla):
            for method in ("action_check", "action_repair", "action_repair_all"):
                with self.subTest(user.login, method=method), self.assertRaises(AccessError):
                    self.rpc(user, drift, method)
        for user in (self.wes, self.max):
            self.assertEqual(self.rpc(user, drift, "read", ["state", "line_ids"])[0]["state"], "open")
            for method, *args in (("write", {"state": "gone"}), ("unlink",)):
                with self.subTest(user.login, method=method), self.assertRaises(AccessError):
                    self.rpc(user, drift, method, *args)

    def test_check_now(self):
        self.set_reserved(self.records(self.lantern), 5)
        answer = self.rpc(self.max, self.Drift, "action_check")
        self.assertIn("1 to repair", answer["params"]["message"])

    def test_other_companies_keep_theirs(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        shelf = self.env["stock.warehouse"].search([("company_id", "=", other.id)]).lot_stock_id
        self.put_in_stock(self.lantern, 10, shelf)
        record = self.env["stock.quant"].search([("location_id", "=", shelf.id)])
        self.set_reserved(record, 5)
        self.assertEqual(self.check(), [])
        self.Drift._check(other)
        drift = self.listed()
        self.assertEqual(drift.company_id, other)
        self.assertFalse(self.Drift.with_user(self.max).search([]))
        with self.assertRaises(AccessError):
            self.repair(drift)
        self.max.company_ids = [Command.link(other.id)]
        self.rpc(self.max, drift.with_context(allowed_company_ids=other.ids), "read", ["state"])

    def test_between_companies(self):
        at_sea = {"name": "At sea", "usage": "transit", "company_id": False}
        transit = self.env["stock.location"].create(at_sea)
        self.put_in_stock(self.lantern, 10, transit)
        self.set_reserved(self.env["stock.quant"].search([("location_id", "=", transit.id)]), 5)
        first = self.Drift._of_shared_locations()
        self.Drift._check(first)
        self.assertFalse(self.listed().company_id)
        self.assertEqual(self.listed().location_id, transit)

    def test_the_time_of_the_check_is_noted(self):
        self.check()
        self.assertLess(fields.Datetime.now() - self.company.reservation_checked_at, timedelta(minutes=30))
