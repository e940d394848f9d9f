import { registry } from "@web/core/registry";

// Max checks whether what is reserved is there, and repairs what is not.
// tests/test_tour_reservation_health.py starts these one after the other.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger) => ({ content, trigger, run: "click" });
// Rows at the desk, cards on a phone.
const either = (rest, where = "") => `${where}.o_data_row:${rest}, ${where}.o_kanban_record:${rest}`;
const row = ".o_data_row:contains(LANTERN) td[name=product_id], .o_kanban_record:contains(LANTERN)";

tours.add("reservation_health_nothing", {
    steps: () => [
        see("Nothing is wrong", ".o_view_nocontent:contains(Every reservation adds up)"),
        see("What is checked", ".o_view_nocontent:contains(what open transfers hold)"),
        click("Check", "button[name=action_check]"),
        see("It says so", ".o_notification:contains(Everything adds up)"),
        see("And when it was", ".o_view_nocontent:contains(Last checked)"),
    ],
});

tours.add("reservation_health_repair", {
    steps: () => [
        click("Check", "button[name=action_check]"),
        see("It says so", ".o_notification:contains(1 to repair)"),
        see("What is wrong", either("contains(More reserved than is there)")),
        click("Look at it", row),
        see("Why", "[name=cause_text]:contains(Probably goods were lost afterwards)"),
        see("For whom it is reserved", either("contains(WH/OUT)", "[name=line_ids] ")),
        {
            content: "The page is no wider than the screen",
            trigger: ".o_form_view",
            run() {
                const { scrollWidth } = document.documentElement;
                if (scrollWidth > window.innerWidth) {
                    throw new Error(`The page is ${scrollWidth} px wide, the screen ${window.innerWidth} px`);
                }
            },
        },
        click("Repair", "button[name=action_repair]"),
        see("It says so", ".o_notification:contains(1 repaired)"),
        see("Before", "[name=before_text]:contains(100 Units reserved)"),
        see("After", "[name=after_text]:contains(70 Units reserved)"),
        see("Who gave it back", "[name=released_text]:contains(30 Units of WH/OUT)"),
    ],
});
