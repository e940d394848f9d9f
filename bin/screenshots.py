"""Draws the pictures of the guides from the running demo company. Called by bin/screenshots."""

import io
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

URL, FOLDER = sys.argv[1], Path(sys.argv[2])
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP = {"viewport": {"width": 1400, "height": 800}, "timezone_id": "America/Los_Angeles"}
PHONE = {**DESKTOP, "viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
TOP = {"x": 0, "y": 0, "width": 1400, "height": 440}
COLOURS = 128  # enough for a screen of text; keeps a picture under 100 kB


class Visitor:
    """One person in front of a browser."""

    def __init__(self, page):
        self.page = page
        page.set_default_timeout(180_000)

    def log_in(self, login):
        self.page.goto(f"{URL}/web/login")
        self.page.fill("#login", login)
        self.page.fill("#password", login)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar, .o_portal_wrap, .o_portal")
        return self

    def open(self, path, shows):
        self.page.goto(URL + path)
        self.page.wait_for_selector(shows)
        return self

    def click(self, selector, shows):
        self.page.click(selector)
        self.page.wait_for_selector(shows)
        return self

    def point(self, selector, shows):
        self.page.hover(selector)
        self.page.wait_for_selector(shows)
        return self

    def draw(self, name, with_tooltip=False, **options):
        if not with_tooltip:
            self.page.mouse.move(5, 795)
        self.page.wait_for_timeout(1500)
        picture = Image.open(io.BytesIO(self.page.screenshot(**options)))
        target = FOLDER / f"{name}.png"
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
        print(f"{target}: {target.stat().st_size // 1024} kB")
        return self


@contextmanager
def visitor(browser, login, screen=DESKTOP):
    context = browser.new_context(**screen)
    yield Visitor(context.new_page()).log_in(login)
    context.close()


def row(text):
    return f".o_data_row:has-text('{text}') td[name=name]"


def draw_sales(browser):
    with visitor(browser, "sally") as sally:
        sally.open("/odoo/order-processing", ".o_kanban_record").draw("orders-by-stage")
        sally.click(".o_kanban_record:has-text('Corner Shop')", ".o_form_view .alert-warning").draw(
            "order-held"
        )
        sally.open("/odoo/order-processing", ".o_kanban_record")
        sally.click(
            ".o_kanban_group:has-text('In Transit') .o_kanban_record:has-text('Harbour')", ".o_form_view"
        )
        sally.click("a[name=order_timeline]", ".o_order_timeline").draw("timeline")


def draw_review(browser):
    with visitor(browser, "rita") as rita:
        rita.open("/odoo/order-review", ".o_data_row")
        rita.click(".o_review_counters button:has-text('all')", ".o_data_row").draw("review-desk", clip=TOP)
        rita.click("thead .o_list_record_selector input", ".o_control_panel button:has-text('Approve')")
        rita.click(".o_control_panel button:has-text('Approve')", ".modal .o_data_row").draw("decide")
    with visitor(browser, "rita") as rita:
        # Whoever has the least to do is asked: it may be somebody else's order.
        rita.open("/odoo/order-review", ".o_data_row")
        rita.click(".o_review_counters button:has-text('all')", row("Carla"))
        rita.click(row("Carla"), ".o_review_sheet")
        rita.draw("review-sheet", full_page=True)
        rita.click("button[name=action_open_waive] >> nth=0", ".modal .o_form_view").draw("waive")
    with visitor(browser, "mona") as mona:
        action = "/odoo/action-order_processing.order_review_stage_action"
        mona.open(action, ".o_data_row").draw("review-stages", clip=TOP)


def draw_rules(browser):
    with visitor(browser, "admin") as admin:
        action = "/odoo/action-order_processing.order_review_rule_action"
        admin.open(action, ".o_list_view .o_data_row").draw("review-rules")
        admin.click("td[name=name]:has-text('Quantity unusual')", ".o_form_view").draw("review-rule")


def draw_warehouse(browser):
    with visitor(browser, "wes") as wes:
        wes.open("/odoo/to-ship", ".o_data_row").click(row("Alpine"), ".o_form_view").draw("transfer")
        wes.open("/odoo/to-ship", ".o_data_row").point(".o_order_priority >> nth=0", ".o-tooltip")
        wes.draw("priority", with_tooltip=True, clip=TOP)
        wes.open("/odoo/waiting-for-stock", ".o_data_row").draw("waiting-for-stock", clip=TOP)
        wes.open("/odoo/shipments", ".o_data_row").draw("shipments", clip=TOP)


def draw_dispatch(browser):
    with visitor(browser, "wes") as wes:
        wes.open("/odoo/dispatch-board", ".o_dispatch_card").draw("dispatch-board")
        wes.click(".o_dispatch_pack >> nth=0", ".o_packing_head").draw("packing")
    with visitor(browser, "admin") as admin:
        admin.open("/odoo/carriers-bills", ".o_data_row").click(
            ".o_data_row td[name=name]", ".o_form_view"
        ).draw("carriers-bill")


def draw_parcels(browser):
    with visitor(browser, "wes") as wes:
        wes.open("/odoo/shipments", ".o_data_row")
        wes.click(".o_switch_view.o_kanban", ".o_kanban_record").draw("shipments-board")
        wes.open("/odoo/shipments", ".o_data_row")
        wes.click(".o_data_row:has-text('SIM-TRIED') td[name=name]", ".o_form_view .o_data_row")
        wes.draw("shipment")
    with visitor(browser, "sally") as sally:
        sally.open("/odoo/parcel-problems", ".o_data_row").draw("parcel-problems", clip=TOP)
        sally.click(".o_data_row:has-text('Lost') td[name=kind]", ".o_form_view").draw("parcel-problem")
    with visitor(browser, "carla") as carla:
        carla.open("/my/orders", "table").click("tr:has-text('In Transit') a", "#order_parcels")
        carla.page.locator("#order_parcels details summary >> nth=0").click()
        carla.page.locator("#order_parcels").scroll_into_view_if_needed()
        carla.draw("portal-parcels")


def draw_tracking(browser):
    with visitor(browser, "admin") as admin:
        admin.open("/odoo/tracking-providers", ".o_data_row")
        admin.click(row("Parcel Hub"), ".o_form_view")
        admin.click("a[name=codes]", "button[name=action_accept]").draw("tracking-provider")
        admin.open("/odoo/tracking-providers", ".o_data_row").draw("tracking-providers", clip=TOP)
        admin.open("/odoo/pushed-news", ".o_data_row").draw("pushed-messages", clip=TOP)
        admin.open("/odoo/tracking-calls", ".o_data_row").draw("tracking-calls")
        # Never saved: the demo company has no account of its own.
        admin.open("/odoo/tracking-providers/new", ".o_form_view")
        admin.page.fill("[name=name] input", "Our account with Kuaidi100")
        admin.click("[name=kind] input", ".o_select_menu_item")
        admin.click(".o_select_menu_item:has-text('Kuaidi100')", "a[name=kuaidi100]")
        admin.click("a[name=kuaidi100]", "[name=kuaidi100_detail]").draw("tracking-account")
    with visitor(browser, "carla", PHONE) as carla:
        carla.open("/my/orders", "table").click("tr:has-text('In Transit') a", "#order_parcels")
        carla.page.locator("#order_parcels").scroll_into_view_if_needed()
        carla.draw("portal-parcels-phone")


def draw_promises(browser):
    with visitor(browser, "wes") as wes:
        wes.open("/odoo/action-order_processing.order_shortage_action", ".o_data_row").draw("shortages")
    with visitor(browser, "sally") as sally:
        sally.open("/odoo/order-processing", ".o_kanban_record")
        sally.click(".o_kanban_record:has-text('Riverside Hotel') >> nth=0", ".o_form_view")
        sally.click("a.nav-link:has-text('Promises')", ".o_data_row").draw("promise")


def draw_portal(browser):
    in_transit = "tr:has-text('In Transit') a"
    with visitor(browser, "carla") as carla:
        carla.open("/my/orders", "table").draw("portal-orders")
        carla.click(in_transit, "#order_progress").draw("portal")
        carla.open("/my/orders?filterby=needs", "table")
        carla.click("tr:has-text('Choice needed') a", "#order_choices").draw("portal-needs")
        carla.open("/my/quick-order", "#quick_order_lines li").draw("quick-order")
    with visitor(browser, "carla", PHONE) as carla:
        carla.open("/my/orders", "table").draw("portal-orders-phone")
        carla.click(in_transit, "#order_progress").draw("portal-phone")
        carla.open("/my/quick-order", "#quick_order_lines li").draw("quick-order-phone")


def draw_cases(browser):
    with visitor(browser, "sally") as sally:
        action = "/odoo/action-order_processing_aftersales.order_case_action"
        sally.open(action, ".o_kanban_record").draw("cases")
    with visitor(browser, "carla") as carla:
        carla.open("/my/cases", "main a[href^='/my/cases/']")
        carla.click("main a[href^='/my/cases/'] >> nth=0", "main h1, main h2").draw("portal-case")


def draw_settings(browser):
    with visitor(browser, "admin") as admin:
        action = "/odoo/action-order_processing.res_config_settings_action"
        admin.open(action, ".o_settings_container").draw("settings", clip=TOP)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=OPTIONS)
        draws = (
            draw_sales,
            draw_review,
            draw_rules,
            draw_warehouse,
            draw_dispatch,
            draw_parcels,
            draw_tracking,
            draw_promises,
            draw_portal,
            draw_cases,
            draw_settings,
        )
        for draw in draws:
            draw(browser)
        browser.close()


if __name__ == "__main__":
    main()
