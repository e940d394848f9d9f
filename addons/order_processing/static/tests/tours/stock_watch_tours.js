import { registry } from "@web/core/registry";

// Wes hears of low stock and sees what helps; he counts what is due today, and Max sees the difference.
// tests/test_tour_stock_watch.py starts these one after the other.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger) => ({ content, trigger, run: "click" });
// Rows at the desk, cards on a phone.
const either = (rest, where = "") => `${where}.o_data_row:${rest}, ${where}.o_kanban_record:${rest}`;
const row = ".o_data_row:contains(LANTERN) td[name=product_id], .o_kanban_record:contains(LANTERN)";
const fits = {
    content: "The page is no wider than the screen",
    trigger: ".o_action_manager",
    run() {
        const { scrollWidth } = document.documentElement;
        if (scrollWidth > window.innerWidth) {
            throw new Error(`The page is ${scrollWidth} px wide, the screen ${window.innerWidth} px`);
        }
    },
};

tours.add("stock_warning_nothing", {
    steps: () => [
        see("Nothing is low", ".o_view_nocontent:contains(Nothing is low)"),
        see("What is watched", ".o_view_nocontent:contains(Levels that are watched: 1)"),
        fits,
    ],
});

tours.add("stock_warning_low", {
    steps: () => [
        see("It is low", either("contains(LANTERN)")),
        see("Who was told", either("contains(Wes)")),
        fits,
        click("Look at it", row),
        see("The level", ".o_form_view [name=level]:contains(30)"),
        see("What is free", ".o_form_view [name=free_quantity]:contains(25)"),
        see("What helps", ".o_form_view:contains(Nothing is coming in)"),
        fits,
        click("Order it", "button[name=action_open_replenish]"),
        see("Odoo asks how much", ".modal [name=quantity] input"),
        click("Not now", ".modal .o_form_button_cancel, .modal button.btn-close, .modal .oi-arrow-left"),
        see("Back again", ".o_form_view [name=level]:contains(30)"),
    ],
});

tours.add("count_today_nothing", {
    steps: () => [see("Nothing is due", ".o_view_nocontent:contains(Nothing to count today)"), fits],
});

tours.add("count_today", {
    steps: () => [
        see("It is late", ".o_breadcrumb:contains(1 late), .o_control_panel:contains(1 late)"),
        see("Its class", ".o_data_row:contains(LANTERN) td[name=abc_class]:contains(A)"),
        click("Type what is there", ".o_data_row:contains(LANTERN) td[name=inventory_quantity]"),
        {
            content: "Three are missing",
            trigger: ".o_data_row:contains(LANTERN) td[name=inventory_quantity] input",
            run: "edit 17",
        },
        click("Say so", ".o_data_row:contains(LANTERN) button[name=action_apply_inventory]"),
        see("Done", ".o_view_nocontent:contains(Nothing to count today)"),
    ],
});

tours.add("count_today_phone", {
    steps: () => [
        click("Due today", ".o_kanban_record:contains(LANTERN)"),
        {
            content: "Three are missing",
            trigger: ".o_form_view [name=inventory_quantity] input",
            run: "edit 17",
        },
        fits,
        click("Say so", "button[name=action_apply_inventory]"),
        see("Done", ".o_form_view:not(:has(button[name=action_apply_inventory]))"),
    ],
});

tours.add("count_differences", {
    steps: () => [
        see("What was found", either("contains(LANTERN)")),
        see("How many are missing", either("contains(-3.00)")),
        see("Who counted", ".o_data_row [name=user_id] img, .o_kanban_record [name=user_id] img"),
        fits,
    ],
});
