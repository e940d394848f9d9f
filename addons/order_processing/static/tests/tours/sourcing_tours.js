import { registry } from "@web/core/registry";

// Where goods come from: sally sets it by hand, wes moves what customers wait for.
// tests/test_tour_sourcing.py tells the story.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger, more = {}) => ({ content, trigger, run: "click", ...more });

tours.add("sourcing_sally_changes", {
    steps: () => [
        see("It comes from London", ".o_data_row:contains(Milk Jug) td[name=ships_from_id]:contains(London)"),
        click("She would rather have it", ".o_data_row:contains(Milk Jug) td[name=ships_from_id]"),
        { content: "from Leeds", trigger: ".o_selected_row [name=ships_from_id] input", run: "edit Leeds" },
        click("She takes it", ".o-autocomplete--dropdown-item:contains(Leeds)"),
        click("Saved", ".o_form_button_save:enabled"),
        see("It is", ".o_form_saved"),
        see("From Leeds now", ".o_data_row:contains(Milk Jug) td[name=ships_from_id]:contains(Leeds)"),
    ],
});

tours.add("sourcing_wes_moves", {
    steps: () => [
        see("Nothing has been computed yet", ".o_view_nocontent:contains(Nothing needs to be moved)"),
        click("He looks", "button[name=action_look]"),
        see("Why", ".o_data_row:contains(Copper Kettle):contains(it cannot be bought)"),
        click("One click", ".o_data_row:contains(Copper Kettle) button[name=action_make_transfer]"),
        see("The transfer is there, and has its goods", ".o_form_view .o_arrow_button_current:contains(Ready)"),
    ],
});

tours.add("sourcing_wes_moves_on_a_phone", {
    steps: () => [
        see("Why", ".o_kanban_record:contains(Copper Kettle):contains(it cannot be bought)"),
        click("One click", ".o_kanban_record:contains(Copper Kettle) button[name=action_make_transfer]"),
        see("The transfer", ".o_form_view [name=origin]"),
    ],
});

tours.add("sourcing_mona_sets_up", {
    steps: () => [
        see("What to do", ".o_view_nocontent:contains(the same price to deliver to)"),
        click("A zone", ".o_list_button_add"),
        { content: "Its name", trigger: "[name=name] input", run: "edit Scotland" },
        click("A rate", "[name=rate_ids] .o_field_x2many_list_row_add a"),
        { content: "Days", trigger: ".o_selected_row [name=transit_days] input", run: "edit 3" },
        { content: "Cost", trigger: ".o_selected_row [name=fixed_cost] input", run: "edit 7.5" },
        click("Saved", ".o_form_button_save:enabled"),
        see("It is", ".o_form_saved"),
    ],
});
