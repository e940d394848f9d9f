import re


class PortalPages:
    """How a customer fills in our forms; for classes of tests with an order and a web server."""

    @staticmethod
    def field(page, name):
        found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text)
        return found[1] if found else ""

    def form(self, token=""):
        return self.url_open(f"/my/cases/new?order={self.order.id}&access_token={token}")

    def send(self, page=None, photos=(), **vals):
        """Send the form for a new case; ``photos`` are ``(name, content, kind)``."""
        page = page or self.form()
        data = {
            "csrf_token": self.field(page, "csrf_token"),
            "once": self.field(page, "once"),
            "order": self.order.id,
            "kind": "damage",
            "description": "Broken",
            f"quantity_{self.lanterns.id}": "2",
            f"reason_{self.lanterns.id}": "broken",
            **vals,
        }
        return self.url_open("/my/cases/new", data=data, files=[("photos", one) for one in photos] or None)

    def cases(self):
        self.env.invalidate_all()
        return self.env["order.case"].search([("order_id", "=", self.order.id)])
