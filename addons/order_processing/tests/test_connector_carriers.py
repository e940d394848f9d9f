import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..connectors._generic_options import OPTIONS
from ..connectors.base import Item
from .common import STAFF
from .common_generic import ASKED
from .common_tracking import SHIPPED, TrackingCase


@tagged("post_install", "-at_install")
class TestCarriersOfAccounts(TrackingCase):
    """Which account knows which delivery method, who may set it up, and what else is entered with it."""

    def test_a_delivery_method_has_one_code_at_an_account(self):
        again = {"provider_id": self.provider.id, "carrier_id": self.swift.id}
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.cr.savepoint(),
        ):
            self.env["order.tracking.carrier.code"].create(again)

    def test_account_and_delivery_method_are_of_one_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        theirs = self.delivery_method("Theirs", company_id=other.id)
        with self.assertRaises(UserError):
            self.env["order.tracking.carrier.code"].create(
                {"provider_id": self.provider.id, "carrier_id": theirs.id}
            )

    def test_only_administrators_set_an_account_up(self):
        for login in (*STAFF, "carla"):
            user = getattr(self, login)
            with self.subTest(login):
                for method, arguments in (
                    ("write", [{"generic_ask_path": "https://evil.example/{key}"}]),
                    ("action_try_answer", []),
                ):
                    with self.assertRaises(AccessError):
                        self.rpc(user, self.provider, method, *arguments)
        self.assertFalse(self.provider.options)

    def test_the_page_takes_what_is_entered(self):
        with Form(self.provider) as form:
            form.base_url = "https://c.example"
            form.generic_ask_path = "track/{number}"
            form.generic_code_path = "status"
            form.generic_ask_news_only = True
            form.generic_read_statuses = "400, 422"
        self.assertEqual(
            self.provider.options,
            {
                "ask_path": "track/{number}",
                "code_path": "status",
                "ask_news_only": True,
                "read_statuses": "400, 422",
            },
        )
        with Form(self.provider) as form:
            form.generic_ask_news_only = False
            form.generic_read_statuses = False
        self.assertEqual(self.provider.options, {"ask_path": "track/{number}", "code_path": "status"})

    def test_a_copy_is_set_up_alike(self):
        self.provider.write(ASKED)
        self.assertEqual(self.provider.copy()._connector_options(), self.provider._connector_options())

    def test_every_option_is_on_the_page(self):
        page = self.env["order.tracking.provider"].get_view(view_type="form")["arch"]
        missing = [name for name in OPTIONS if f'name="generic_{name}"' not in page]
        self.assertEqual(missing, [])

    def test_the_simulator_can_push(self):
        eye = self.tracking_provider("Simulator", kind="simulator", mode="both")
        gull = self.delivery_method("Gull")
        self.env["order.tracking.carrier.code"].create({"provider_id": eye.id, "carrier_id": gull.id})
        parcel = self.ship_with_number("SIM-LOCKER-1", carrier=gull).parcel_ids
        connector = eye._connector()
        raw = connector.pushed(Item(parcel.id, parcel.number, shipped_at=SHIPPED))
        (result,) = connector.parse_push(raw, {}, {})
        self.ingest(parcel, *result.scans, source="push", provider=eye)
        self.assertEqual(parcel.status, "delivered")
        self.assertLess(parcel.delivered_at, fields.Datetime.now())
