from freezegun import freeze_time

from odoo.tests import tagged

from .common_dispatch import DispatchCase


@tagged("post_install", "-at_install")
class TestMorningListOfThePlan(DispatchCase):
    """What the list says is ready is ready; what is held, late or still on the shelf is not."""

    def news(self):
        self.env.invalidate_all()
        return self.warehouse._morning_news()

    def row(self, name="North"):
        return next(row for row in self.news()["departures"] if row["name"] == name)

    def figures(self, row):
        return {name: row[name] for name in ("ready", "to_pick", "short", "late", "held") if row[name]}

    def test_held_by_hand_is_not_ready(self):
        held, _ready = self.transfer(), self.transfer(partner=self.neighbour)
        self.plan()
        held.with_user(self.wes).dispatch_hold("Wet")
        self.plan()
        rows = [self.figures(row) for row in self.news()["departures"]]
        self.assertEqual(rows, [{"ready": 1}, {"held": 1}])
        [problem] = self.news()["problems"]
        self.assertEqual((problem["name"], problem["status"]), (held.name, "Held back"))

    def test_an_order_under_review_is_not_ready(self):
        transfer = self.transfer()
        self.plan()
        transfer.sale_id.review_state = "pending"
        self.assertEqual(self.figures(self.row()), {"held": 1})

    def test_what_has_to_be_picked_first_is_not_ready(self):
        self.warehouse.delivery_steps = "pick_ship"
        pick = self.transfer()
        order = pick.move_ids.sale_line_id.order_id
        self.plan()
        self.assertEqual(self.figures(self.row()), {"to_pick": 1})
        self.ship(order)
        self.assertEqual(self.figures(self.row()), {"ready": 1})

    def test_yesterdays_departure_is_on_it(self):
        transfer = self.transfer()
        self.plan()
        self.assertLeaves(transfer, 0)
        with freeze_time(self.at(1, 6)):
            news = self.news()
        times = [(row["time"], self.figures(row)) for row in news["departures"]]
        self.assertEqual(times, [("2027-01-11 16:00", {"late": 1}), ("16:00", {})])
        self.assertEqual([row["status"] for row in news["problems"]], ["Late"])

    def test_missing_goods(self):
        self.transfer((self.blanket, 1))
        self.plan()
        figures = [self.figures(row) for row in self.news()["departures"] if row["transfers"]]
        self.assertEqual(figures, [{"short": 1}])
