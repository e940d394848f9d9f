import { registry } from "@web/core/registry";

// Carla looks up an order without log-in, and changes another: quantity, address, and cancels it.
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

tours.add("customer_changes_address", {
    steps: () => [
        click("Change", "#order_change_button"),
        { content: "The address", trigger: "#order_change_address summary", run: "click" },
        { content: "A corrected one", trigger: "#order_change_place_new", run: "click" },
        type("No street", "#order_change_street", " "),
        click("Do it", "#order_change_address button[type=submit]"),
        see("What is missing", "#order_change_address[open] .invalid-feedback:contains(This is needed.)"),
        type("The street", "#order_change_street", "222 Baker Street"),
        click("Do it", "#order_change_address button[type=submit]"),
        see("It is done", "#order_change_message:contains(Done.)"),
        see("And in the timeline", "#order_timeline:contains(222 Baker Street)"),
    ],
});

tours.add("customer_accepts_a_higher_price", {
    steps: () => [
        click("Change", "#order_change_button"),
        { content: "Quantities", trigger: "#order_change_quantity summary", run: "click" },
        type("Below the price break", "#order_change_quantity input[name^=qty_]", "4"),
        click("Do it", "#order_change_quantity button[type=submit]"),
        see("Each costs more", "#order_change_quantity[open] .alert:contains(20.00)"),
        { content: "All the same", trigger: "#order_change_dearer", run: "click" },
        click("Do it", "#order_change_quantity button[type=submit]"),
        see("It is done", "#order_change_message:contains(Done.)"),
    ],
});

tours.add("customer_cancels", {
    steps: () => [
        click("Change", "#order_change_button"),
        { content: "Cancel", trigger: "#order_change_cancel summary", run: "click" },
        { content: "She is sure", trigger: "#order_change_sure", run: "click" },
        click("Do it", "#order_change_cancel button[type=submit]"),
        see("It is done", "#order_change_message:contains(Done.)"),
        see("Nothing more to change", "body:not(:has(#order_change_button))"),
    ],
});
