from odoo.tests import tagged

from ..models.review_facts import ReviewFacts
from .common import OrderProcessingCase


@tagged("post_install", "-at_install")
class TestAddressChecks(OrderProcessingCase):
    """Where does it go, and is there a door with that number?"""

    def found(self, check, order):
        """Return what one check finds on one order."""
        order = order.sudo()
        return getattr(order, f"_check_{check}")(None, ReviewFacts(order)).get(order.id)

    def found_at(self, check, country, state=None, **vals):
        return self.found(check, self.quotation(self.somebody(country, state, **vals)))

    def somebody(self, country, state=None, **vals):
        address = {
            "name": "Someone",
            "email": "someone@example.com",
            "country_id": self.env.ref(f"base.{country}").id,
            "state_id": self.env.ref(f"base.{state}").id if state else False,
        }
        return self.env["res.partner"].create({**address, **vals})

    # ---------------------------------------------------------------- the address
    def test_good_and_bad_country_by_country(self):
        here = {"street": "1 Main Street", "city": "Springfield"}
        hangzhou = {"street": "文三路478号", "city": "杭州市"}
        cases = [
            ("us", "state_us_14", {**here, "zip": "62701"}, None),
            ("us", "state_us_5", {**here, "zip": "62701"}, "address_zip_state"),
            ("us", None, {**here, "zip": "62701"}, "address_incomplete"),
            ("us", "state_cn_ZJ", {**here, "zip": "62701"}, "address_bad_state"),
            ("uk", None, {**here, "zip": "NW1 6XE"}, None),
            ("uk", None, {**here, "zip": "12345"}, "address_bad_zip"),
            ("de", None, {**here, "zip": "D-10115"}, None),
            ("de", None, {**here, "zip": "1011"}, "address_bad_zip"),
            ("ie", None, here, None),
            ("ie", None, {"street": "1 Main Street"}, "address_incomplete"),
            ("hk", "state_hk_kln", {"street": "彌敦道132號"}, None),
            ("hk", None, {"street": "彌敦道132號"}, "address_incomplete"),
            ("cn", "state_cn_ZJ", hangzhou, None),
            ("cn", "state_cn_ZJ", {**hangzhou, "zip": "310012"}, None),
            ("cn", "state_cn_ZJ", {"street": "478 Wensan Road", "city": "Hangzhou"}, None),
            ("cn", None, hangzhou, "address_incomplete"),
            ("cn", "state_cn_ZJ", {**hangzhou, "zip": "31001"}, "address_bad_zip"),
            ("jp", "state_jp_jp-13", {"street": "丸の内2-7-2", "zip": "１００－０００５"}, None),
            ("jp", "state_jp_jp-27", {"street": "丸の内2-7-2", "zip": "100-0005"}, "address_zip_state"),
            ("br", "state_br_sp", {"street": "Av. Paulista 1578", "city": "SP", "zip": "01310-200"}, None),
            ("br", "state_br_rj", {**here, "zip": "01310-200"}, "address_zip_state"),
        ]
        for country, state, address, expected in cases:
            with self.subTest(country, state=state, **address):
                found = self.found_at("address", country, state, **address)
                self.assertEqual(found and found.code, expected)

    def test_the_finding_says_what_is_wrong(self):
        here = {"street": "1 Main Street", "city": "Springfield", "zip": "62701"}
        cases = [
            (self.somebody("us", "state_us_5", **here), "62701 is a postal code of another state"),
            (
                self.somebody("us", "state_cn_ZJ", **here),
                "浙江省 is not a state or province of United States",
            ),
            (self.somebody("de", **here), None),
            (self.somebody("uk", **here), "62701 is not a postal code of United Kingdom"),
            (self.somebody("de", street="1 Main Street"), "of Someone lacks a city, a postal code"),
        ]
        for partner, text in cases:
            found = self.found("address", self.quotation(partner))
            with self.subTest(text):
                words = self.env["order.review.finding"]._words(found.code, found.figures) if found else None
                self.assertRegex(words, text) if text else self.assertIsNone(words)

    def test_another_address_is_another_finding(self):
        partner = self.somebody("uk", street="1 Main Street", city="Leeds")
        first = self.found("address", self.quotation(partner)).sizes
        self.assertEqual(self.found("address", self.quotation(partner)).sizes, first)
        self.assertIn("zip", first)
        partner.street = "2 Main Street"
        self.assertNotEqual(self.found("address", self.quotation(partner)).sizes, first)

    def test_a_service_goes_nowhere(self):
        order = self.quotation(self.somebody("cn", street="杭州市", city="杭州市"), [(self.wrapping, 1)])
        for check in ("address", "address_detail", "remote_area"):
            with self.subTest(check):
                self.assertIsNone(self.found(check, order))

    # ---------------------------------------------------------------- the door
    def test_a_street_needs_a_number_where_houses_have_them(self):
        cases = [
            ("uk", {"street": "Mill Lane", "city": "Oxford"}, True),
            ("uk", {"street": "Rose Cottage", "street2": "Mill Lane", "city": "Oxford"}, False),
            ("ie", {"street": "Main Street", "city": "Kinvara", "zip": "H91 P3V6"}, False),
            ("cn", {"street": "文三路", "city": "杭州市"}, True),
            ("cn", {"street": "文三路四百七十八号", "city": "杭州市"}, False),
            ("cn", {"street": "Wensan Lu", "city": "Hangzhou"}, True),
            ("jp", {"street": "丸の内２－７－２"}, False),
            ("ae", {"street": "Sheikh Zayed Road", "city": "Dubai"}, False),
            ("ae", {"street": "Dubai", "city": "Dubai"}, True),
        ]
        for country, address, expected in cases:
            with self.subTest(country, **address):
                found = self.found_at("address_detail", country, **address)
                self.assertEqual(bool(found), expected)
        words = self.env["order.review.finding"]._words(
            "address_no_number",
            self.found_at("address_detail", "uk", street=" Mill Lane ", city="Oxford").figures,
        )
        self.assertIn("of Someone has no house number (Mill Lane)", words)

    def test_a_bare_street_only_warns(self):
        order = self.quotation(self.customer.copy({"street": "Baker Street"}))
        order.action_submit()
        self.assertConfirmed(order)
        finding = order.sudo().review_finding_ids
        self.assertEqual((finding.code, finding.severity), ("address_no_number", "warn"))

    # ---------------------------------------------------------------- whom do we call?
    def test_delivery_contact_customer_or_company_can_be_reached(self):
        lost = {"phone": False, "email": False}
        shop = self.customer.copy({"is_company": True})
        clerk = self.customer.copy({"parent_id": shop.id, **lost})
        flat = self.customer.copy({"type": "delivery", "parent_id": False, **lost})
        self.assertIsNone(self.found("contact", self.quotation(clerk)))
        self.assertIsNone(self.found("contact", self.quotation(clerk, partner_shipping_id=flat.id)))
        shop.write(lost)
        self.assertEqual(self.found("contact", self.quotation(clerk)).code, "contact_unreachable")
        flat.phone = "020 7946 0018"
        self.assertIsNone(self.found("contact", self.quotation(clerk, partner_shipping_id=flat.id)))

    def test_a_number_without_country_is_one_of_ours(self):
        partner = self.customer.copy({"country_id": False, "phone": "020 7946 0018", "email": False})
        self.assertIsNone(self.found("contact", self.quotation(partner)))
        partner.country_id = self.env.ref("base.hk")
        self.assertEqual(self.found("contact", self.quotation(partner)).code, "contact_unreachable")

    # ---------------------------------------------------------------- cost
    def test_ten_times_the_addresses_take_no_more_queries(self):
        few, many = self.many_orders(2), self.many_orders(20)
        for check in ("address", "address_detail", "contact", "remote_area"):
            self.queries_of(check, few)  # what is read once for all: areas, countries
            with self.subTest(check):
                self.assertEqual(self.queries_of(check, few), self.queries_of(check, many))

    def many_orders(self, count):
        """Half of them in the Highlands with a code that is none, in states of their own."""
        partners = self.env["res.partner"].create(
            [
                {
                    "name": f"Customer {number} of {count}",
                    "street": f"{number} Station Road",
                    "city": "Inverness",
                    "zip": f"IV{number % 9 + 1} 1AB" if number % 2 else "none",
                    "country_id": self.gb.id,
                    "state_id": self.gb.state_ids[number % 7].id,
                }
                for number in range(count)
            ]
        )
        return self.env["sale.order"].union(*(self.quotation(partner) for partner in partners)).sudo()

    def queries_of(self, check, orders):
        self.env.flush_all()
        self.env.invalidate_all()
        facts = ReviewFacts(orders)
        before = self.env.cr.sql_log_count
        getattr(orders, f"_check_{check}")(None, facts)
        return self.env.cr.sql_log_count - before
