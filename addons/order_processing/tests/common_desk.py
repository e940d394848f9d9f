from datetime import datetime

from freezegun import freeze_time

from odoo import Command
from odoo.tests import Form, new_test_user

from .common import OrderProcessingCase

REVIEWER = "order_processing.group_order_processing_reviewer"


class ReviewDeskCase(OrderProcessingCase):
    """The review desk of Lamps & Mugs: rita and fiona review; max, who leads the sales team, manages.

    Three stages, in this order: the *desk* (rita and fiona), *finance* (fiona), *management* (max). What is
    wrong with an address or a price goes to the desk, what is wrong with a margin to finance.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for login in ("fiona", "max"):
            groups = f"{REVIEWER},sales_team.group_sale_manager" if login == "max" else REVIEWER
            setattr(cls, login, new_test_user(cls.env, login, groups, name=login.capitalize()))
        cls.desk = cls.env.ref("order_processing.stage_sales")
        cls.finance = cls.env.ref("order_processing.stage_finance")
        cls.management = cls.env.ref("order_processing.stage_management")
        for stage, users in (
            (cls.desk, cls.rita + cls.fiona),
            (cls.finance, cls.fiona),
            (cls.management, cls.max),
        ):
            stage.write({"user_ids": [Command.set(users.ids)], "deadline_hours": 8, "reminder_hours": 2})
        cls.team = cls.env["crm.team"].create(
            {"name": "Shops", "user_id": cls.max.id, "company_id": cls.company.id}
        )
        cls.rule("margin").write({"active": True, "stage_id": cls.finance.id})
        # Somebody works from nine to five, Monday to Friday, London time.
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Nine to five",
                "tz": "Europe/London",
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": "Day",
                            "dayofweek": str(day),
                            "hour_from": 9,
                            "hour_to": 17,
                            "day_period": "full_day",
                        }
                    )
                    for day in range(5)
                ],
            }
        )
        cls.company.resource_calendar_id = cls.calendar

    # ---------------------------------------------------------------- making things
    @classmethod
    def held(cls, *reasons, **vals):
        """Return an order held for these reasons: ``address``, ``price``, ``margin``; one line."""
        partner = cls.corner_shop if "address" in reasons else cls.customer
        price = 9.0 if "margin" in reasons else 17.0 if "price" in reasons else 18.5
        order = cls.quotation(partner, [(cls.lantern, vals.pop("pieces", 2), price)], **vals)
        order.action_submit()
        return order

    @classmethod
    def way(cls, order):
        """Return the stages the order goes through now, each with what has become of it there."""
        steps = order.sudo().review_step_ids.filtered("is_current").sorted("sequence")
        return [(step.stage_id.name, step.state) for step in steps]

    def at(self, order):
        return order.sudo().review_stage_id

    def decide_in_wizard(self, orders, decision, by, reason=None, **each):
        """Decide as the desk does; ``each`` are the order's names with another decision for them alone."""
        wizards = self.env["order.review.decide"].with_user(by)
        wizards = wizards.with_context(active_model="sale.order", active_ids=orders.ids)
        with Form(wizards) as form:
            form.decision = decision
            form.reason = reason or ""
            for index, order in enumerate(orders):
                if order.name in each:
                    with form.line_ids.edit(index) as line:
                        line.decision, line.reason = each[order.name]
        return form.record

    @staticmethod
    def at_time(text):
        """Freeze the clock at a moment in UTC."""
        return freeze_time(datetime.fromisoformat(text))
