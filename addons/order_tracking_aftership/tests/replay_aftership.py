import json

from odoo.addons.order_processing.tests.common_replay import ReplayCase

from .bodies import checkpoint, created, envelope, refusal, tracking

KEY, SECRET = "as-k3y-of-nobody", "wh-s3cret-of-nobody"
SLUG = "ups"


class Replay(ReplayCase):
    """AfterShip, as it answers by its documentation; it knows what was announced there."""

    kind = "aftership"
    secrets = {"key": KEY, "webhook_secret": SECRET}
    carrier_code = SLUG

    def setUp(self):
        self.there, self.expired, self.couriers = set(), set(), []
        super().setUp()

    def is_question(self, call):
        return call.method == "GET" and "tracking_numbers" in call.query

    def numbers_of(self, call):
        self.assertEqual(call.path, "/v1/trackings")
        self.assertEqual(call.headers["as-api-key"], KEY)
        return call.query["tracking_numbers"].split(",")

    def body(self, numbers):
        return envelope(*(self.tracking_of(number) for number in numbers if number not in self.unknown))

    def tracking_of(self, number):
        picked_up, sorted_at = self.moments_of(number)
        scans = [
            checkpoint(picked_up, "InTransit_002", "Picked up", "上海"),
            checkpoint(sorted_at, "InTransit_003", "Sorted in 北京", "北京"),
        ]
        return tracking(number, scans, SLUG)

    def other(self, call):
        self.assertEqual(call.headers["as-api-key"], KEY)
        if call.path.endswith("/retrack"):
            return self.retracked(call.path.split("/")[-2])
        if call.method == "POST":
            return self.announced_there(json.loads(call.body))
        if call.path.endswith("/couriers"):
            return {"meta": {"code": 200}, "data": {"total": len(self.couriers), "couriers": self.couriers}}
        return envelope()

    def announced_there(self, said):
        number = said["tracking_number"]
        one = {"id": f"id-{number}-{SLUG}", "tracking_number": number, "slug": said.get("slug")}
        if number in self.there:
            return refusal(4003, "Tracking already exists.", data=one)
        self.there.add(number)
        return created(one)

    def retracked(self, reference):
        number = reference.split("-")[1]
        if number not in self.there:
            return refusal(4004, "Tracking does not exist.", 404)
        if number not in self.expired:
            return refusal(4013, "Retrack is not allowed. You can only retrack an inactive tracking.")
        self.expired.discard(number)
        return created({"id": reference, "tracking_number": number, "active": True}, 200)

    # ---------------------------------------------------------------- what happens
    def subscribe(self):
        self.env["order.tracking.provider"]._cron_subscribe()
        self.env.invalidate_all()

    def announced(self, what="trackings"):
        return [
            call for call in self.carrier.others if call.path.endswith(f"/{what}") and call.method == "POST"
        ]
