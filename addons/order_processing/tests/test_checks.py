from odoo.tests import tagged

from .common import OrderProcessingCase


@tagged("post_install", "-at_install")
class TestAddressAndContact(OrderProcessingCase):
    """Where does it go, and whom do we call when it does not arrive?"""

    def findings(self, partner, lines=None, **vals):
        order = self.quotation(partner, lines, **vals).sudo()
        return [code for code, _facts in self.found(order)]

    def customer_of(self, country, **vals):
        address = {"name": "Someone", "email": "someone@example.com", "country_id": self.env.ref(country).id}
        return self.env["res.partner"].create({**address, **vals})

    # ---------------------------------------------------------------- address
    def test_a_complete_address_passes(self):
        self.assertEqual(self.findings(self.customer), [])

    def test_what_is_missing_is_named(self):
        missing = {
            "street": ["street"],
            "city": ["city"],
            "zip": ["zip"],
        }
        for field, expected in missing.items():
            partner = self.customer.copy({field: False})
            order = self.quotation(partner).sudo()
            with self.subTest(field):
                ((code, facts),) = self.found(order)
                self.assertEqual((code, facts["missing"]), ("address_incomplete", expected))

    def test_an_address_of_blanks_is_no_address(self):
        partner = self.customer.copy({"street": "  ", "zip": " "})
        self.assertEqual(self.findings(partner), ["address_incomplete"])

    def test_the_second_street_line_will_do(self):
        partner = self.customer.copy({"street": False, "street2": "221 Baker Street"})
        self.assertEqual(self.findings(partner), [])

    def test_without_country_nothing_can_be_sent(self):
        partner = self.customer.copy({"country_id": False})
        self.assertEqual(self.findings(partner), ["address_no_country"])

    def test_each_country_asks_for_its_own(self):
        here = {"street": "1 Main Street", "city": "Springfield"}
        illinois, california = self.env.ref("base.state_us_14"), self.env.ref("base.state_us_5")
        cases = [
            ("base.us", {**here, "zip": "62701", "state_id": illinois.id}, []),
            ("base.us", {**here, "zip": "62701"}, ["address_incomplete"]),
            ("base.us", {**here, "zip": "6270", "state_id": california.id}, ["address_bad_zip"]),
            ("base.de", {**here, "zip": "10115"}, []),
            ("base.de", {**here, "zip": "1011"}, ["address_bad_zip"]),
            ("base.ie", here, []),  # no post code needed
            ("base.hk", {"street": "1 Queen's Road"}, ["address_incomplete"]),
            ("base.uk", {**here, "zip": "nw1 6xe"}, []),
            ("base.uk", {**here, "zip": "12345"}, ["address_bad_zip"]),
        ]
        for country, address, expected in cases:
            with self.subTest(country, **address):
                self.assertEqual(self.findings(self.customer_of(country, **address)), expected)

    def test_it_is_the_delivery_address_that_counts(self):
        flat = self.env["res.partner"].create(
            {"name": "Flat", "type": "delivery", "parent_id": self.customer.id, "street": "Elsewhere 1"}
        )
        self.assertEqual(self.findings(self.customer, partner_shipping_id=flat.id), ["address_no_country"])
        good = self.findings(self.corner_shop, partner_shipping_id=self.customer.id)
        self.assertEqual(good, [])

    def test_a_service_goes_nowhere(self):
        found = self.findings(self.corner_shop, [(self.wrapping, 1)])
        self.assertEqual(found, ["contact_unreachable"])

    # ---------------------------------------------------------------- contact
    def test_one_way_to_reach_them_is_enough(self):
        cases = [
            ({"phone": False, "email": "carla@example.com"}, []),
            ({"phone": "+44 20 7946 0018", "email": False}, []),
            ({"phone": "020 7946 0018", "email": False}, []),
            ({"phone": False, "email": False}, ["contact_unreachable"]),
            ({"phone": "12", "email": "carla at home"}, ["contact_unreachable"]),
            ({"phone": "ask the porter", "email": False}, ["contact_unreachable"]),
        ]
        for vals, expected in cases:
            with self.subTest(**vals):
                self.assertEqual(self.findings(self.customer.copy(vals)), expected)

    def test_the_company_of_the_customer_can_be_called_too(self):
        shop = self.customer.copy({"is_company": True})
        clerk = self.customer.copy({"parent_id": shop.id, "phone": False, "email": False})
        self.assertEqual(self.findings(clerk), [])

    # ---------------------------------------------------------------- credit
    def test_a_line_that_takes_off_is_found_at_list_price_too(self):
        lines = [(self.lantern, 20), (self.wrapping, -100)]
        order = self.quotation(lines=lines).sudo()
        ((code, facts),) = self.found(order)
        self.assertEqual(code, "credit_line")
        self.assertEqual(facts, {"product": "[WRAP] Gift Wrapping", "quantity": 100.0})

    # ---------------------------------------------------------------- cost
    def test_ten_times_the_orders_take_no_more_queries(self):
        few, many = self.many_orders(2), self.many_orders(20)
        self.queries_of(few)  # what is read once for all: rules, countries
        self.assertEqual(self.queries_of(few), self.queries_of(many))

    def many_orders(self, count):
        partners = self.env["res.partner"].create(
            [
                {
                    **self.customer.copy_data()[0],
                    "name": f"Customer {n} of {count}",
                    "zip": f"NW{n % 9 + 1} 6XE",
                }
                for n in range(count)
            ]
        )
        products = [self.lantern, self.mug, self.blanket]
        orders = self.env["sale.order"]
        for number, partner in enumerate(partners):
            lines = [(products[number % 3], 1 + number % 7), (products[(number + 1) % 3], 2, 1.0)]
            orders += self.quotation(partner, lines).sudo()
        return orders

    def queries_of(self, orders):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        findings = orders._review_findings()
        self.assertEqual(len(findings), len(orders))
        return self.env.cr.sql_log_count - before
