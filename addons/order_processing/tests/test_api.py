"""Other systems place orders and ask for them: what docs/api.md promises."""

import threading
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from unittest.mock import patch

from odoo import api, fields
from odoo.service.model import retrying
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .common import OrderProcessingCase, OrderProcessingHttpCase


class ApiCase(OrderProcessingCase):
    def payload(self, ref="W-1001", **changes):
        """Return an order of the web shop: two lanterns for Carla."""
        return {
            "channel": "api",
            "ref": ref,
            "customer": {"email": "carla@example.com"},
            "lines": [{"sku": "LANTERN", "quantity": 2}],
            **changes,
        }

    def place(self, by=None, **changes):
        return self.env["sale.order"].with_user(by or self.sally).place_order(self.payload(**changes))

    def placed(self, **changes):
        return self.env["sale.order"].browse(self.place(**changes)["id"])


@tagged("post_install", "-at_install")
class TestPlaceOrder(ApiCase):
    def test_an_order_in_order_is_confirmed(self):
        answer = self.place(
            urgency="urgent",
            requested_date="2027-01-31",
            packing_instruction="No plastic",
            customer_reference="PO 7",
        )
        order = self.env["sale.order"].browse(answer["id"])
        self.assertConfirmed(order)
        self.env.cr.flush()
        expected = {
            "id": order.id,
            "order": order.name,
            "channel": "api",
            "ref": "W-1001",
            "stage": "ready",
            "stage_label": "Ready to Ship",
            "fulfilment": "none",
            "reserved": "full",
            "review_state": "not_required",
            "held_because": "",
            "amount_total": 37.0,
            "currency": "GBP",
            "promised_date": None,
            "shipments": [],
        }
        self.assertEqual(answer, {**expected, "created": True, "conflict": False})
        self.assertEqual(self.env["sale.order"].with_user(self.sally).order_status("api", "W-1001"), expected)
        kept = (order.urgency, order.packing_instruction, order.client_order_ref, order.partner_id)
        self.assertEqual(kept, ("urgent", "No plastic", "PO 7", self.customer))
        self.assertEqual(self.events(order), ["received_from", "confirmed", "stage:ready"])

    def test_sent_twice_entered_once(self):
        first = self.place()
        self.env.cr.flush()
        second = self.place()
        self.assertEqual((first["created"], second["created"], second["conflict"]), (True, False, False))
        self.assertEqual(first["id"], second["id"])
        self.assertEqual(self.env["sale.order"].search_count([("channel_ref", "=", "W-1001")]), 1)
        order = self.env["sale.order"].browse(first["id"])
        self.assertEqual(self.events(order)[-1], "resent")

    def test_the_same_number_with_other_content_is_a_conflict(self):
        order = self.placed()
        self.env.cr.flush()
        answer = self.place(lines=[{"sku": "LANTERN", "quantity": 20}])
        self.assertEqual((answer["id"], answer["created"], answer["conflict"]), (order.id, False, True))
        self.assertEqual(order.order_line.product_uom_qty, 2)
        self.assertEqual(self.events(order)[-1], "resent_differs")

    def test_the_same_number_of_another_channel_is_another_order(self):
        self.assertNotEqual(self.placed(), self.placed(channel="file"))

    def test_a_price_off_the_list_is_held_and_says_why(self):
        answer = self.place(lines=[{"sku": "LANTERN", "quantity": 2, "price": 12.5}])
        self.assertEqual((answer["stage"], answer["review_state"]), ("in_review", "pending"))
        self.assertIn("Metal Lantern", answer["held_because"])
        self.assertOpen(self.env["sale.order"].browse(answer["id"]))

    def test_a_price_on_the_list_is_taken(self):
        order = self.placed(
            lines=[{"sku": " MUG ", "quantity": 1.0, "price": 7.9, "description": "Mug, blue"}]
        )
        self.assertConfirmed(order)
        self.assertEqual((order.order_line.price_unit, order.order_line.name), (7.9, "Mug, blue"))

    def test_entered_and_not_submitted(self):
        order = self.placed(submit=False)
        self.assertEqual((order.state, order.processing_stage), ("draft", "quotation"))
        self.assertEqual(self.events(order), [])

    def test_goods_to_another_address(self):
        address = {
            "name": "Carla's mother",
            "street": "1 High Street",
            "city": "Leeds",
            "zip": "LS1 4DY",
            "country": "gb",
        }
        orders = [self.placed(ref=ref, delivery_address=address) for ref in ("W-1", "W-2")]
        where = orders[0].partner_shipping_id
        self.assertEqual(
            (where.parent_id, where.type, where.city, where.country_id),
            (self.customer, "delivery", "Leeds", self.gb),
        )
        self.assertEqual(orders[1].partner_shipping_id, where)

    def test_a_new_customer_comes_with_the_order(self):
        data = {
            "name": "Dora",
            "email": "Dora@Example.com",
            "street": "5 Quay",
            "city": "Bristol",
            "zip": "BS1 4DJ",
            "country": "GB",
            "ref": "C-77",
            "property_account_receivable_id": 1,
        }
        order = self.placed(customer=data)
        self.assertConfirmed(order)
        self.assertEqual((order.partner_id.name, order.partner_id.ref), ("Dora", "C-77"))
        again = [
            self.placed(ref="W-2", customer={"ref": "C-77"}),
            self.placed(ref="W-3", customer={"email": "dora@example.com"}),
            self.placed(ref="W-4", customer={"id": order.partner_id.id}),
        ]
        self.assertEqual([o.partner_id for o in again], [order.partner_id] * 3)

    def test_requested_dates_are_kept_in_utc(self):
        for number, (given, kept) in enumerate(
            (
                ("2027-01-31", datetime(2027, 1, 31)),
                ("2027-01-31T14:00:00", datetime(2027, 1, 31, 14)),
                ("2027-01-31 14:00", datetime(2027, 1, 31, 14)),
                ("2027-01-31T14:00:00Z", datetime(2027, 1, 31, 14)),
                ("2027-01-31T14:00:00+02:00", datetime(2027, 1, 31, 12)),
                ("2027-01-31T20:30:00-05:00", datetime(2027, 2, 1, 1, 30)),
                ("", False),
                (None, False),
            )
        ):
            order = self.placed(ref=f"D-{number}", requested_date=given, submit=False)
            self.assertEqual(order.requested_date, kept, given)


@tagged("post_install", "-at_install")
class TestPlaceOrderOverHttp(ApiCase, OrderProcessingHttpCase):
    def call(self, method, body, key=None):
        key = key or self.env["res.users.apikeys"].with_user(self.sally).sudo()._generate(
            "rpc", "shop", fields.Datetime.now() + timedelta(days=1)
        )
        return self.url_open(
            f"/json/2/sale.order/{method}", json=body, headers={"Authorization": f"Bearer {key}"}
        )

    def test_placed_and_asked_for(self):
        placed = self.call("place_order", {"payload": self.payload()})
        self.assertEqual(placed.status_code, 200, placed.text)
        self.assertEqual((placed.json()["stage"], placed.json()["created"]), ("ready", True))
        again = self.call("place_order", {"payload": self.payload()})
        self.assertEqual((again.json()["id"], again.json()["created"]), (placed.json()["id"], False))
        asked = self.call("order_status", {"channel": "api", "ref": "W-1001"})
        self.assertEqual((asked.status_code, asked.json()["id"]), (200, placed.json()["id"]))

    def test_answers_to_mistakes(self):
        refused = self.call("place_order", {"payload": self.payload(lines=[{"sku": "TORCH", "quantity": 1}])})
        self.assertEqual(refused.status_code, 422)
        self.assertEqual(refused.json()["name"], "odoo.exceptions.UserError")
        self.assertEqual(
            refused.json()["message"], "Order W-1001 was not entered: there is no product with the SKU TORCH."
        )
        self.assertEqual(self.call("place_order", {"payload": self.payload()}, key="wrong").status_code, 401)
        self.assertEqual(self.call("_place_orders", {"payloads": []}).status_code, 403)


@tagged("post_install", "-at_install")
class TestPlaceOrderAtTheSameTime(TransactionCase):
    """Two real transactions, committed, and cleaned up."""

    def setUp(self):
        super().setUp()
        with self.world() as env:
            self.made = env["product.product"].create({"name": "Lantern", "default_code": "TWO-AT-ONCE"})
            customer = env["res.partner"].create({"name": "Two at once", "email": "two@example.com"})
            self.made_ids = (self.made.id, customer.id)
        self.payload = {
            "channel": "api",
            "ref": "TWO-AT-ONCE",
            "customer": {"email": "two@example.com"},
            "lines": [{"sku": "TWO-AT-ONCE", "quantity": 1}],
            "submit": False,
        }
        self.addCleanup(self.clean)

    @contextmanager
    def world(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, api.SUPERUSER_ID, {})

    def clean(self):
        with self.world() as env:
            orders = env["sale.order"].search([("channel_ref", "=", "TWO-AT-ONCE")])
            env.cr.execute("SET LOCAL order_processing.event_maintenance = 'on'")
            env.cr.execute("DELETE FROM order_event WHERE order_id = ANY(%s)", [orders.ids])
            orders.unlink()
            product, customer = self.made_ids
            env["product.product"].browse(product).unlink()
            env["res.partner"].browse(customer).unlink()

    @mute_logger("odoo.sql_db")  # the second one's INSERT
    def test_one_order_and_two_answers(self):
        together, answers = threading.Barrier(2, timeout=60), []
        Order = self.registry["sale.order"]
        create_once = Order._create_once

        def at_the_same_moment(orders, vals_list):
            if vals_list:  # both have looked and found nothing; who starts over finds the order
                together.wait()
            return create_once(orders, vals_list)

        def place():
            with self.world() as env:
                answers.append(retrying(partial(env["sale.order"].place_order, self.payload), env))

        with patch.object(Order, "_create_once", at_the_same_moment):
            workers = [threading.Thread(target=place) for _worker in range(2)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        self.assertEqual(sorted(answer["created"] for answer in answers), [False, True])
        self.assertEqual(len({answer["id"] for answer in answers}), 1)
        self.assertEqual([answer["conflict"] for answer in answers], [False, False])
