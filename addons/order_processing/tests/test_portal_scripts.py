import json
from datetime import datetime
from unittest.mock import patch

from lxml import html

from odoo.fields import Command
from odoo.http import Request
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import OrderProcessingHttpCase
from .test_choice_portal import LateCase

# What a customer, a carrier or a file could write, and its product nobody else would.
EVIL = (
    '"><img src=x onerror=alert(1)><script>alert(1)</script>{{7919*7907}}${7919*7907}<t t-out="7919*7907"/>'
)
EVIL_LINK = "javascript:alert(1)//"
WORKED_OUT = str(7919 * 7907)
LINKS = ("href", "src", "action", "formaction", "data", "xlink:href")
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


@tagged("post_install", "-at_install")
class TestNothingRuns(LateCase, OrderProcessingHttpCase):
    """Whatever is written into an order, nobody's browser runs it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.confirmed_order(lines=[(cls.lantern, 2), (cls.mug, 2)]).sudo()
        cls.write_evil()
        for order in (cls.order, cls.sale):
            order.write({"client_order_ref": EVIL, "packing_instruction": EVIL, "gift_note": EVIL})
            for line in order.order_line:
                line.name = EVIL + "\n" + EVIL

    @classmethod
    def write_evil(cls):
        cls.customer.write({"name": EVIL, "street": EVIL, "street2": EVIL, "city": EVIL})
        cls.lantern.name = EVIL
        cls.env["delivery.carrier"].search([]).tracking_url = EVIL_LINK
        cls.carrier = cls.env["delivery.carrier"].create(
            {"name": EVIL, "product_id": cls.wrapping.id, "tracking_url": EVIL_LINK}
        )

    def setUp(self):
        super().setUp()
        self.authenticate("carla", "carlaxxx")

    # ---------------------------------------------------------------- looking
    def assertNothingRuns(self, text, where):
        if not (text or "").strip():
            return
        self.assertNotIn(WORKED_OUT, text, where)
        for element in html.fromstring(text).iter():
            if not isinstance(element.tag, str):
                continue
            what = f"{where}: <{element.tag} {dict(element.attrib)}>"
            self.assertNotEqual(
                (element.text or "").strip() if element.tag == "script" else "", "alert(1)", what
            )
            self.assertFalse([name for name in element.attrib if name.startswith("t-")], what)
            for name, value in element.attrib.items():
                runs = name.startswith("on") or name in LINKS and "script:" in value.lower().split("/")[0]
                self.assertFalse(runs and "alert(1)" in value, what)

    def fetch(self, url, **more):
        page = self.url_open(url, timeout=60, **more)
        self.assertLess(page.status_code, 500, url)
        self.assertNothingRuns(page.text, url)
        return page.text

    def send(self, url, **form):
        files = form.pop("files", None)
        return self.fetch(url, data={"csrf_token": Request.csrf_token(self), **form}, files=files)

    def assertStaffSafe(self):
        """Nothing runs in what staff see as HTML, nor in what is sent by mail."""
        self.env.flush_all()
        self.env.invalidate_all()
        for model, name in self.html_fields():
            records = self.env[model].sudo().search([], limit=200, order="id desc")
            with self.subTest(model, field=name):
                for record in records:
                    self.assertNothingRuns(str(record[name] or ""), f"{model}.{name}")

    def html_fields(self):
        """Yield our own fields of HTML, and Odoo's in which our words stand."""
        theirs = [("mail.message", "body"), ("mail.mail", "body_html"), ("mail.activity", "note")]
        ours = ("order_processing", "order_tracking_")
        for model, registered in self.env.items():
            if registered._abstract or registered._transient:
                continue
            for name, field in registered._fields.items():
                if field.type == "html" and (field._module or "").startswith(ours):
                    theirs.append((model, name))
        return theirs

    # ---------------------------------------------------------------- pages
    def test_pages_of_an_order(self):
        path = f"/my/orders/{self.order.id}"
        page = self.fetch(path)
        self.assertIn("&lt;script&gt;", page)
        self.fetch("/my/orders")
        self.fetch("/my/orders?search=" + EVIL.replace('"', "%22").replace("#", "%23"))
        self.fetch(f"/my/orders?filterby={EVIL}&sortby={EVIL}&page={EVIL}")
        self.fetch(f"{path}?message={EVIL}")
        self.assertIn("&lt;script&gt;", self.fetch(f"{path}/change"))
        self.fetch("/my")
        self.fetch("/my/messages")
        self.assertStaffSafe()

    def test_a_sent_order(self):
        order = self.order
        for number, links in (
            ("P-1", EVIL_LINK + "P-1"),
            ("P-2", json.dumps([["P-2", EVIL_LINK], [EVIL, EVIL_LINK]])),
        ):
            order.picking_ids.write({"carrier_id": self.carrier.id, "carrier_tracking_ref": number})
            with patch.object(type(order.picking_ids), "carrier_tracking_url", links):
                if number == "P-1":
                    self.ship(order)
                for parcel in order.shipment_ids.parcel_ids:
                    self.scan(parcel, number)
                self.assertIn("&lt;script&gt;", self.fetch(f"/my/orders/{order.id}"))
                self.fetch(f"/order/status/{order._lookup_token()}")
                for shipment in order.shipment_ids:
                    for _number, url in shipment._tracking_links():
                        self.assertFalse((url or "").lower().startswith("javascript"))
        # Without parcels that are followed, the numbers of the transfer are links.
        order.shipment_ids.parcel_ids.unlink()
        with patch.object(type(order.picking_ids), "carrier_tracking_url", EVIL_LINK + "P-2"):
            self.fetch(f"/my/orders/{order.id}")
        self.assertStaffSafe()

    def scan(self, parcel, key):
        self.env["order.shipment.event"].create(
            {
                "parcel_id": parcel.id,
                "event_time": datetime(2026, 1, 1),
                "status": "delivered",
                "text": f"Signed by {EVIL}",
                "place": EVIL,
                "source": "push",
                "dedup_key": key,
            }
        )

    def test_invoices(self):
        invoice = self.order._create_invoices()
        invoice.action_post()
        self.env.cr.execute("UPDATE account_move SET name = %s WHERE id = %s", [EVIL, invoice.id])
        invoice.invalidate_recordset()
        self.assertIn("&lt;script&gt;", self.fetch(f"/my/orders/{self.order.id}"))

    # ---------------------------------------------------------------- what customers type
    def test_looking_up(self):
        self.authenticate(None, None)
        self.fetch("/order/status?number=" + EVIL.replace('"', "%22").replace("#", "%23"))
        self.send("/order/status", number=EVIL[:64], contact=EVIL)
        self.order.name = EVIL[:60]
        page = self.send("/order/status", number=self.order.name, contact="carla@example.com")
        self.assertIn("&lt;img", page)

    def test_changes(self):
        path = f"/my/orders/{self.order.id}/change"
        line = self.order.order_line[0].id
        for kind, form in (
            ("quantity", {f"qty_{line}": EVIL, "dearer": EVIL}),
            ("address", {"place": EVIL, "street": EVIL}),
            (
                "address",
                {"place": "new", "street": EVIL, "city": EVIL, "zip": EVIL, "phone": EVIL, "state_id": EVIL},
            ),
            ("date", {"date": EVIL}),
            ("cancel", {"note": EVIL}),
        ):
            self.send(f"{path}/{kind}", seen=self.order._change_version(), **form)
        self.send(f"{path}/{EVIL[:20]}", seen=EVIL)
        self.order.picking_ids.printed = True
        new = {"place": "new", "street": EVIL[:100], "city": EVIL[:100], "zip": "NW1 6XE", "note": EVIL}
        page = self.send(f"{path}/address", seen=self.order._change_version(), **new)
        self.assertIn("We have your wish", page)
        self.assertStaffSafe()
        request = self.order.change_request_ids.with_user(self.sally)
        request.answer = EVIL
        request.action_accept()
        self.assertEqual(request.state, "accepted")
        self.fetch(f"/my/orders/{self.order.id}")
        self.assertStaffSafe()
        activity = self.order.activity_ids.filtered(lambda one: "asks" in (one.summary or ""))
        self.assertFalse(activity)

    def test_a_wish_is_text_for_staff_too(self):
        self.order.picking_ids.printed = True
        wish = {"lines": {str(self.order.order_line[0].id): 1}}
        self.order._customer_change("quantity", wish, self.order._change_version(), self.carla, EVIL)
        note = str(self.order.activity_ids.filtered(lambda one: "asks" in one.summary).note)
        self.assertNotIn("<img", note)
        self.assertIn("&lt;img", note)

    def test_answers_and_files(self):
        order = self.held_quotation(self.customer, [(self.lantern, 1, 1.0)]).sudo()
        order.with_user(self.rita).action_review_request_change(EVIL)
        self.assertIn("&lt;script&gt;", self.fetch(f"/my/orders/{order.id}"))
        files = [("attachments", (f"{EVIL}.svg", b"<svg onload='alert(1)'/>", "image/svg+xml"))]
        self.send(f"/my/orders/{order.id}/answer", answer=EVIL, files=files)
        files = [("attachments", (f"{EVIL}.html", PICTURE, "text/html"))]
        self.send(f"/my/orders/{order.id}/answer", answer=EVIL, zip=EVIL, state_id=EVIL, files=files)
        self.fetch(f"/my/orders/{order.id}")
        for attachment in self.env["ir.attachment"].search(
            [("res_id", "=", order.id), ("res_model", "=", "sale.order")]
        ):
            self.assertNotIn(attachment.mimetype, ("text/html", "image/svg+xml"))
        self.assertStaffSafe()
        self.approve(order, EVIL)
        self.fetch(f"/my/orders/{order.id}")
        self.assertStaffSafe()

    def test_choices(self):
        self.fetch(f"/my/orders/{self.sale.id}")
        for code in ("wait_all", "substitute", "cancel_missing", "ship_now", "cancel"):
            self.fetch(f"/order/choice/{self.made._token(code)}")
        self.send(f"/order/choice/{self.made._token('wait_all')}", choice=EVIL)
        self.fetch(f"/order/choice/{EVIL_LINK}")
        self.assertStaffSafe()

    def test_cases(self):
        if "order.case" not in self.env:
            self.skipTest("after-sales is not installed")
        self.ship(self.order)
        line = self.order.order_line[0]
        form = {
            "order": self.order.id,
            "kind": "damage",
            "description": EVIL,
            "subject": EVIL,
            "once": EVIL,
            f"quantity_{line.id}": "1",
            f"reason_{line.id}": "broken",
        }
        self.fetch(f"/my/cases/new?order={self.order.id}")
        self.send(
            "/my/cases/new", **{**form, "kind": EVIL, f"reason_{line.id}": EVIL, f"quantity_{line.id}": EVIL}
        )
        self.send("/my/cases/new", **form)
        case = self.env["order.case"].search([("order_id", "=", self.order.id)])
        self.assertEqual(len(case), 1)
        self.env["ir.attachment"].create(
            {
                "name": f"{EVIL}.png",
                "raw": PICTURE,
                "res_model": "order.case",
                "res_id": case.id,
                "description": "photo",
            }
        )
        self.assertIn("&lt;script&gt;", self.fetch(f"/my/cases/{case.id}?message={EVIL}"))
        self.send(f"/my/cases/{case.id}/answer", answer=EVIL)
        self.fetch("/my/cases")
        self.fetch(f"/my/orders/{self.order.id}")
        self.assertStaffSafe()

    # ---------------------------------------------------------------- orders by file or API
    def test_an_order_of_another_system(self):
        payload = {
            "channel": "api",
            "ref": EVIL[:60],
            "customer": {"id": self.customer.id},
            "lines": [{"sku": "MUG", "quantity": 1, "description": EVIL}],
            "packing_instruction": EVIL,
            "note": EVIL,
        }
        result = self.rpc(self.paul, self.env["sale.order"], "place_order", payload)
        order = self.env["sale.order"].browse(result["id"])
        self.fetch(order.sudo().get_portal_url())
        self.assertStaffSafe()

    @mute_logger("odoo.addons.order_processing.models.sale_order_tell")
    def test_mails_about_the_order(self):
        self.sale.write({"user_id": self.sally.id})
        self.order.write({"partner_id": self.customer.id})
        self.change_all()
        self.assertStaffSafe()

    def change_all(self):
        for what in ("done_cancel", "done_quantity", "accepted_address", "refused_date"):
            self.order._tell_change(what, EVIL, EVIL, True)
        self.order._tell_staff_of_change("quantity", EVIL)
        self.order._ask_to_call("change", EVIL)
        self.order.order_line = [Command.update(self.order.order_line[0].id, {"name": EVIL})]
