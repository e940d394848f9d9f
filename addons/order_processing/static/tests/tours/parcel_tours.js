import { registry } from "@web/core/registry";

// Where parcels are: wes looks at a shipment, sally sees to a problem, an administrator tests an account.
// tests/test_tour_parcel.py tells the story.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger, more = {}) => ({ content, trigger, run: "click", ...more });

tours.add("parcel_wes_follows", {
    steps: () => [
        see("The last scan stands in the list", ".o_data_row:contains(SW1):contains(Contents damaged)"),
        click("As a board", ".o_switch_view.o_kanban"),
        see("In the column of its status", ".o_kanban_group:contains(Problem on the way) .o_kanban_record:contains(SW1)"),
        click("He opens it", ".o_kanban_record:contains(SW1)"),
        see("What happened, newest first", "[name=scan_ids] .o_data_row:first:contains(Contents damaged)"),
        see("And before", "[name=scan_ids] .o_data_row:contains(Collected)"),
        click("He has the carrier asked", "button[name=action_ask_now]"),
        see("It will be", ".o_notification:contains(asked within a minute)"),
        click("The problem", "button[name=action_view_problems]"),
        see("Is sally's", ".o_data_row:contains(Damaged):contains(Sally)"),
    ],
});

tours.add("parcel_sally_sends_again", {
    steps: () => [
        click("One is damaged", ".o_data_row:contains(Damaged) td[name=kind]"),
        see("What is proposed", "button.btn-primary[name=action_reship]"),
        click("She does it", "button.btn-primary[name=action_reship]"),
        see("An order for nothing", ".o_form_view [name=order_line] .o_data_row:contains(0.00)"),
        see("It says of what", ".o_breadcrumb:contains(Damaged), .breadcrumb:contains(Damaged)"),
    ],
});

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
