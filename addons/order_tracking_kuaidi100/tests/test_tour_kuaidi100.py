import os
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.tests import HttpCase, tagged

from odoo.addons.order_processing.models.order_secret import VARIABLE
from odoo.addons.order_processing.tests.common_tracking import TrackingCase


@tagged("post_install", "-at_install")
class TestSettingUp(TrackingCase, HttpCase):
    """An administrator sets up an account in the browser, and needs no code of any carrier."""

    def test_an_account_is_set_up(self):
        self.swift_code.unlink()
        with patch.dict(os.environ, {VARIABLE: Fernet.generate_key().decode()}):
            self.start_tour("/odoo/tracking-providers", "kuaidi100_is_set_up", login="admin")
        account = self.env["order.tracking.provider"].search([("kind", "=", "kuaidi100")])
        (code,) = account.carrier_code_ids
        self.assertEqual((code.carrier_id, code.code, code.needs_phone), (self.swift, "zhongtong", True))
        self.assertFalse(account.carrier_code_missing)
