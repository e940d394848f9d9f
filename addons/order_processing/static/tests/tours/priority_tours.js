import { registry } from "@web/core/registry";

// Who is picked first, and why: seen by the picker, the salesperson and the sales manager.
// tests/test_tour_priority.py tells the story.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger) => ({ content, trigger, run: "click" });
const point = (content, trigger) => ({ content, trigger, run: "hover" });

tours.add("priority_wes_picks", {
    steps: () => [
        see("The urgent order comes first", ".o_data_row:eq(0) .o_order_priority_hot"),
        see("Then the star, for Odoo's star still counts", ".o_data_row:eq(1) .o_order_priority_hot"),
        see("Then the others", ".o_data_row:eq(2) .o_order_priority:not(.o_order_priority_hot)"),
        point("Why?", ".o_data_row:eq(0) .o_order_priority"),
        see("It is urgent", ".o-tooltip:contains(urgent order)"),
        see("And for a good customer", ".o-tooltip:contains(Gold)"),
        click("He opens it", ".o_data_row:eq(0) td[name=name]"),
        point("It says so, too", ".o_form_view .o_order_priority:contains(Priority)"),
        see("In words", ".o-tooltip:contains(nothing promised)"),
    ],
});

tours.add("priority_sally_asks", {
    steps: () => [
        point("The order", ".o_form_view .o_order_priority:contains(Priority)"),
        see("Says why", ".o-tooltip:contains(urgent order)"),
    ],
});

tours.add("priority_mona_names_tiers", {
    steps: () => [
        see("The tiers there are", ".o_data_row:contains(Gold):contains(100)"),
        click("One more", ".o_list_button_add"),
        { content: "Its name", trigger: ".o_selected_row [name=name] input", run: "edit Silver" },
        { content: "Its points", trigger: ".o_selected_row [name=points] input", run: "edit 60" },
        click("Saved", ".o_list_button_save"),
        see("There it is", ".o_data_row:not(.o_selected_row):contains(Silver):contains(60)"),
    ],
});
