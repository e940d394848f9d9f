from odoo.tests import TransactionCase, tagged

STATUSES = {
    "7/701": "info_received",
    "1/101": "picked_up",
    "2/201": "in_transit",
    "2/204": "in_transit",
    "2/205": "in_transit",
    "3/301": "out_for_delivery",
    "13/1301": "attempt_failed",
    "11/1101": "available_for_pickup",
    "4/401": "delivered",
    "5/501": "cancelled",
}
OPERATIONS = {
    **dict.fromkeys(("50", "54"), "picked_up"),
    **dict.fromkeys(("30", "31", "36", "105", "106", "302", "305", "310", "517", "607", "608"), "in_transit"),
    **dict.fromkeys(("44", "204", "634"), "out_for_delivery"),
    **dict.fromkeys(("33", "70"), "attempt_failed"),
    **dict.fromkeys(("125", "642", "218"), "available_for_pickup"),
    **dict.fromkeys(("80", "8000"), "delivered"),
    "99": "in_transit",
    "648": "returning",
    "631": "returned",
    "126": "exception",
    "655": "info_received",
}


@tagged("post_install", "-at_install")
class TestCodes(TransactionCase):
    """Each code the documentation lists has a meaning as delivered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider = cls.env["order.tracking.provider"].create({"name": "SF", "kind": "sf"})
        cls.map = cls.env["order.tracking.status.map"]

    def test_each_documented_status_and_operation(self):
        lookup = self.map._meanings(self.provider)
        for code, status in {**STATUSES, **OPERATIONS}.items():
            with self.subTest(code):
                self.assertEqual(lookup(code)[0], status)
        self.assertEqual((len(STATUSES), len(OPERATIONS)), (10, 28))

    def test_a_finer_status_nobody_lists_is_what_the_coarse_one_is(self):
        lookup = self.map._meanings(self.provider)
        for coarse, status in {
            "7": "info_received",
            "1": "picked_up",
            "2": "in_transit",
            "3": "out_for_delivery",
            "13": "attempt_failed",
            "11": "available_for_pickup",
            "4": "delivered",
            "5": "cancelled",
        }.items():
            self.assertEqual(lookup(f"{coarse}/{coarse}99")[0], status)
            self.assertEqual(lookup(f"{coarse}/")[0], status)
        self.assertIsNone(lookup("6/601"))
        self.assertIsNone(lookup("14/1401"))

    def test_operation_and_status_204_are_two_numbers(self):
        lookup = self.map._meanings(self.provider)
        self.assertEqual(lookup("204"), ("out_for_delivery", ""))
        self.assertEqual(lookup("2/204"), ("in_transit", "customs"))
        self.assertEqual(lookup("2/205"), ("in_transit", "customs_cleared"))
        self.assertEqual(lookup("125"), ("available_for_pickup", "locker"))

    def test_a_failed_attempt_can_be_called_otherwise(self):
        """One program takes 70 for on its way where it asks, for a problem where it is told."""
        self.map.search([("kind", "=", "sf"), ("code", "=", "70")]).status = "exception"
        self.assertEqual(self.map._meanings(self.provider)("70"), ("exception", ""))

    def test_a_code_nobody_knows_says_nothing(self):
        self.assertIsNone(self.map._meanings(self.provider)("4711"))
