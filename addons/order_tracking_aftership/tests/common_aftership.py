import json
from datetime import datetime, timedelta

from odoo.tests import BaseCase

from odoo.addons.order_processing.connectors.base import ConnectorError, Item, Request, Response, Settings

from ..connector import AfterShip
from .bodies import envelope

KEY, SECRET = "as-k3y-of-nobody", "wh-s3cret-of-nobody"
AT = datetime(2026, 7, 3, 8, 30)
HOUR = timedelta(hours=1)
ITEMS = (Item(7, "1Z999AA10123456784", "ups"), Item(8, "RR123456789CN"))


class Case(BaseCase):
    def setUp(self):
        super().setUp()
        self.connector = self.made()

    def made(self, secret=SECRET, **options):
        settings = Settings("https://as.example/tracking/2026-01", options)
        return AfterShip(settings, {"key": KEY, "webhook_secret": secret})

    def told(self, body, items=ITEMS, status=200, connector=None):
        request = Request("GET", "https://as.example/tracking/2026-01/trackings", tuple(items))
        return (connector or self.connector).parse(Response(status, {}, json.dumps(body).encode()), request)

    def one(self, *trackings, item=ITEMS[0], **options):
        (result,) = self.told(envelope(*trackings), [item], **options)
        return result

    def trouble_of(self, body, items=ITEMS, status=200):
        with self.assertRaises(ConnectorError) as caught:
            self.told(body, items, status)
        return caught.exception.trouble
