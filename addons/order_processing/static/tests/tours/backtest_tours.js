import { registry } from "@web/core/registry";

// Mona tries a rule on past orders, and looks at what came out.
// tests/test_tour_backtest.py starts these one after the other; between them the scheduled action runs.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger) => ({ content, trigger, run: "click" });
const fill = (content, trigger, text) => ({ content, trigger, run: `edit ${text}` });
// Rows at the desk, cards on a phone.
const either = (rest) => `.o_data_row:${rest}, .o_kanban_record:not(.o_kanban_ghost):${rest}`;

tours.add("backtest_mona_starts", {
    steps: () => [
        click("Try this rule", ".o_statusbar_buttons button:contains(Try on Past Orders)"),
        see("It says what happens", ".modal:contains(known when it came in)"),
        see("With this rule", ".modal [name=rule_ids]:contains(Large orders)"),
        fill("For a month", ".modal [name=days] input", "30"),
        click("Start", ".modal button[name=action_start]"),
        see("It waits", ".alert-info:contains(The trial begins in a moment)"),
        see("It may be stopped", "button[name=action_cancel]"),
    ],
});

tours.add("backtest_mona_watches", {
    steps: () => [
        see("It waits", ".alert-info:contains(The trial begins in a moment)"),
        // Nobody touches anything: the page reads itself anew.
        see(
            "What came out",
            ".o_field_widget[name=summary]:contains(1 of 3 orders would have been held):contains(1 of these later went wrong)"
        ),
        see("It is done", ".o_form_view:not(:has(button[name=action_cancel]))"),
        see("By rule", either("contains(Large orders)")),
        click("Which ones", "a[name=hits]"),
        // At the desk by the button at the end of the row, on a phone by the card.
        click(
            "The order",
            ".o_data_row:contains(is over) button[name=action_open_order], .o_kanban_record:contains(is over)"
        ),
        see("It is the order", ".o_form_view .o_field_widget[name=order_line]"),
    ],
});

tours.add("backtest_mona_reads_on_the_rule", {
    steps: () => [
        click("Earlier trials", "a[name=trials]"),
        click(
            "The last one",
            ".o_data_row:contains(Done) button[name=action_open_trial], .o_kanban_record:contains(Done)"
        ),
        see("Its result", ".o_field_widget[name=summary]:contains(1 of 3 orders)"),
    ],
});
