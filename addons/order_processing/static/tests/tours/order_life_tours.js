import { registry } from "@web/core/registry";

// One order on its way from quotation to completed, seen by everybody who has to do with it.
// tests/test_tour_order_life.py starts these one after the other, each as another person.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger, more = {}) => ({ content, trigger, run: "click", ...more });
const fill = (content, trigger, text) => ({ content, trigger, run: `edit ${text}` });
const fitsTheScreen = {
    content: "The page is no wider than the screen",
    trigger: "#order_timeline",
    run() {
        const { scrollWidth } = document.documentElement;
        if (scrollWidth > window.innerWidth) {
            throw new Error(`The page is ${scrollWidth} px wide, the screen ${window.innerWidth} px`);
        }
    },
};
const portalSays = (sentence, step) => [
    see(`The customer reads: ${sentence}`, `#order_progress:contains("${sentence}")`),
    see(`The step is ${step}`, `.o_order_step[aria-current=step]:contains("${step}")`),
];

tours.add("order_life_sally_writes", {
    steps: () => [
        click("A new order", ".o-kanban-button-new"),
        fill("The customer", ".o_field_widget[name=partner_id] input", "Carla"),
        click("Carla is known", ".o_field_widget[name=partner_id] .dropdown-item:contains(Carla)"),
        fill("What the packer has to know", ".o_field_widget[name=packing_instruction] textarea", "Gift: no price on the slip"),
        click("A line", "a:contains(Add a product)"),
        fill("A lantern", ".o_selected_row td:is([name=product_template_id], [name=product_id]) input", "LANTERN"),
        click("It is found", ".o_selected_row .dropdown-item:contains(Metal Lantern)"),
        see("At list price", ".o_selected_row [name=price_unit] input:value(18.50)"),
        fill("Sally promises less", ".o_selected_row [name=price_unit] input", "15"),
        click("Back to the order", "a[name=order_lines]"),
        see("The total follows", ".o_field_widget[name=tax_totals]:contains(15.00)"),
        click("Submit", "button[name=action_submit]:contains(Submit)"),
        see("The order is held, and why", ".alert-warning:contains(the price list says):contains(18.50)"),
        see("Everybody sees the stage", "div[name=order_processing_stage]:contains(In Review)"),
        see("Sally cannot approve", ".o_form_statusbar:not(:has(button:contains(Approve)))"),
        click("The timeline", "a[name=order_timeline]"),
        see("It says who did what", ".o_order_timeline_event:contains(Order received):contains(Sally)"),
        see("It says why", ".o_order_timeline_event:contains(Held for review):contains(price list)"),
    ],
});

tours.add("order_life_rita_approves", {
    steps: () => [
        see("The order waits, with the reason", ".o_data_row:contains(Carla):contains(the price list says)"),
        click("Look at it", ".o_data_row:contains(Carla) td[name=name]"),
        see("The reason again", "[name=review_finding_ids] .o_data_row:contains(the price list says)"),
        see("What it will do", ".o_review_sheet:contains(Confirmed)"),
        click("Approve", ".o_form_statusbar button:contains(Approve)"),
        fill("A note", ".modal [name=reason] textarea", "Agreed with Carla"),
        click("Approve", ".modal button[name=action_decide]:contains(Approve)"),
        see("It goes on", "[name=processing_stage]:contains(Ready)"),
        click("Back to the desk", ".o_back_button a, .breadcrumb-item a"),
        see("Nothing is left to do", ".o_view_nocontent:contains(Nothing to review)"),
    ],
});

tours.add("order_life_wes_ships", {
    steps: () => [
        click("The transfer is ready", ".o_data_row:contains(Carla) td[name=name]"),
        see("The packer reads the instruction", ".alert-info:contains(Gift: no price on the slip)"),
        click("More", "a[name=extra]"),
        fill("The number on the label", "[name=carrier_tracking_ref] input", "NP-4711"),
        click("It leaves", "button[name=button_validate]:visible"),
        see("It is gone", ".o_arrow_button_current:contains(Done)"),
        click("Its parcel", ".o-form-buttonbox button:contains(Parcel)"),
        click("The carrier has it", "button[name=action_in_transit]"),
        see("In transit", ".o_arrow_button_current:contains(In transit)"),
    ],
});

tours.add("order_life_wes_delivers", {
    steps: () => [
        click("The parcel on its way", ".o_data_row:contains(NP-4711) td[name=name]"),
        click("It has arrived", "button[name=action_delivered]"),
        see("Delivered", ".o_arrow_button_current:contains(Delivered)"),
    ],
});

tours.add("order_life_sally_completed", {
    steps: () => [
        see("Completed", "div[name=order_processing_stage]:contains(Completed)"),
        click("The timeline", "a[name=order_timeline]"),
        see("Rita approved", ".o_order_timeline_event:contains(Approved. Agreed with Carla):contains(Rita)"),
        see("Wes shipped", ".o_order_timeline_event:contains(handed over):contains(Wes)"),
        see("The newest stands first", ".o_order_timeline_event:first-child:contains(Completed)"),
    ],
});

tours.add("order_life_carla_held", {
    steps: () => [
        see("A held order is an order to its customer", "tr:contains(In Review)"),
        click("Open it", "tr:contains(In Review) a", { expectUnloadPage: true }),
        ...portalSays("We are checking your order", "Order received"),
        see("Nothing to sign or to pay", "#quote_content:not(:has(a:contains(Sign)))"),
        see("Prices and reasons stay inside", "#order_timeline:not(:contains(price list))"),
    ],
});

tours.add("order_life_carla_in_transit", {
    steps: () => [
        ...portalSays("Your order is on its way to you", "On its way"),
        see("The parcel", "#order_parcels:contains(NP-4711):contains(In transit)"),
        see("What has happened", "#order_timeline:contains(Your order is approved)"),
        see("The reviewer's note stays inside", "#order_timeline:not(:contains(Agreed with Carla))"),
        fitsTheScreen,
    ],
});

// On a phone: the order was never reviewed, so there is less to read.
tours.add("order_phone_in_transit", {
    steps: () => [
        ...portalSays("Your order is on its way to you", "On its way"),
        see("The parcel", "#order_parcels:contains(NP-4711):contains(In transit)"),
        fitsTheScreen,
    ],
});

tours.add("order_life_carla_delivered", {
    steps: () => [
        see("Delivered", "#order_progress:contains(Your order has been delivered)"),
        see("All steps are done", ".o_order_steps:not(:has(.o_order_step_todo)) .o_order_step_done:contains(Delivered)"),
        see("The parcel says so, too", "#order_parcels .badge:contains(Delivered)"),
        fitsTheScreen,
    ],
});
