from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common_watch import StockWatchCase


@tagged("post_install", "-at_install")
class TestStockWarning(StockWatchCase):
    """Stock falls to its warning level: people are told once, until it has recovered."""

    def told(self, warning):
        return [tuple([name, *media]) for name, media in warning.told or ()]

    # ---------------------------------------------------------------- one alert for each crossing
    def test_an_order_takes_the_last_ones(self):
        level = self.level(self.lantern, 30, 10)
        self.assertFalse(self.watch())
        self.confirmed_order(lines=[(self.lantern, 95)])
        warning = self.watch()
        self.assertEqual((warning.orderpoint_id, warning.severity, warning.quantity), (level, "warning", 25))
        self.assertEqual((warning.level, warning.product_id), (30, self.lantern))
        self.assertEqual(self.told(warning), [("Wes", "activity", "mail", "sms")])

    def test_told_once_until_it_has_recovered(self):
        self.level(self.lantern, 30)
        seen = []
        # 33 is within the margin of 10 %: people who were told at 30 need not hear of 29 again.
        for quantity in (30, 29, 33, 28, 32, 34, 40, 30, 20):
            self.set_free(self.lantern, quantity)
            self.watch()
            seen.append(
                (quantity, self.Warning.search_count([]), self.Warning.search_count([("state", "=", "open")]))
            )
        self.assertEqual(
            seen,
            [
                (30, 1, 1),
                (29, 1, 1),
                (33, 1, 1),
                (28, 1, 1),
                (32, 1, 1),
                (34, 1, 0),
                (40, 1, 0),
                (30, 2, 1),
                (20, 2, 1),
            ],
        )
        for warning in self.Warning.search([]):
            self.assertEqual(len(warning.told), 1)
        first = self.Warning.search([], order="id", limit=1)
        self.assertEqual((first.state, first.recovered_quantity), ("recovered", 34))
        self.assertTrue(first.recovered_at)

    def test_told_once_more_when_it_gets_critical(self):
        self.level(self.lantern, 30, 10)
        self.set_free(self.lantern, 30)
        warning = self.watch()
        self.set_free(self.lantern, 10)
        self.assertEqual(self.watch(), warning)
        self.assertEqual((warning.severity, warning.quantity), ("critical", 10))
        self.assertEqual(len(warning.told), 2)
        self.assertEqual(len(warning.activity_ids), 1)
        self.assertIn("critical", warning.activity_ids.summary)
        self.set_free(self.lantern, 25)
        self.watch()
        self.set_free(self.lantern, 5)
        self.assertEqual(self.watch(), warning)
        self.assertEqual(len(warning.told), 2)

    def test_what_is_reserved_is_not_free_and_comes_back(self):
        self.level(self.lantern, 30)
        order = self.confirmed_order(lines=[(self.lantern, 100)])
        warning = self.watch()
        self.assertEqual(warning.quantity, 20)
        order.sudo()._action_cancel()
        self.assertFalse(self.watch())
        self.assertEqual((warning.state, warning.recovered_quantity), ("recovered", 120))

    def test_only_what_lies_where_the_level_is(self):
        other = self.env["stock.location"].create(
            {"name": "Yard", "location_id": self.warehouse.view_location_id.id}
        )
        inside = self.env["stock.location"].create({"name": "Shelf 2", "location_id": self.shelf.id})
        self.level(self.blanket, 5)
        self.put_in_stock(self.blanket, 50, other)
        self.assertEqual(self.watch().quantity, 0)
        self.put_in_stock(self.blanket, 6, inside)
        self.assertFalse(self.watch())

    def test_no_level_no_warning(self):
        self.level(self.lantern, 0)
        self.set_free(self.lantern, -5)
        self.assertFalse(self.watch())

    def test_the_level_is_removed_or_the_rule_archived(self):
        level = self.level(self.lantern, 500)
        warning = self.watch()
        level.warning_level = 0
        self.assertFalse(self.watch())
        self.assertEqual(warning.state, "dropped")
        self.assertFalse(warning.activity_ids)
        level.warning_level = 500
        again = self.watch()
        self.assertNotEqual(again, warning)
        level.unlink()
        self.assertFalse(self.watch())
        self.assertEqual((again.state, again.product_id), ("dropped", self.lantern))

    def test_the_database_knows_one_open_warning_only(self):
        self.level(self.lantern, 500)
        warning = self.watch()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.Warning.create(warning.copy_data()[0])

    # ---------------------------------------------------------------- promptly
    def woken(self):
        """Tell whether what was done so far wakes the scheduled action when it is committed."""
        cron = self.env.ref("order_processing.ir_cron_watch_stock")
        domain = [("cron_id", "=", cron.id)]
        before = self.env["ir.cron.trigger"].search_count(domain)
        self.env.cr.flush()
        self.env.cr.precommit.data.pop("order_processing.stock_watch_woken", None)
        return self.env["ir.cron.trigger"].search_count(domain) > before

    def test_what_crosses_a_level_wakes_the_scheduled_action(self):
        self.level(self.lantern, 30)
        self.env.cr.flush()
        self.env.cr.precommit.data.pop("order_processing.stock_watch_woken", None)
        self.confirmed_order(lines=[(self.lantern, 10), (self.mug, 390)])
        self.assertFalse(self.woken())
        order = self.confirmed_order(lines=[(self.lantern, 90)])
        self.assertTrue(self.woken())
        self.watch()
        self.confirmed_order(lines=[(self.lantern, 1)])
        self.assertFalse(self.woken())
        order.sudo()._action_cancel()
        self.assertTrue(self.woken())

    def test_so_does_what_the_allocator_reserves(self):
        self.company.reservation_mode = "at_once"
        self.level(self.lantern, 30)
        self.env.cr.flush()
        self.env.cr.precommit.data.pop("order_processing.stock_watch_woken", None)
        self.confirmed_order(lines=[(self.lantern, 100)])
        self.assertTrue(self.woken())
        self.assertEqual(self.watch().quantity, 20)

    def test_without_levels_nothing_is_asked(self):
        Warning = self.registry["order.stock.warning"]
        with patch.object(Warning, "_wake_if_crossed", side_effect=AssertionError):
            self.confirmed_order(lines=[(self.lantern, 110)])
            self.env.cr.flush()

    def test_the_same_number_of_queries_however_many_levels(self):
        def queries(number):
            products = [self.product(f"P{number}-{n}", 1.0, stock=5) for n in range(number)]
            for product in products:
                self.level(product, 10)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            rows = self.Warning._changes()
            self.assertEqual(len(rows), number)
            looked = self.env.cr.sql_log_count - before
            self.Warning._settle(rows)
            self.env.flush_all()
            return looked, self.env.cr.sql_log_count - before

        queries(2)
        few, many = queries(3), queries(30)
        self.assertEqual(few[0], many[0])
        self.assertLessEqual(many[1], few[1] + 30)

    # ---------------------------------------------------------------- people and ways
    def test_who_is_told(self):
        level = self.level(self.lantern, 30)
        self.assertEqual(level._watchers(), self.wes)
        self.warehouse.stock_warning_user_ids = self.max
        self.assertEqual(level._watchers(), self.max)
        level.warning_user_ids = self.wes + self.max
        self.assertEqual(level._watchers(), self.wes + self.max)
        self.max.active = False
        self.assertEqual(level._watchers(), self.wes)

    def test_told_by_activity_mail_and_sms(self):
        self.level(self.lantern, 500)
        mails = self.env["mail.mail"].search([])
        texts = self.env["sms.sms"].search([])
        warning = self.watch()
        activity = warning.activity_ids
        self.assertEqual((activity.user_id, activity.date_deadline), (self.wes, fields.Date.today()))
        self.assertEqual(
            activity.summary,
            f"[LANTERN] Metal Lantern is low in {self.warehouse.name}: 120 Units free,"
            " the warning level is 500 Units.",
        )
        mail = self.env["mail.mail"].search([]) - mails
        self.assertEqual(mail.recipient_ids, self.wes.partner_id)
        self.assertEqual(mail.subject, "Low stock: [LANTERN] Metal Lantern")
        text = self.env["sms.sms"].search([]) - texts
        self.assertEqual((text.number, text.state), ("+442079460101", "outgoing"))
        self.assertIn("120 Units free", text.body)
        self.assertIn("Wes (activity, e-mail, SMS)", warning.told_text)

    def test_what_crosses_together_is_one_mail_and_one_text(self):
        for product in (self.lantern, self.mug, self.blanket):
            self.level(product, 500)
        mails, texts = self.env["mail.mail"].search([]), self.env["sms.sms"].search([])
        warnings = self.watch()
        self.assertEqual(len(warnings), 3)
        self.assertEqual(len(warnings.activity_ids), 3)
        mail = self.env["mail.mail"].search([]) - mails
        self.assertIn("3 products are low on stock", mail.subject)
        self.assertIn("Wool Blanket", mail.body_html)
        self.assertEqual(len(self.env["sms.sms"].search([]) - texts), 1)

    def test_ways_are_switched_off_by_company_and_person(self):
        self.level(self.lantern, 500)
        self.company.stock_warning_mail = False
        self.wes.with_user(self.wes).stock_warning_sms = False
        self.assertEqual(self.told(self.watch()), [("Wes", "activity")])

    def test_everybody_chooses_in_the_preferences(self):
        view = "base.view_users_form_simple_modif"
        with Form(self.wes.with_user(self.wes), view) as form:
            form.stock_warning_mail = False
        self.assertEqual(self.wes._stock_warning_media(self.company), ["activity", "sms"])
        # Nobody else is asked: who has nothing to do with stock does not see it.
        self.assertFalse(self.paul.with_user(self.paul).is_told_about_stock)

    def test_no_phone_no_text(self):
        self.level(self.lantern, 500)
        self.wes.partner_id.phone = False
        self.assertEqual(self.told(self.watch()), [("Wes", "activity", "mail")])

    def test_an_sms_that_fails_does_not_stop_the_others(self):
        self.level(self.lantern, 500)
        self.company.stock_warning_user_ids = self.wes + self.max
        self.max.partner_id.phone = "+44 20 7946 0102"
        broken = patch.object(
            self.registry["order.stock.warning"], "_message_sms", side_effect=ValueError("no credit")
        )
        with broken, mute_logger("odoo.addons.order_processing.models.order_stock_warning_tell"):
            warning = self.watch()
        self.assertEqual(
            sorted(self.told(warning)), [("Max", "activity", "mail"), ("Wes", "activity", "mail")]
        )
        self.assertFalse(self.watch() - warning)

    def test_nobody_to_tell_is_a_warning_all_the_same(self):
        self.level(self.lantern, 500)
        self.company.stock_warning_user_ids = False
        warning = self.watch()
        self.assertEqual((warning.told, warning.told_text), (False, "Nobody"))
        self.company.stock_warning_user_ids = self.wes
        self.assertEqual(self.watch(), warning)
        self.assertIn("Wes", warning.told_text)
        told = warning.told
        self.watch()
        self.assertEqual(warning.told, told)

    def test_who_has_left_the_warehouse_is_not_told(self):
        level = self.level(self.lantern, 500)
        self.wes.group_ids = self.env.ref("base.group_user")
        self.assertFalse(level._watchers())

    def test_in_the_language_of_who_is_told(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.wes.lang = "zh_CN"
        self.level(self.lantern, 500)
        warning = self.watch()
        self.assertEqual(len(warning.told), 1)

    def test_those_who_are_told_work_in_the_warehouse(self):
        level = self.level(self.lantern, 30)
        with self.assertRaisesRegex(ValidationError, "without a role in Inventory"):
            level.warning_user_ids = self.paul
        with self.assertRaisesRegex(ValidationError, "without a role in Inventory"):
            self.company.stock_warning_user_ids = self.anna
        with self.assertRaisesRegex(ValidationError, "without a role in Inventory"):
            self.warehouse.stock_warning_user_ids = self.paul
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaisesRegex(ValidationError, "does not work in Elsewhere"):
            elsewhere.stock_warning_user_ids = self.wes

    # ---------------------------------------------------------------- one that fails
    def test_a_level_that_fails_does_not_stop_the_others(self):
        self.level(self.lantern, 500)
        bad = self.level(self.mug, 500)
        self.level(self.blanket, 500)
        settle = self.registry["order.stock.warning"]._settle

        def failing(warnings, rows):
            if bad.id in [row.orderpoint_id for row in rows]:
                raise ValueError("no luck")
            return settle(warnings, rows)

        self.patch(self.registry["order.stock.warning"], "_settle", failing)
        self.patch(self.env.cr, "rollback", lambda: None)
        with mute_logger("odoo.addons.order_processing.models.order_stock_warning_watch"):
            warnings = self.watch()
        self.assertEqual(warnings.product_id, self.lantern + self.blanket)

    def test_killed_before_the_commit_everything_comes_again(self):
        self.level(self.lantern, 500)
        mails = self.env["mail.mail"].search([])
        with self.assertRaises(KeyboardInterrupt), self.env.cr.savepoint():
            self.Warning._settle(self.Warning._changes())
            raise KeyboardInterrupt
        self.assertFalse(self.Warning.search([]))
        self.assertEqual(self.env["mail.mail"].search([]), mails)
        self.assertEqual(len(self.watch()), 1)

    # ---------------------------------------------------------------- levels
    def test_a_level_is_set_where_people_look_for_it(self):
        Orderpoint = self.env["stock.warehouse.orderpoint"].with_user(self.max)
        with Form(Orderpoint, "stock.view_warehouse_orderpoint_form") as form:
            form.product_id = self.lantern
            form.warning_level = 200
            form.critical_level = 20
        self.assertEqual(self.watch().product_id, self.lantern)
        listed = Orderpoint.get_view(self.env.ref("stock.view_warehouse_orderpoint_tree_editable").id, "list")
        self.assertIn('name="warning_level"', listed["arch"])

    def test_critical_is_not_above_the_level(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.level(self.lantern, 10, 20)
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.level(self.lantern, -1)

    def test_a_level_survives_odoo_tidying_up(self):
        """Rules Odoo makes up for its Replenishment page are removed when there is nothing to order."""
        level, other = self.level(self.lantern, 30), self.level(self.mug, 0)
        self.assertEqual(level.create_uid.id, 1)
        (level + other)._unlink_processed_orderpoints()
        self.assertEqual((level.exists(), other.exists()), (level, other.browse()))
        level.action_replenish()
        self.assertTrue(level.exists())

    def test_a_level_orders_nothing(self):
        level = self.level(self.lantern, 500)
        self.watch()
        self.assertEqual(level.qty_to_order, 0)

    # ---------------------------------------------------------------- what helps
    def test_what_comes_in_next(self):
        self.level(self.lantern, 500)
        warning = self.watch()
        self.assertFalse(warning.next_receipt_date)
        supplier = self.env.ref("stock.stock_location_suppliers")
        dates = [fields.Datetime.add(fields.Datetime.now(), days=n).replace(microsecond=0) for n in (9, 4)]
        for date, quantity in zip(dates, (70, 40), strict=True):
            picking = self.env["stock.picking"].create(
                {
                    "picking_type_id": self.warehouse.in_type_id.id,
                    "location_id": supplier.id,
                    "location_dest_id": self.shelf.id,
                    "move_ids": [
                        Command.create(
                            {
                                "product_id": self.lantern.id,
                                "product_uom_qty": quantity,
                                "location_id": supplier.id,
                                "location_dest_id": self.shelf.id,
                                "date": date,
                            }
                        )
                    ],
                }
            )
            picking.action_confirm()
            picking.move_ids.date = date
        warning.invalidate_recordset()
        self.assertEqual((warning.next_receipt_date, warning.next_receipt_quantity), (dates[1], 40))
        self.assertEqual(warning.next_receipt_id, picking)
        self.assertEqual(warning.free_quantity, 120)

    def test_leading_on(self):
        level = self.level(self.lantern, 500)
        warning = self.watch()
        order = self.rpc(self.wes, warning, "action_open_replenish")
        self.assertEqual(order["context"]["default_quantity"], 380)
        self.assertEqual(order["context"]["default_product_id"], self.lantern.id)
        forecast = self.rpc(self.wes, warning, "action_open_forecast")
        self.assertEqual(forecast["context"]["active_id"], self.lantern.id)
        self.assertEqual(self.rpc(self.wes, warning, "action_open_level")["res_id"], level.id)

    def test_an_empty_page_says_why(self):
        self.assertIn("No warning level is set", self.Warning.get_empty_list_help(""))
        self.level(self.lantern, 30)
        self.assertIn("Nothing is low", self.Warning.get_empty_list_help(""))

    # ---------------------------------------------------------------- rights
    def test_who_sees_and_sets(self):
        level = self.level(self.lantern, 500)
        warning = self.watch()
        self.assertEqual(self.rpc(self.wes, warning, "read", ["told_text"])[0]["id"], warning.id)
        for user in (self.wes, self.max):
            for values in ({"state": "recovered"}, {"told": False}):
                with self.subTest(user.login, **values), self.assertRaises(AccessError):
                    self.rpc(user, warning, "write", values)
        with self.assertRaises(AccessError):
            self.rpc(self.wes, level, "write", {"warning_level": 5})
        self.rpc(self.max, level, "write", {"warning_level": 600})
        for user in (self.paul, self.anna, self.carla):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.rpc(user, warning, "read", ["level"])

    def test_another_company_does_not_see_it(self):
        self.level(self.lantern, 500)
        warning = self.watch()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.wes.write({"company_ids": [Command.link(company.id)], "company_id": company.id})
        theirs = (
            self.Warning.with_user(self.wes)
            .with_company(company)
            .with_context(allowed_company_ids=company.ids)
        )
        self.assertFalse(theirs.search([]))
        self.assertTrue(warning)
