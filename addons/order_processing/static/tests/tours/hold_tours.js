import { registry } from "@web/core/registry";

// Stock held for a quotation, and taken over by an urgent order. tests/test_tour_holds.py tells the story.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger, more = {}) => ({ content, trigger, run: "click", ...more });

tours.add("hold_sally_holds", {
    steps: () => [
        click("She holds the goods", "button[name=action_hold_stock]"),
        see("They are", ".alert-info:contains(Held):contains(Everything is set aside until)"),
        see("Seen at a glance", "[name=order_processing_stage] .badge:contains(Stock held)"),
        click("Others need them", "button[name=action_release_stock]"),
        click("Sure", ".modal-footer .btn-primary"),
        see("Nothing is held", "button[name=action_hold_stock]"),
    ],
});

tours.add("takeover_mona_takes", {
    steps: () => [
        click("The goods are with others", "button[name=action_open_takeover]"),
        see("Who loses what", ".modal .o_data_row:contains(Brass Bell):contains(3)"),
        see("And what was promised", ".modal .o_data_row [name=promise_date]:contains(2099)"),
        { content: "Why", trigger: ".modal [name=reason] input", run: "edit The hospital waits" },
        click("Now", ".modal button[name=action_take_over]"),
        see("It has everything", ".o_form_view:not(:has(button[name=action_open_takeover])) [name=processing_stage]:contains(Ready to Ship)"),
        click("The timeline", "a[name=order_timeline]"),
        see("Says so", "[name=timeline_html]:contains(The hospital waits)"),
    ],
});

tours.add("takeover_mona_undoes", {
    steps: () => [
        see("What was taken", ".o_data_row:contains(The hospital waits)"),
        click("She gives it back", ".o_data_row button[name=action_undo]"),
        click("Sure", ".modal-footer .btn-primary"),
        see("Undone", ".o_data_row [name=state]:contains(Undone)"),
    ],
});
