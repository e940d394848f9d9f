import json
import os
from datetime import timedelta
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.addons.order_processing.connectors import base
from odoo.addons.order_processing.models import order_tracking_again
from odoo.addons.order_processing.models.order_secret import VARIABLE

from .common_tracking import SHIPPED, TrackingCase
from .push_connector import SECRET, PushConnector, signature

KEY = Fernet.generate_key().decode()


class PushCase(TrackingCase):
    """Parcel Eye tells us of news, and signs what it says."""

    connector = PushConnector

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enterClassContext(patch.dict(os.environ, {VARIABLE: KEY}))
        cls.enterClassContext(patch.dict(base._KINDS, {"generic": cls.connector}))
        cls.provider.write({"mode": "both", "base_url": "http://127.0.0.1:9"})
        cls.provider._set_secret("push_secret", SECRET)
        cls.path = "/order_tracking/push/" + cls.provider._push_url().partition("/order_tracking/push/")[2]
        cls.parcel = cls.ship_with_number("SW123").parcel_ids

    def setUp(self):
        super().setUp()
        self.env.registry.clear_cache()
        self.patch(order_tracking_again, "FIRST_PAUSE", 0)

    # ---------------------------------------------------------------- transactions inside the tests' own
    def in_steps(self):
        """Let scheduled actions commit and begin again as they do, within the test's transaction."""
        self.patch(self.env.cr, "commit", self.commit)
        self.patch(self.env.cr, "rollback", self.rollback)
        self.commit()

    def commit(self):
        self.env.flush_all()
        self.env.cr.execute("SAVEPOINT committed")

    def rollback(self):
        self.env.cr.clear()
        self.env.cr.execute("ROLLBACK TO SAVEPOINT committed")

    # ---------------------------------------------------------------- what happens
    @staticmethod
    def news(*scans, number="SW123", **more):
        """Return a message: scans are (hours after it left, code)."""
        told = [{"at": (SHIPPED + timedelta(hours=at)).isoformat(), "code": code} for at, code in scans]
        return json.dumps({"parcels": [{"number": number, "scans": told, **more}]}).encode()

    def store(self, raw):
        """Put a message into the inbox, as the route does."""
        inbox = self.env["order.tracking.inbox"]
        inbox._store(self.provider.id, raw, {}, {"x-signature": signature(raw)})
        return inbox.search([], limit=1)

    def read_inbox(self):
        self.in_steps()
        self.env["order.tracking.inbox"]._cron_read()
        self.env.invalidate_all()
