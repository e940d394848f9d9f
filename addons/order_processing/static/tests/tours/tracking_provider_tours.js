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
