import { registry } from "@web/core/registry";

// Dates: what the salesperson sees before and after they are promised, and where moved ones are found.
// tests/test_tour_promise.py tells the story.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger, more = {}) => ({ content, trigger, run: "click", ...more });

tours.add("promise_sally_confirms", {
    steps: () => [
        see("What is there, and what comes", ".o_data_row:contains(Wool Blanket) [name=availability_note]:contains(0 Units free, 10 more on)"),
        see("When it can be there", ".o_data_row:contains(Wool Blanket) [name=possible_date]:not(:empty)"),
        click("She submits it", "button[name=action_submit]"),
        see("It has its date", ".o_field_widget[name=promise_date]:not(:empty)"),
        click("Where dates are kept", "a.nav-link:contains(Promises)"),
        see("The first", ".o_data_row:contains(First promise):contains(Promised with the approval)"),
    ],
});

tours.add("promise_sally_reads_why_it_moved", {
    steps: () => [
        see("It is later than was said first", "[name=promise]:contains(first for)"),
        click("Where dates are kept", "a.nav-link:contains(Promises)"),
        see("Why", ".o_data_row:contains(Later):contains(comes on another day)"),
    ],
});

tours.add("promise_list", {
    steps: () => [
        see("Only what has moved", ".o_facet_value:contains(Moved)"),
        see("What moved it", ".o_data_row:contains(comes on another day)"),
    ],
});

tours.add("promise_list_phone", {
    steps: () => [see("What moved it", ".o_kanban_record:contains(comes on another day)")],
});

const inFiveDays = () => luxon.DateTime.now().plus({ days: 5 }).toFormat("MM/dd/yyyy");

tours.add("availability_sally_looks", {
    steps: () => [
        { content: "One product", trigger: ".o_searchview_input", run: "edit Wool Blanket" },
        click("Of all that is called so", ".o_searchview_autocomplete .dropdown-item:contains(Product)"),
        see("Nothing is free, something comes", ".o_data_row:contains(Wool Blanket) [name=next_quantity]:contains(10)"),
        {
            content: "On a day of her choice",
            trigger: ".o_searchview_input",
            run: `edit ${inFiveDays()}`,
        },
        click("What is free on it", ".o_searchview_autocomplete .dropdown-item:contains(Free on)"),
        see("The day", ".o_facet_value:contains(/)"),
        see("It is there by then", ".o_data_row:contains(Wool Blanket) [name=free_at]:contains(10)"),
        see("Now there is none", ".o_data_row:contains(Wool Blanket) [name=free_now]:contains(0.00)"),
    ],
});

tours.add("availability_on_a_phone", {
    steps: () => [see("What can be had", ".o_kanban_record:contains(Free now):contains(Free on)")],
});

tours.add("on_time_sally_looks", {
    steps: () => [
        see("Only what has arrived", ".o_facet_value:contains(All Delivered)"),
        see("By month", ".o_graph_renderer canvas"),
        click("Which orders", ".o_switch_view.o_list"),
        see("They are listed", ".o_data_row:contains(Carla)"),
    ],
});
