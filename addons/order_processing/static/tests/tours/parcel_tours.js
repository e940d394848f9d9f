import { registry } from "@web/core/registry";

// Wes looks where a parcel is, and has it asked for; Sally sees to one that is lost.
// Carla follows hers in the portal.
// tests/test_tour_parcels.py starts these.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger) => ({ content, trigger, run: "click" });

tours.add("parcel_wes_follows_it", {
    steps: () => [
        see("Seen last", ".o_data_row:contains(SW-1):contains(hour)"),
        click("The board", ".o_switch_view.o_kanban"),
        see("Its card", ".o_kanban_group:contains(In transit) .o_kanban_record:contains(SW-1):contains(Left depot)"),
        click("Open it", ".o_kanban_record:contains(SW-1)"),
        see("Newest first", ".o_field_widget[name=scan_ids] .o_data_row:first:contains(Left depot)"),
        see("The oldest last", ".o_field_widget[name=scan_ids] .o_data_row:last:contains(Collected)"),
        see("Its time zone was assumed", ".o_field_widget[name=scan_ids] .o_data_row:last:contains(Assumed)"),
        click("Parcels", "a[name=parcels]"),
        see("Where it is asked", ".o_field_widget[name=parcel_ids] .o_data_row:contains(Parcel Eye)"),
        click("Ask now", "button[name=action_ask_now]"),
        see("It is asked", ".o_notification:contains(within a minute)"),
    ],
});

tours.add("parcel_sally_sends_it_again", {
    steps: () => [
        click("What is lost", ".o_data_row:contains(Lost) td[name=kind]"),
        see("What is proposed", ".o_form_view:contains(The carrier cannot find it)"),
        click("Send it again", "button[name=action_reship].btn-primary"),
        see("A quotation for nothing", ".o_form_view .o_data_row:contains(LANTERN)"),
        click("Back to the problem", ".o_breadcrumb a:contains(Lost), .breadcrumb-item:last a"),
        click("Solved", "button[name=action_solve]"),
        see("It is", ".o_statusbar_status .o_arrow_button_current:contains(Solved)"),
    ],
});

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

tours.add("parcel_carla_follows_hers", {
    steps: () => [
        see("Where it is", "#order_parcels .o_order_parcel:contains(SW-9) .badge:contains(Out for delivery)"),
        see("No courier's name or number", "#order_parcels .o_order_parcel:contains(***)"),
        see("Nor a parcel of others", "#order_parcels:not(:contains(HIS-9))"),
        see("What was before is folded", "#order_parcels details:not([open])"),
        click("Unfold it", "#order_parcels details summary"),
        see("The beginning", "#order_parcels details[open] li:last:contains(Collected)"),
        fitsTheScreen,
    ],
});
