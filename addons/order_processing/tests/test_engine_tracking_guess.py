from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..engine.tracking import Status
from ..engine.tracking_guess import guess

SAID = {
    "Out for delivery, van 7": "out_for_delivery",
    "Shipment has been delivered to the neighbour": "delivered",
    "Your parcel will be delivered tomorrow": None,
    "Could not be delivered: nobody at home": "attempt_failed",
    "Undelivered": "attempt_failed",
    "Returned to sender": "returned",
    "Return to sender initiated": "returning",
    "Ready for pick-up at parcel locker 17": "available_for_pickup",
    "Held at customs, papers are missing": "exception",
    "Picked up by the carrier": "picked_up",
    "Label created": "info_received",
    "Arrived at depot": "in_transit",
    "快件已签收": "delivered",
    "派送中": "out_for_delivery",
    "已到达杭州转运中心": "in_transit",
    "快递柜待取": "available_for_pickup",
    "Handled": None,
}


@tagged("post_install", "-at_install")
class TestWhatACodeProbablyMeans(BaseCase):
    """What a carrier wrote says, as a rule, what its code means."""

    def test_by_the_words(self):
        for text, expected in SAID.items():
            with self.subTest(text):
                self.assertEqual(guess("X1", text), expected and Status(expected))

    def test_by_the_code_where_there_are_no_words(self):
        self.assertEqual(guess("OUT_FOR_DELIVERY", ""), Status.OUT_FOR_DELIVERY)
        self.assertEqual(guess("40", None), None)
        # The words count more than the code.
        self.assertEqual(guess("DELIVERED_2", "Delivery attempt failed"), Status.ATTEMPT_FAILED)

    @given(st.text(max_size=60), st.text(max_size=60))
    def test_whatever_is_written(self, code, text):
        self.assertIn(guess(code, text), {None, *Status})
        self.assertEqual(guess(code, text), guess(code, text.replace(" ", "_")))
