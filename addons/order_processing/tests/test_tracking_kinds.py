import os
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.tests import Form, tagged

from ..connectors.base import _KINDS as KINDS
from ..connectors.base import Connector, ConnectorError, Trouble
from ..models.order_secret import VARIABLE
from ..models.order_tracking_call import NoTurn
from .common_tracking import TrackingCase


class Parrot(Connector):
    """Another kind whose secret is called as the one of generic accounts."""

    kind = "simulator"
    secret_names = {"secret": "Key"}


@tagged("post_install", "-at_install")
class TestKinds(TrackingCase):
    """An account becomes one of another kind, and carriers are chosen by their names."""

    # ---------------------------------------------------------------- secrets
    def test_what_one_kind_was_told_in_secret_is_not_sent_to_another(self):
        secret = next(iter(KINDS["generic"].secret_names))
        self.enterContext(patch.dict(os.environ, {VARIABLE: Fernet.generate_key().decode()}))
        self.enterContext(
            patch.dict(KINDS, simulator=type("Parrot", (Parrot,), {"secret_names": {secret: ""}}))
        )
        self.provider._set_secret(secret, "of one")
        self.provider._set_secret("salt", "of its own")
        self.provider.write({"kind": "generic", "name": "The same kind"})
        self.assertTrue(self.provider._has_secret(secret))
        self.provider.kind = "simulator"
        self.assertFalse(self.provider._has_secret(secret))
        # What the other does not ask for is not sent there: it is there again when the kind is.
        self.assertTrue(self.provider._has_secret("salt"))

    # ---------------------------------------------------------------- carriers by name
    def known(self, code, **vals):
        values = {"kind": "generic", "code": code, "name": code.title(), **vals}
        return self.env["order.tracking.carrier"].create(values)

    def test_a_tick_beside_a_carrier_chosen_by_name_is_kept(self):
        plain, shy = self.known("plain"), self.known("shy", needs_phone=True)
        form = Form(self.swift_code)
        form.known_id = plain
        form.needs_phone = True
        form.save()
        self.assertEqual((self.swift_code.code, self.swift_code.needs_phone), ("plain", True))
        form.known_id = shy
        form.needs_phone = False
        form.save()
        self.assertEqual((self.swift_code.code, self.swift_code.needs_phone), ("shy", False))

    def test_without_a_word_on_it_the_list_says_who_needs_the_phone(self):
        self.swift_code.known_id = self.known("shy", needs_phone=True)
        self.assertEqual((self.swift_code.code, self.swift_code.needs_phone), ("shy", True))
        made = self.swift_code.create(
            {
                "provider_id": self.provider.id,
                "carrier_id": self.delivery_method("Other").id,
                "known_id": self.swift_code.known_id.id,
            }
        )
        self.assertEqual((made.code, made.needs_phone), ("shy", True))

    # ---------------------------------------------------------------- words
    def test_that_no_call_is_left_is_said_in_words(self):
        for error, words in (
            (NoTurn(None), "No call is left for now"),
            (ConnectorError(Trouble.RATE, "Slow down"), "It says: Slow down"),
        ):
            message = self.provider._tell_trouble(error.trouble, error.message)["params"]["message"]
            self.assertIn(words, message)
            self.assertNotIn("own_limit", message)
