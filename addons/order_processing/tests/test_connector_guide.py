import hashlib
import hmac
import importlib.util
import json
import pathlib
import re
import statistics
from datetime import timedelta
from importlib.machinery import SourceFileLoader
from unittest import skipUnless
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from ..connectors import base
from .common_replay import EveryFault, ReplayCase
from .common_replay_push import EveryPush, PushReplay
from .replay import spoiled

ROOT = pathlib.Path(__file__).resolve().parents[3]
GUIDE = ROOT / "docs" / "connectors.md"
IS_HERE = GUIDE.exists() and (ROOT / "bin" / "lines").exists()
CHINA = timedelta(hours=8)
CODES = {"picked_up": "PU", "in_transit": "TR", "out_for_delivery": "OUT", "delivered": "DEL"}


def of_the_guide():
    """Return the connector as it stands in the guide."""
    (source,) = [
        one for one in re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.S) if "@register" in one
    ]
    found = {}
    with patch.dict(base._KINDS):
        exec(compile(source, str(GUIDE), "exec"), found)  # noqa: S102  our own guide
    return found["PigeonPost"]


@tagged("post_install", "-at_install")
@skipUnless(IS_HERE, "only where the guide is")
class TestGuide(BaseCase):
    def test_connectors_are_as_short_as_the_guide_says(self):
        loader = SourceFileLoader("lines", str(ROOT / "bin" / "lines"))
        lines = importlib.util.module_from_spec(importlib.util.spec_from_loader("lines", loader))
        loader.exec_module(lines)
        counts = lines.connectors()
        self.assertEqual(len(counts), 5)
        self.assertLess(statistics.median(counts.values()), 150)
        rows = re.findall(r"^\| `(order_tracking_\w+)` .*\| (\d+) \|$", GUIDE.read_text(), re.M)
        self.assertEqual({name: int(count) for name, count in rows}, counts)


class Pigeons(ReplayCase):
    """The carrier of the guide, in the place of the generic kind."""

    kind = "generic"
    secrets = {"key": "p1geon-key", "push_secret": "p1geon-secret"}
    connector = of_the_guide() if IS_HERE else None

    def is_question(self, call):
        return call.path == "/v1/track"

    def numbers_of(self, call):
        self.assertEqual(call.headers["x-key"], self.secrets["key"])
        return call.json["numbers"]

    def told(self, number, scans):
        if number in self.unknown:
            return {"number": number, "error": "unknown"}
        # By their clocks in China, as they write it.
        clocks = [(CODES[status], (at + CHINA).strftime("%Y-%m-%d %H:%M:%S")) for status, at in scans]
        return {
            "number": number,
            "scans": [{"code": code, "time": time, "words": ""} for code, time in clocks],
        }

    def body(self, numbers):
        names = ("picked_up", "in_transit")
        return {
            "parcels": [
                self.told(number, zip(names, self.moments_of(number), strict=True)) for number in numbers
            ]
        }


@tagged("post_install", "-at_install")
@skipUnless(IS_HERE, "only where the guide is")
class TestPigeonFaults(EveryFault, Pigeons):
    """Every fault, played to the connector of the guide."""


@tagged("post_install", "-at_install")
@skipUnless(IS_HERE, "only where the guide is")
class TestPigeonPush(EveryPush, Pigeons, PushReplay):
    """Every message, told to the connector of the guide."""

    def pushed(self, number, scans):
        raw = json.dumps({"parcels": [self.told(number, scans)]}).encode()
        return raw, {"X-Signature": hmac.new(b"p1geon-secret", raw, hashlib.sha256).hexdigest()}

    names_carrier = False

    def spoil(self, chance):
        return json.dumps(spoiled({"parcels": [self.told("SW000", self.story)]}, chance)).encode(), {}, {}
