from odoo.tests import HttpCase, tagged

from .common_desk import ReviewDeskCase


class ReviewDeskTour(ReviewDeskCase, HttpCase):
    """The desk in a browser."""


@tagged("post_install", "-at_install")
class TestReviewDeskInTheBrowser(ReviewDeskTour):
    def test_three_reasons_two_stages_two_people(self):
        self.rule("contact").active = False
        order = self.quotation(self.corner_shop, [(self.lantern, 2, 9.0)])
        order.action_submit()
        self.assertEqual(len(self.open_findings(order)), 3)
        self.start_tour("/odoo/order-review", "review_desk_rita", login="rita")
        self.assertOpen(order)
        self.assertEqual(order.sudo().review_user_id, self.fiona)
        self.start_tour("/odoo/order-review", "review_desk_fiona", login="fiona")
        self.assertConfirmed(order, "approved")
        self.assertEqual(
            sorted(order.sudo().review_decision_ids.mapped("user_name")), ["Fiona", "Rita", "Rita"]
        )


@tagged("post_install", "-at_install")
class TestReviewDeskOnAPhone(TestReviewDeskInTheBrowser):
    browser_size = "390x844"
    touch_enabled = True
    allow_inherited_tests_method = True


@tagged("post_install", "-at_install")
class TestReviewDeskAllDay(ReviewDeskTour):
    def shop(self, name):
        return self.corner_shop.copy({"name": name})

    def test_one_after_the_other_by_keyboard(self):
        self.desk.user_ids = self.rita
        first, second = (self.held_quotation(self.shop(name)) for name in ("First", "Second"))
        self.start_tour("/odoo/order-review", "review_desk_next", login="rita")
        self.assertConfirmed(first, "approved")
        self.assertEqual(second.review_state, "refused")

    def test_twenty_at_once_one_of_them_refused(self):
        self.desk.user_ids = self.rita
        orders = self.env["sale.order"].union(
            *(self.held_quotation(self.shop("Seventh" if n == 7 else f"Shop {n}")) for n in range(20))
        )
        self.start_tour("/odoo/order-review", "review_desk_bulk", login="rita")
        refused = orders.filtered(lambda order: order.partner_id.name == "Seventh")
        self.assertConfirmed(orders - refused, "approved")
        self.assertEqual(refused.review_state, "refused")
        self.assertEqual(refused.sudo().review_decision_ids.reason, "We do not deliver there")

    def test_somebody_else_has_it_open(self):
        order = self.held_quotation()
        order.with_user(self.fiona).review_look()
        self.start_tour("/odoo/order-review", "review_desk_somebody_else", login="rita")
