"""A carrier's server that answers as one real provider does, by bodies of the documented shapes.

The test says which: its ``numbers_of`` reads a call as the provider would, its ``body`` answers it. Around
that the server does everything wrong that carrier_server.py can do.
"""

import json
import random
from urllib.parse import parse_qsl, urlsplit

from .carrier_server import Call, CarrierServer, Handler

STRANGER = "STRANGER999"
# What bodies have in the place of what is documented, sooner or later.
JUNK = (
    None,
    "",
    [],
    {},
    0,
    -1,
    1e300,
    True,
    "null",
    "\x00",
    "999999999999999999",
    ["a", 1],
    {"a": {"b": []}},
)


class Question(Call):
    """A call as tests look at it."""

    @property
    def form(self):
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def query(self):
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def numbers(self):
        return self  # the server's ``answer`` reads it


class ReplayHandler(Handler):
    def do_POST(self):
        carrier = self.server.carrier
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Question(self.path.partition("?")[0], headers, body)
        call.target, call.method = self.path, self.command
        is_question = carrier.case.is_question(call)
        with carrier.lock:
            carrier.calls.append(call)
            call.is_question = is_question
            fault = carrier.script.popleft() if carrier.script and is_question else None
        name, *arguments = fault if isinstance(fault, tuple) else (fault or "proper",)
        return getattr(self, f"do_{name}")(carrier, call, *arguments)

    do_GET = do_PUT = do_DELETE = do_POST

    def do_proper(self, carrier, call):
        said = carrier.answer(call) if call.is_question else carrier.case.other(call)
        status, said = said if isinstance(said, tuple) else (200, said)
        self.reply(status, said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False))

    def do_says(self, carrier, call, body, status=200):
        self.reply(status, body if isinstance(body, bytes) else json.dumps(body))


class ReplayServer(CarrierServer):
    """Answers as ``case`` says; ``silent`` are left out, ``swapped`` answered for another number."""

    handler = ReplayHandler

    def __init__(self, case):
        super().__init__()
        self.case, self.silent, self.swapped, self.strangers = case, set(), {}, []

    def answer(self, call):
        asked = [one for one in self.case.numbers_of(call) if one not in self.silent]
        return self.case.body([self.swapped.get(one, one) for one in asked] + self.strangers)

    @property
    def tracked(self):
        return [call for call in self.calls if call.is_question]

    @property
    def others(self):
        return [call for call in self.calls if not call.is_question]


def spoiled(body, chance):
    """Return a body with something else in a few places; texts that are JSON are spoiled inside."""
    if chance.random() < 0.04:
        return chance.choice(JUNK)
    if isinstance(body, dict):
        return {name: spoiled(part, chance) for name, part in body.items() if chance.random() > 0.03}
    if isinstance(body, list):
        return [spoiled(part, chance) for part in body]
    if isinstance(body, str) and body[:1] in ("{", "["):
        return json.dumps(spoiled(json.loads(body), chance))
    return body


def turned(body):
    """Return a body with each list the other way round, in texts that are JSON as well."""
    if isinstance(body, dict):
        return {name: turned(part) for name, part in body.items()}
    if isinstance(body, list):
        return [turned(part) for part in body[::-1]]
    if isinstance(body, str) and body[:1] in ("{", "["):
        return json.dumps(turned(json.loads(body)))
    return body


def chances(count):
    """Return generators of chance, the same in each run."""
    return [random.Random(seed) for seed in range(count)]  # noqa: S311  of nothing secret
