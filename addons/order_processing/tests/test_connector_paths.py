from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..connectors._moments import moment
from ..connectors._paths import PathError, first, nodes, parsed, text

PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANYTHING = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
)
PATHS = st.sampled_from(
    (
        "",
        "a",
        "a.b",
        "a.*.b",
        "*.*",
        "*",
        "a.0",
        "a.-1.b",
        "a.@json.b",
        "@json",
        "a | b",
        "a + b.c",
        "a[].b",
        "a[0]",
    )
)
ANSWER = {
    "data": {
        "accepted": [{"no": "A1", "at": {"city": "Oakland", "land": "US"}}, {"no": "B2", "at": None}],
        "rejected": [{"no": "C3"}],
        "empty": [],
        "text": '{"inner": [{"no": "D4"}]}',
    },
    "count": 3,
    "ok": True,
}


@tagged("post_install", "-at_install")
class TestPaths(BaseCase):
    """What a path names in an answer, whatever the answer looks like."""

    def test_names_positions_and_stars(self):
        self.assertEqual(first(ANSWER, "data.accepted[0].no"), "A1")
        self.assertEqual(first(ANSWER, "data.accepted[-1].no"), "B2")
        self.assertEqual(nodes(ANSWER, "data.accepted.*.no"), ["A1", "B2"])
        self.assertEqual(nodes(ANSWER, "data.accepted[].no"), ["A1", "B2"])
        self.assertEqual(len(nodes(ANSWER, "data.*.*.no")), 3)
        self.assertIsNone(first(ANSWER, "data.accepted.7.no"))
        self.assertIsNone(first(ANSWER, ""))
        self.assertEqual(nodes([1, 2], ""), [1, 2])

    def test_alternatives_and_sums(self):
        self.assertEqual(
            [one["no"] for one in nodes(ANSWER, "data.accepted | data.rejected")], ["A1", "B2", "C3"]
        )
        self.assertEqual(first(ANSWER, "data.none | count"), 3)
        self.assertEqual(text(ANSWER, "data.accepted.0.at.city + data.accepted.0.at.land"), "Oakland US")
        self.assertEqual(text(ANSWER, "data.none + count"), "3")

    def test_json_within_a_text(self):
        self.assertEqual(nodes(ANSWER, "data.text.@json.inner.*.no"), ["D4"])
        self.assertIsNone(first(ANSWER, "ok.@json.inner"))
        self.assertIsNone(first({"a": "{"}, "a.@json.b"))

    def test_only_plain_values_are_text(self):
        self.assertEqual(text(ANSWER, "ok"), "true")
        self.assertEqual(text(ANSWER, "data"), "")
        self.assertEqual(text({"a": "x\x00\ud800 "}, "a"), "x")
        self.assertEqual(text({"a": 10**5000}, "a"), "")

    def test_what_is_no_path(self):
        for bad in ("a..b", "a.b c", "a.b[0", "a.[", "a.@other"):
            with self.subTest(bad), self.assertRaises(PathError):
                parsed(bad)

    @given(ANYTHING, PATHS)
    def test_nothing_raises_whatever_the_answer(self, value, path):
        self.assertIsInstance(text(value, path), str)
        self.assertIsInstance(nodes(value, path), list)
        text(value, path).encode()


@tagged("post_install", "-at_install")
class TestMoments(BaseCase):
    """Moments as carriers write them become UTC without a zone."""

    def test_iso(self):
        for written, at, assumed in (
            ("2026-03-02T16:00:00+08:00", datetime(2026, 3, 2, 8), False),
            ("2026-03-02 16:00:00 +0800", datetime(2026, 3, 2, 8), False),
            ("2026-03-02T16:00:00Z", datetime(2026, 3, 2, 16), False),
            ("2026-03-02 16:00", datetime(2026, 3, 2, 8), True),
            ("2026/03/02 16:00:00", datetime(2026, 3, 2, 8), True),
            ("2026-03-02T16:00:00.123456-0530", datetime(2026, 3, 2, 21, 30), False),
            ("20260302T160000", datetime(2026, 3, 2, 8), True),
            ("20260302", datetime(2026, 3, 1, 16), True),
            ("2026-03-02", datetime(2026, 3, 1, 16), True),
            ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59), False),
        ):
            with self.subTest(written):
                self.assertEqual(moment(written, zone="Asia/Shanghai"), (at, assumed))

    def test_numbers_and_forms(self):
        at = datetime(2026, 3, 2, 16)
        self.assertEqual(moment("1772467200"), (at, False))
        self.assertEqual(moment("1772467200123"), (at, False))
        for written in (at.strftime("%Y%m%d%H%M%S"), at.strftime("%Y%m%d%H%M")):
            self.assertEqual(moment(written), (at, True))
        self.assertEqual(moment("02.03.2026 17:00", "%d.%m.%Y %H:%M", "Europe/Berlin"), (at, True))
        # What does not fit the form is tried without it.
        self.assertEqual(moment("2026-03-02T16:00:00Z", "%d.%m.%Y"), (at, False))

    def test_summer_time_is_minded(self):
        self.assertEqual(moment("2026-07-01 12:00", zone="Europe/Berlin")[0], datetime(2026, 7, 1, 10))
        self.assertEqual(moment("2026-01-01 12:00", zone="Europe/Berlin")[0], datetime(2026, 1, 1, 11))

    def test_what_is_no_moment(self):
        for bad in ("", "soon", "2026-13-01", "0000-01-01", "1" * 40, "0001-01-01", "9999-12-31T23:59-12:00"):
            for form in ("", "%Q", "%d.%m.%Y"):
                with self.subTest(bad, form=form):
                    self.assertIsNone(moment(bad, form, "Asia/Shanghai")[0])

    @given(
        st.text(), st.sampled_from(("", "%d.%m.%Y", "%")), st.sampled_from(("UTC", "America/New_York", "x"))
    )
    def test_nothing_raises(self, written, form, zone):
        at, _assumed = moment(written, form, zone)
        self.assertTrue(at is None or at.tzinfo is None)
