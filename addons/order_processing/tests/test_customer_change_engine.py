from odoo.tests import BaseCase, tagged

from ..engine.customer_change import ROWS, Answer, Facts, Kind, Policy, decide
from ..engine.lookup import SLOTS, Contact, contact_key, number_key, order_of
from ..engine.typed_number import read_number, write_number

BEFORE = Policy.BEFORE_PICKING


@tagged("post_install", "-at_install")
class TestDecideChange(BaseCase):
    """What a customer may change, in plain values."""

    def said(self, kind, policy=BEFORE, **facts):
        return tuple(decide(kind, policy, Facts(**{"stage": "approved", **facts})))

    def test_before_picking_everything_is_done(self):
        for kind in Kind:
            for stage in ("received", "in_review", "approved", "waiting_stock", "ready"):
                self.assertEqual(self.said(kind, stage=stage), (Answer.DO, "free"))

    def test_after_it_the_customer_asks(self):
        for kind in Kind:
            self.assertEqual(self.said(kind, picking_begun=True), (Answer.ASK, "begun"))
            self.assertEqual(self.said(kind, something_left=True), (Answer.ASK, "partly_left"))
            self.assertEqual(self.said(kind, locked=True), (Answer.ASK, "locked"))
            self.assertEqual(self.said(kind, Policy.ASK), (Answer.ASK, "policy"))

    def test_what_is_over_is_over(self):
        for kind in Kind:
            for stage in ("quotation", "refused", "cancelled", "delivered", "completed"):
                self.assertEqual(self.said(kind, stage=stage), (Answer.NO, "over"))
            self.assertEqual(self.said(kind, everything_left=True), (Answer.NO, "left"))
            self.assertEqual(self.said(kind, Policy.NEVER), (Answer.NO, "never"))
            self.assertEqual(self.said(kind, waits_for_answer=True, picking_begun=True), (Answer.NO, "waits"))

    def test_what_concerns_one_kind_only(self):
        facts = {
            "invoiced": (Kind.QUANTITY, "invoiced", {"invoiced": True}),
            "paid": (Kind.QUANTITY, "paid", {"paid": True, "ordered_more": True}),
            "price": (Kind.QUANTITY, "price", {"special_price": True}),
            "freight": (Kind.QUANTITY, "freight", {"freight_changes": True}),
            "dearer": (Kind.QUANTITY, "paid", {"paid": True, "costs_more": True}),
            "country": (Kind.ADDRESS, "country", {"other_country": True}),
            "taxes": (Kind.ADDRESS, "taxes", {"other_taxes": True}),
            "carrier": (Kind.ADDRESS, "carrier", {"carrier_refuses": True}),
        }
        for its, code, values in facts.values():
            for kind in Kind:
                expected = (Answer.ASK, code) if kind is its else (Answer.DO, "free")
                with self.subTest(code, kind=kind):
                    self.assertEqual(self.said(kind, **values), expected)
        self.assertEqual(self.said(Kind.QUANTITY, paid=True), (Answer.DO, "free"))

    def test_goods_being_made(self):
        said = {kind: self.said(kind, stage="in_production").__getitem__(0) for kind in Kind}
        self.assertEqual([k.value for k, a in said.items() if a is Answer.ASK], ["cancel", "quantity"])

    def test_each_row_has_a_code_of_its_own(self):
        codes = [code for _answer, code, _holds in ROWS]
        self.assertEqual(len(codes), len(set(codes)))


@tagged("post_install", "-at_install")
class TestWhoAsks(BaseCase):
    """Number and contact as people write them."""

    CARLA = Contact(7, "carla@example.com", "+44 20 7946 0018", "GB")

    def found(self, typed, *contacts):
        return order_of(contact_key(typed), contacts or (self.CARLA,))

    def test_any_way_of_writing(self):
        for typed in (
            "carla@example.com",
            "  Carla@Example.COM ",
            "+44 20 7946 0018",
            "+442079460018",
            "0044 20 7946 0018",
            "020 7946 0018",
            "(020) 7946-0018",
            "020.7946.0018",
            "+44 (0)20 7946 0018",
            "０２０ ７９４６ ００１８",
        ):
            with self.subTest(typed):
                self.assertEqual(self.found(typed), 7)

    def test_what_is_not_the_same(self):
        for typed in (
            "",
            " ",
            "carla@example.org",
            "arla@example.com",
            "+49 20 7946 0018",
            "7946 0018",
            "0018",
            "020 7946 0019",
            "carla",
            "nobody@example.invalid",
            "+44 20 7946 0999",
            "020 7946 0999",
        ):
            with self.subTest(typed):
                self.assertIsNone(self.found(typed))

    def test_a_contact_without_phone_or_mail_matches_nothing(self):
        nothing = Contact(7, "", "", "")
        for typed in ("", "020 7946 0999", "+44 20 7946 0999", "nobody@example.invalid"):
            self.assertIsNone(self.found(typed, nothing))

    def test_a_chinese_mobile_and_a_number_nobody_understands(self):
        mobile = Contact(8, "", "138 1234 5678", "CN")
        for typed in ("13812345678", "+86 138-1234-5678", "008613812345678"):
            self.assertEqual(self.found(typed, mobile), 8)
        odd = Contact(9, "", "ext. 1234567", "")
        self.assertEqual(self.found("1234567", odd), 9)
        self.assertIsNone(self.found("4567", odd))

    def test_the_first_that_fits_and_no_more_than_the_slots(self):
        other = Contact(6, "other@example.com", "", "GB")
        self.assertEqual(
            self.found("carla@example.com", other, self.CARLA, self.CARLA._replace(order_id=5)), 7
        )
        self.assertIsNone(self.found("carla@example.com", *[other] * SLOTS, self.CARLA))

    def test_numbers(self):
        for typed in ("S00049", " s00049 ", "#S00049", "Ｓ０００４９", "S00049\0"):
            self.assertEqual(number_key(typed), "s00049")
        self.assertEqual(number_key("Po  17 / a"), "po 17 / a")


@tagged("post_install", "-at_install")
class TestTypedNumber(BaseCase):
    """What was typed is read as it was meant, or not at all."""

    def test_as_the_language_writes_it(self):
        for typed, english, german in (
            ("5", 5, 5),
            ("1,000", 1000, 1),
            ("1.000", 1, 1000),
            ("1,000.5", 1000.5, None),
            ("1.000,5", None, 1000.5),
            ("1 000", 1000, 1000),
            ("1\u00a0000", 1000, 1000),
            ("1,5", 1.5, 1.5),
            (".5", 0.5, 0.5),
            ("１２", 12, 12),
            ("12,34,567", None, None),
        ):
            with self.subTest(typed):
                self.assertEqual((read_number(typed), read_number(typed, ",", ".")), (english, german))

    def test_what_is_none(self):
        for typed in (
            "",
            " ",
            "-1",
            "+1",
            "1e3",
            "nan",
            "inf",
            "1_0",
            "0x1",
            "x",
            "1.2.3",
            "٣",
            "9" * 25,
            "1\n2",
        ):
            with self.subTest(typed):
                self.assertIsNone(read_number(typed))

    def test_what_is_written_is_read_again(self):
        for value, digits in ((5, 2), (12345.25, 2), (1000000, 2), (100.125, 3), (0.5, 2), (0, 2)):
            for point, group in ((".", ","), (",", "."), (",", " ")):
                self.assertEqual(read_number(write_number(value, digits, point), point, group), value)
