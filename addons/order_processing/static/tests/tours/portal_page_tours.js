import { registry } from "@web/core/registry";

// Carla's orders: the list, one of them from received to delivered, and the same again.
// tests/test_tour_portal_page.py starts these, on a desk and on a phone, and moves the order in between.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const go = (content, trigger) => ({ content, trigger, run: "click", expectUnloadPage: true });
const type = (content, trigger, text) => ({ content, trigger, run: `edit ${text}` });
const fitsTheScreen = {
    content: "The page is no wider than the screen",
    trigger: "#wrapwrap",
    run() {
        const { scrollWidth } = document.documentElement;
        if (scrollWidth > window.innerWidth) {
            throw new Error(`The page is ${scrollWidth} px wide, the screen ${window.innerWidth} px`);
        }
    },
};
const stands = (sentence, step) => [
    see(`She reads: ${sentence}`, `#order_progress:contains("${sentence}")`),
    see(`The step is ${step}`, `.o_order_step[aria-current=step]:contains("${step}")`),
    fitsTheScreen,
];

tours.add("portal_orders_list", {
    steps: () => [
        see("All of them", "tbody tr:nth-child(3)"),
        fitsTheScreen,
        go("What has arrived", "nav a:contains(Delivered)"),
        see("One has", "tbody:has(tr:contains(Delivered)):not(:has(tr:nth-child(2)))"),
        see("It says which filter holds", "nav a[aria-current=page]:contains(Delivered)"),
        go("All again", "nav a:contains(All)"),
        type("By product", "#orders_search", "Enamel"),
        go("Search", "form[role=search] button"),
        see("One is found", "tbody:has(tr):not(:has(tr:nth-child(2)))"),
        see("What was searched for stays", "#orders_search:value(Enamel)"),
        type("Something that is not there", "#orders_search", "Unicorn"),
        go("Search", "form[role=search] button"),
        see("It says so", "p[role=status]:contains(No order is like this)"),
        go("All of them", "p[role=status] a"),
        go("What needs her", "nav a:contains(Needs me)"),
        see("Why", "tbody tr:contains(Answer needed)"),
        fitsTheScreen,
        go("Open it", "tbody tr a"),
        see("On top of the page", "#order_needs .o_order_need[data-kind=answer]:contains(Which colour?)"),
        fitsTheScreen,
        type("She answers", "#order_answer_text", "Green, please"),
        go("Send", "#order_answer button[type=submit]"),
        see("It has arrived", ".alert[role=status]:contains(Thank you!)"),
        see("Nothing is needed any more", "#order_progress:not(:has(.o_order_needs))"),
    ],
});

tours.add("portal_order_received", {
    steps: () => [
        ...stands("We are checking your order", "Order received"),
        see("Whom she can ask", "#order_contact:contains(Sally)"),
        see("Nothing has left", "#order_timeline:contains(We have received your order)"),
    ],
});
tours.add("portal_order_ready", {
    steps: () => [
        ...stands("Your order is ready to be sent", "Ready to ship"),
        see("It is approved", "#order_timeline:contains(Your order is approved)"),
    ],
});
tours.add("portal_order_on_its_way", {
    steps: () => [
        ...stands("Your order is on its way to you", "On its way"),
        see("Both parcels", "#order_parcels .o_order_parcel:contains(NP-1), #order_parcels:contains(NP-1)"),
        see("And the other", "#order_parcels:contains(NP-2)"),
        see("The slip", "#order_papers a:contains(Delivery slip)"),
    ],
});
tours.add("portal_order_delivered", {
    steps: () => [
        see("She reads it", "#order_progress:contains(Your order has been delivered)"),
        see("All steps are done", ".o_order_step_done:contains(Delivered)"),
        see("The invoice, and what is to pay", "#order_invoices:contains(To be paid)"),
        fitsTheScreen,
    ],
});

tours.add("portal_order_again", {
    steps: () => [
        go("The same again", "#order_actions button:contains(Order again)"),
        see("Nothing is ordered yet", "#order_own_draft h2:contains(Not ordered yet)"),
        see("It says so", ".alert[role=status]:contains(Nothing is ordered yet)"),
        see("Today's price", "#portal_sale_content:contains(40.00)"),
        fitsTheScreen,
        go("Order", "#order_own_draft button:contains(Order now)"),
        see("It is ordered", ".alert[role=status]:contains(We have your order)"),
        see("And followed", "#order_progress"),
        fitsTheScreen,
    ],
});
tours.add("portal_order_again_not", {
    steps: () => [
        go("The same again", "#order_actions button:contains(Order again)"),
        go("Rather not", "#order_own_draft button:contains(Discard)"),
        see("It is thrown away", ".alert[role=status]:contains(It is thrown away)"),
    ],
});
