import { registry } from "@web/core/registry";

// Mona makes a rule out of a filter; Rita lets what it holds pass.
// tests/test_tour_review_rules.py starts these one after the other, each as another person.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger) => ({ content, trigger, run: "click" });
const fill = (content, trigger, text) => ({ content, trigger, run: `edit ${text}` });
// Rows at the desk, cards on a phone.
const either = (rest, where = "") => `${where}.o_data_row:${rest}, ${where}.o_kanban_record:${rest}`;

tours.add("review_rules_mona_makes_one", {
    steps: () => [
        see("What every order is looked at for", ".o_data_row:contains(Prices equal to the price list)"),
        click("A new rule", ".o_list_button_add"),
        fill("Its name", ".o_field_widget[name=name] input", "Urgent ones"),
        fill("Why", ".o_field_widget[name=explanation] textarea", "Somebody should call about these."),
        fill("What it says", ".o_field_widget[name=message] input", "{order} of {customer} is urgent"),
        click("Which orders: a condition", ".o_field_widget[name=domain] a:contains(New Rule)"),
        click("On the form", ".o_field_widget[name=domain] .o_model_field_selector"),
        fill("The field", ".o_model_field_selector_popover_search input", "Urgency"),
        click("It is found", ".o_model_field_selector_popover_item[data-name=urgency] button"),
        {
            content: "Urgent",
            trigger: ".o_field_widget[name=domain] .o_tree_editor_condition > div:last-of-type select",
            run: "selectByLabel Urgent",
        },
        click("Keep it", ".o_form_button_save"),
        see("It is kept", ".o-mail-Message:contains(Review Rule created)"),
    ],
});

tours.add("review_rules_rita_waives", {
    steps: () => [
        click("The order waits", ".o_data_row:contains(Carla) td[name=name], .o_kanban_record:contains(Carla)"),
        see("It says why, with the order's own figures", either("contains(of Carla is urgent)")),
        click("Let it pass", either("contains(is urgent) button[name=action_open_waive]")),
        see("The finding again", either("contains(is urgent)", ".modal ")),
        fill("Why", ".modal [name=reason] textarea", "Called her"),
        click("Waive", ".modal button[name=action_waive]"),
        see("The order goes on", "[name=processing_stage]:contains(Ready)"),
        see("And it stays readable", either("contains(is urgent):contains(Waived)")),
    ],
});
