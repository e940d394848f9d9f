import { registry } from "@web/core/registry";

// Sally sees in the list of messages that one has failed, and sends it again; on the order she finds it, too.
// tests/test_tour_messages.py starts these.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger) => ({ content, trigger, run: "click" });

tours.add("message_sally_sends_again", {
    steps: () => [
        see("Why it has failed", ".o_data_row:contains(Failed):contains(mailbox full)"),
        click("Filters", ".o_searchview_dropdown_toggler"),
        click("Failed ones", ".o_filter_menu .o-dropdown-item:contains(Failed)"),
        see("Only those", ".o_searchview_facet:contains(Failed)"),
        click("Send it again", ".o_data_row:contains(mailbox full) button[name=action_retry]"),
        see("Nothing has failed any more", ".o_view_nocontent:contains(No messages yet)"),
    ],
});

tours.add("message_sally_finds_it_on_the_order", {
    steps: () => [
        click("Messages of the order", ".oe_stat_button[name=action_view_notifications]"),
        see("It is due", ".o_data_row:contains(Order accepted):contains(Due)"),
    ],
});
