import { registry } from "@web/core/registry";

// Carla orders in the portal: by typing, by pasting a list, by what she ordered before.
// tests/test_tour_quick_order.py starts these, on a desk and on a phone.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger) => ({ content, trigger, run: "click" });
const leave = (content, trigger) => ({ content, trigger, run: "click", expectUnloadPage: true });
const type = (content, trigger, text) => ({ content, trigger, run: `edit ${text}` });

tours.add("quick_order_by_paste", {
    steps: () => [
        leave("From the first page", ".o_portal_my_home a[href='/my/quick-order']"),
        see("There is nothing yet", "#quick_order_empty:not(.d-none)"),
        click("Paste", "#quick_order_paste summary"),
        {
            content: "A list",
            trigger: "#quick_order_text",
            run: (actions) => actions.edit("LANTERN\t3\nMUG\t12\nLANTREN\t2\nCANDLE\t5"),
        },
        click("Add", "#quick_order_paste form[action$=add] button"),
        see("All are there", "#quick_order_lines > li:nth-child(4)"),
        see("Two need a look", "#quick_order_faulty:contains(2 lines)"),
        click("Not what was typed but this", ".o_quick_fault button[name=use]:contains(LANTERN)"),
        click("So many of these", ".o_quick_fault button[name=right]:contains(12)"),
        see("Nothing needs a look", "#quick_order_summary:not(:has(#quick_order_faulty)):contains(3 lines)"),
        { content: "One more mug", trigger: "[id^=quantity_]:eq(1)", run: "edit 13 && press Tab" },
        see("It comes to more", "#quick_order_total:contains(219.20)"),
        type("For whom", "#quick_order_ref", "PO 4711"),
        type("How", "#quick_order_packing", "Upright"),
        leave("Order", "#quick_order_place_button"),
        see("The number", ".alert-success:contains(We have your order)"),
        see("And what happens next", "#order_progress"),
    ],
});

tours.add("quick_order_by_typing", {
    steps: () => [
        { content: "A part of a name", trigger: "#quick_order_code", run: "edit enam" },
        click("It is found", "#quick_order_found [role=option]:contains(Enamel Mug)"),
        see("Its number is taken", "#quick_order_code:value(MUG)"),
        type("How many", "#quick_order_quantity", "4"),
        click("Add", "#quick_order_add button[type=submit]"),
        see("It is there", "#quick_order_lines .o_quick_name:contains(Enamel Mug)"),
        see("With its price", "#quick_order_lines .o_quick_price:contains(31.60)"),
        see("And when it comes", "#quick_order_lines .o_quick_possible:contains(In stock)"),
        type("The next", "#quick_order_code:value()", "nothing of the kind"),
        click("Add", "#quick_order_add button[type=submit]"),
        see("Is kept, and marked", "#quick_order_lines .o_quick_fault:contains(We do not know)"),
        see("What is there can be kept as a list", "#quick_order_keep:not(.d-none)"),
        click("Take it out", "#quick_order_lines li:first-child button[name=remove]"),
        see("It is gone", "#quick_order_lines:not(:has(.o_quick_fault))"),
        see("And the keyboard goes on at the next", "#quick_order_lines li:first-child input:focus"),
        { content: "Enter sends it", trigger: "[id^=quantity_]:eq(0)", run: "edit 5 && press Enter" },
        see("It comes to more", "#quick_order_lines .o_quick_price:contains(39.50)"),
        click("What she ordered before", "#quick_order_past summary"),
        click("Again", "#quick_order_past form[action$=again] button"),
        see("It is there, too", "#quick_order_lines .o_quick_name:contains(Metal Lantern)"),
    ],
});
