from odoo.fields import Datetime
from odoo.tests import HttpCase, tagged

from .common_freight import FreightCompany
from .common_promise import PromisingCompany


class FreightBrowserCase(FreightCompany, PromisingCompany, HttpCase):
    """The company of the freight stories, today: a browser has its own clock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.promise_from(Datetime.now())
        cls.carriers_with_rates()


@tagged("post_install", "-at_install")
class TestFreightInTheBrowser(FreightBrowserCase):
    def test_a_bill_is_imported_disputed_and_settled(self):
        for number in (1, 2):
            self.sent(f"RP-{number}")
        self.start_tour("/odoo/carriers-bills", "freight_anna_imports", login="anna")
        bill = self.env["order.freight.bill"].search([("name", "=", "RP-2027-1")])
        self.assertEqual((bill.state, bill.open_dispute_count), ("settled", 0))
        disputed = bill.line_ids.filtered("dispute_state")
        self.assertEqual((disputed.tracking_number, disputed.dispute_state), ("RP-2", "accepted"))
        self.assertEqual(disputed.credited_amount, 2.5)

    def test_carriers_are_compared_and_one_is_picked(self):
        order = self.quotation(lines=[(self.mug, 2)])
        self.submit(order)
        self.start_tour(f"/odoo/order-processing/{order.id}", "freight_sally_compares", login="sally")
        self.assertEqual((order.carrier_id, order.freight_code), (self.courier, "by_hand_dearer"))

    def test_what_freight_costs(self):
        self.sent("RP-1")
        self.bill(("RP-1", "freight", 6.0))
        self.start_tour("/odoo/freight-costs", "freight_mona_reads", login="mona")
