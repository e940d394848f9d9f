import { registry } from "@web/core/registry";

// Scarce goods: what the warehouse, the salesperson and the administrator see of who gets them.
// tests/test_tour_reservation.py tells the story.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger, more = {}) => ({ content, trigger, run: "click", ...more });

tours.add("reservation_wes_asks", {
    steps: () => [
        see("The urgent order is first in the queue", ".o_data_row:contains(Brass Bell):has([name=queue_position]:contains(1))"),
        see("Why the other has nothing", ".o_data_row:contains(Others):contains(Nothing is free)"),
        click("Only what is short", ".o_searchview_dropdown_toggler"),
        click("Nothing there", ".o_filter_menu .dropdown-item:contains(Nothing there)"),
        see("Both are", ".o_pager_limit:contains(2)"),
    ],
});

tours.add("reservation_wes_checks", {
    steps: () => [
        see("The transfer says why", ".alert-info:contains(Brass Bell: Nothing is free)"),
        click("He asks for the goods", "button[name=action_assign]"),
        see("They go to others", ".o_notification:contains(2 of 5 set aside: 6 were free, 4 of them went to others)"),
        see("So does the transfer", ".alert-info:contains(4 of them went to others before it)"),
        see("He may not jump the queue", ".o_form_statusbar:not(:has(button[name=action_open_queue_jump]))"),
    ],
});

tours.add("reservation_boss_jumps", {
    steps: () => [
        click("Out of turn", "button[name=action_open_queue_jump]"),
        see("Who is passed over", ".modal [name=passed_over]:contains(3 Units):contains(Brass Bell)"),
        { content: "Why", trigger: ".modal [name=reason] textarea", run: "edit The truck is waiting" },
        click("Now", ".modal button[name=action_jump]"),
        see("It has everything", ".o_arrow_button_current:contains(Ready)"),
        see("And says so", ".o-mail-Message:contains(The truck is waiting)"),
    ],
});

tours.add("reservation_sally_follows", {
    steps: () => [
        see("What is missing, and why", ".alert-info:contains(Stock):contains(Brass Bell)"),
        click("More", "a:contains(Other Info)"),
        see("Its place in the queue", "[name=rank_text]:contains(Urgent, due)"),
    ],
});

tours.add("reservation_carla_waits", {
    steps: () => [
        see("The customer is told what happens", "#order_progress:contains(We are setting your goods aside)"),
    ],
});

tours.add("reservation_boss_looks", {
    steps: () => [
        see("The run and its figures", ".o_data_row:contains(Done)"),
    ],
});
