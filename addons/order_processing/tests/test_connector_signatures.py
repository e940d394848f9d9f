import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..connectors._signatures import ALGORITHMS, Scheme, is_signed

NOW = datetime(2026, 3, 2, 16)
SECRET, BODY = "s3cret", '{"nu": "SF1", "text": "已签收"}'.encode()  # noqa: S105  of nobody


@tagged("post_install", "-at_install")
class TestSignatures(BaseCase):
    """Who pushed a message has our secret, or is refused."""

    def signed(self, scheme, headers=None, body=BODY, form=None, secret=SECRET, now=NOW):
        return is_signed(scheme, secret, headers or {}, body, form or {}, now)

    def test_each_algorithm_in_both_writings(self):
        for name, (function, is_keyed) in ALGORITHMS.items():
            digest = (
                hmac.new(SECRET.encode(), BODY, function).digest()
                if is_keyed
                else hashlib.new(function, BODY + SECRET.encode()).digest()
            )
            template = "{body}" if is_keyed else "{body}{secret}"
            for encoding, written in (
                ("hex", digest.hex()),
                ("hex", digest.hex().upper()),
                ("base64", base64.b64encode(digest).decode()),
            ):
                scheme = Scheme(name, "X-Sign", encoding=encoding, template=template)
                with self.subTest(name, encoding=encoding):
                    self.assertTrue(self.signed(scheme, {"x-sign": written}))
                    self.assertFalse(self.signed(scheme, {"x-sign": written}, body=BODY + b" "))
                    self.assertFalse(self.signed(scheme, {"x-sign": written}, secret="other"))

    def test_as_17track_and_kuaidi100_sign(self):
        sign = hashlib.sha256(BODY + b"/" + SECRET.encode()).hexdigest()
        self.assertTrue(self.signed(Scheme("sha256", "sign", template="{body}/{secret}"), {"sign": sign}))
        sign = hashlib.md5(BODY + SECRET.encode(), usedforsecurity=False).hexdigest().upper()
        self.assertTrue(
            self.signed(Scheme("md5", field="sign", template="{body}{secret}"), form={"sign": sign})
        )

    def test_while_keys_change_one_of_two_signatures_is_enough(self):
        sign = base64.b64encode(hmac.new(SECRET.encode(), BODY, "sha256").digest()).decode()
        scheme = Scheme("hmac-sha256", "x-sign", "", "v1,", "base64")
        for given_, is_good in ((f"v1,old= v1,{sign}", True), (f"v2,{sign}", False), (sign, False)):
            self.assertIs(self.signed(scheme, {"x-sign": given_}), is_good)

    def test_an_old_message_is_none(self):
        scheme = Scheme(
            "hmac-sha256",
            "x-sign",
            template="{timestamp}.{body}",
            time_header="X-Time",
            tolerance=timedelta(minutes=5),
        )
        for off, is_good in ((0, True), (4, True), (-4, True), (6, False), (-6, False)):
            stamp = (NOW - timedelta(minutes=off)).isoformat() + "Z"
            sign = hmac.new(SECRET.encode(), stamp.encode() + b"." + BODY, "sha256").hexdigest()
            with self.subTest(off):
                headers = {"x-sign": sign, "x-time": stamp}
                self.assertIs(self.signed(scheme, headers), is_good)
                self.assertFalse(self.signed(scheme, {"x-sign": sign}))
                self.assertFalse(self.signed(scheme, {**headers, "x-time": f"{stamp} "}))

    def test_without_secret_or_signature_nothing_is_signed(self):
        sign = hmac.new(b"", BODY, "sha256").hexdigest()
        self.assertFalse(self.signed(Scheme("hmac-sha256", "x-sign"), {"x-sign": sign}, secret=""))
        for headers in ({}, {"x-sign": ""}, {"x-sign": " "}, {"x-sign": "é"}):
            self.assertFalse(self.signed(Scheme("hmac-sha256", "x-sign"), headers))

    @given(
        st.text(max_size=40),
        st.sampled_from(sorted(ALGORITHMS)),
        st.sampled_from(("hex", "base64")),
        st.text(max_size=12),
        st.binary(max_size=40),
    )
    def test_nothing_else_is_taken_for_one(self, given_, algorithm, encoding, stamp, body):
        scheme = Scheme(
            *(algorithm, "x-sign", "", "v1=", encoding, "{timestamp}.{body}.{secret}", "x-time"),
        )
        headers = {"x-sign": f"v1={given_}", "x-time": stamp}
        self.assertFalse(self.signed(scheme, headers, body=body))
