import { registry } from "@web/core/registry";

// An administrator tests an account with a carrier, and tries one of its answers.
// tests/test_tour_tracking_provider.py tells the story.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger, more = {}) => ({ content, trigger, run: "click", ...more });

tours.add("parcel_admin_tests", {
    steps: () => [
        click("The account", ".o_data_row:contains(Parcel Eye) td[name=name]"),
        click("Tested", "button[name=action_test_connection]"),
        see("What is wrong, and what to do", ".o_notification:contains(cannot be reached)"),
        click("What it is asked", "a[name=generic_ask]"),
        see("Stands there", "[name=generic_ask_path]"),
        click("Its answers", "a[name=generic_answer]"),
        click("Tried", "button[name=action_try_answer]"),
        {
            content: "An answer",
            trigger: ".modal [name=body] textarea",
            run: 'edit {"parcels": [{"number": "SW1", "events": [{"code": "DEL", "time": "2026-03-03T09:00:00Z"}]}]}',
        },
        click("Read", ".modal button[name=action_try]"),
        see("It would be delivered", ".modal [name=found]:contains(Delivered)"),
    ],
});

tours.add("parcel_admin_decides", {
    steps: () => [
        see("Two codes wait", ".o_data_row:contains(Parcel Eye) td[name=unmapped_count]:contains(2)"),
        click("The account", ".o_data_row:contains(Parcel Eye) td[name=name]"),
        see("How much is used", "[name=used_today]:contains(3 of 100)"),
        click("What was asked", "a[name=calls]"),
        see("In words", ".o_data_row:contains(Account refused)"),
        click("What to decide", "a[name=codes]"),
        see("What it probably means", ".o_data_row:contains(VAN7) td[name=guess]:contains(Out for delivery)"),
        click("It does", ".o_data_row:contains(VAN7) button[name=action_accept]"),
        see("Read again", ".o_notification:contains(Parcels read again: 1.)"),
        click("The other", ".o_data_row:contains(QZ):not(:has(button[name=action_accept])) button[name=action_decide]"),
        { content: "It is a problem", trigger: ".modal [name=substatus] input", run: "edit held" },
        { content: "With this status", trigger: ".modal [name=status] select, .modal [name=status] input", run: "click" },
        click("Problem on the way", ".o_select_menu_item:contains(Problem on the way)"),
        click("For past scans as well", ".modal button[name=action_apply]"),
        see("Nothing is left to decide", ".o_form_view:not(:has(a[name=codes])):not(:has(.modal))"),
        click("Back", ".o_breadcrumb .o_back_button a, .breadcrumb-item:not(.active) a"),
        see("Nor does the list say so", ".o_data_row:contains(Parcel Eye) td[name=unmapped_count]:contains(0)"),
    ],
});
