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
