import { registry } from "@web/core/registry";

// Carla looks up an order without log-in, and changes the quantity of another.
// tests/test_tour_customer.py starts these, on a desk and on a phone.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger) => ({ content, trigger, run: "click", expectUnloadPage: true });
const type = (content, trigger, text) => ({ content, trigger, run: `edit ${text}` });

tours.add("customer_looks_up", {
    steps: () => [
        type("The number", "#order_lookup_number", "S04711"),
        type("Somebody else's number", "#order_lookup_contact", "020 7946 0001"),
        click("Ask", "#order_lookup button[type=submit]"),
        see("Nothing is found", "#order_lookup_fault:contains(We found no order)"),
        type("Her number", "#order_lookup_contact", "020 7946 0018"),
        click("Ask", "#order_lookup button[type=submit]"),
        see("Where it stands", "#order_lookup h1:contains(S04711)"),
        see("It has left", "#order_lookup .o_order_step_current, #order_lookup .o_order_step_done"),
    ],
});

tours.add("customer_changes_quantity", {
    steps: () => [
        click("Change", "#order_change_button"),
        { content: "Quantities", trigger: "#order_change_quantity summary", run: "click" },
        type("One less", "#order_change_quantity input[name^=qty_]", "4"),
        click("Do it", "#order_change_quantity button[type=submit]"),
        see("It is done", "#order_change_message:contains(Done.)"),
        see("And in the timeline", "#order_timeline:contains(You have changed quantities)"),
    ],
});
