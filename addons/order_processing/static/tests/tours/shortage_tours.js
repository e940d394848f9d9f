import { registry } from "@web/core/registry";

// The planner's page: what is short, the worst first, and the buttons that help; at a desk and on a phone.
// tests/test_tour_shortage.py tells the story.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger) => ({ content, trigger, run: "click" });
const fitsTheScreen = {
    content: "The page is no wider than the screen",
    trigger: ".o_action_manager",
    run() {
        const { scrollWidth } = document.documentElement;
        if (scrollWidth > window.innerWidth) {
            throw new Error(`The page is ${scrollWidth} px wide, the screen ${window.innerWidth} px`);
        }
    },
};

tours.add("shortage_nothing", {
    steps: () => [see("Nothing is short", ".o_view_nocontent:contains(Nothing is short)"), fitsTheScreen],
});

tours.add("shortage_planner", {
    steps: () => [
        see("The worst product stands first", ".o_group_header:first:contains(Wool Blanket)"),
        see("Its orders are in sight", ".o_data_row:contains(Nothing ordered):contains(nothing is coming)"),
        see("Another warehouse has some", ".o_data_row:contains(8 · North)"),
        see("So has a substitute", ".o_data_row:contains(TARTAN)"),
        see("What is on its way is no trouble", ".o_data_row:contains(TRAY):contains(Comes in time)"),
        click("Bring it", ".o_data_row:contains(8 · North) button[name=action_transfer]"),
        see("It is on its way", ".o_notification:contains(On its way: NO/INT)"),
        see("The page says so", ".o_data_row:contains(Wool Blanket):contains(WH/INT)"),
        click("Look at it", ".o_data_row:contains(Wool Blanket) td[name=quantity]"),
        see("What helps", "[name=help_ids] .o_data_row:contains(WH/INT):contains(Transfer)"),
        click("Who has it", "button[name=action_view_holders]"),
        see("Nobody has", ".o_breadcrumb:contains(Who has it), .o_last_breadcrumb_item:contains(Who has it)"),
    ],
});

tours.add("shortage_phone", {
    steps: () => [
        see("A card says it all", ".o_kanban_record:contains(Wool Blanket):contains(Nothing ordered):contains(8 · North)"),
        fitsTheScreen,
        click("Bring it", ".o_kanban_record:contains(8 · North) button[name=action_transfer]"),
        see("It is on its way", ".o_notification:contains(On its way: NO/INT)"),
        see("The card says so", ".o_kanban_record:contains(Wool Blanket):contains(WH/INT)"),
        fitsTheScreen,
    ],
});

tours.add("shortage_sally", {
    steps: () => [
        click("Something of her order is short", "button[name=action_view_shortages]"),
        click("Look at it", ".o_data_row:contains(Wool Blanket) td[name=quantity]"),
        click("Let the customer choose", "button[name=action_ask_customer]"),
        see("The customer is asked", ".o_notification:contains(Asked: Carla)"),
        see("She orders nothing herself", ".o_form_statusbar:not(:has(button[name=action_replenish]:visible))"),
    ],
});
