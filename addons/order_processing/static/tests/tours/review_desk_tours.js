import { registry } from "@web/core/registry";

// An order held for three reasons is waived, approved in two stages by two people and confirms itself; and
// twenty are decided on at once. tests/test_tour_review_desk.py starts these one after the other.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger) => ({ content, trigger, run: "click" });
const fill = (content, trigger, text) => ({ content, trigger, run: `edit ${text}` });
const press = (content, trigger, keys) => ({ content, trigger, run: `press ${keys}` });
// Rows at the desk, cards on a phone.
const either = (rest, where = "") => `${where}.o_data_row:${rest}, ${where}.o_kanban_record:${rest}`;
const row = (customer) => `.o_data_row:contains(${customer}) td[name=name], .o_kanban_record:contains(${customer})`;
const FINDINGS = "[name=review_finding_ids] ";
const fitsTheScreen = {
    content: "The page is no wider than the screen",
    trigger: ".o_review_sheet",
    run() {
        const { scrollWidth } = document.documentElement;
        if (scrollWidth > window.innerWidth) {
            throw new Error(`The page is ${scrollWidth} px wide, the screen ${window.innerWidth} px`);
        }
    },
};

tours.add("review_desk_rita", {
    steps: () => [
        see("How much waits for me", ".o_review_counters button:contains(mine)"),
        click("The order", row("Corner Shop")),
        see("Three reasons", either("contains(lacks a postal code)", FINDINGS)),
        see("The price", either("contains(the price list says)", FINDINGS)),
        see("The margin", either("contains(The margin is)", FINDINGS)),
        see("The margin is for finance", either("contains(The margin is):contains(Finance)", FINDINGS)),
        see("What approving does", ".o_review_sheet:contains(goes on to Finance)"),
        see("The customer at a glance", ".o_review_sheet section:contains(Orders before this one)"),
        see("The stock", ".o_review_lines:contains(LANTERN)"),
        fitsTheScreen,
        see("Finance's finding is not mine to waive", either("contains(The margin is):not(:has(button[name=action_open_waive]))", FINDINGS)),
        click("Let the address pass", either("contains(lacks a postal code) button[name=action_open_waive]", FINDINGS)),
        fill("Why", ".modal [name=reason] textarea", "They collect it"),
        click("Waive", ".modal button[name=action_waive]"),
        see("It is waived", either("contains(lacks a postal code):contains(Waived)", FINDINGS)),
        press("Approve, by keyboard", ".o_form_statusbar button:contains(Approve)", "alt+y"),
        see("What this does", ".modal [name=summary]:contains(goes on to Finance)"),
        fill("A note", ".modal [name=reason] textarea", "A loyal customer"),
        press("Yes, by keyboard", ".modal button[name=action_decide]:contains(Approve)", "alt+q"),
        see("It is at finance now", "[name=review_stage_id]:contains(Finance)"),
        see("Not for me any more", ".alert:contains(You may not decide here):contains(Fiona)"),
    ],
});

tours.add("review_desk_fiona", {
    steps: () => [
        click("The order has come to finance", row("Corner Shop")),
        see("Only the margin is open", either("contains(The margin is):contains(Open)", FINDINGS)),
        see("And then it is confirmed", ".o_review_sheet:contains(Confirmed)"),
        click("Who was asked before", "a[name=decisions]"),
        see("Rita has approved", either("contains(Rita):contains(A loyal customer)", "[name=review_decision_ids] ")),
        click("Approve", ".o_form_statusbar button:contains(Approve)"),
        click("Yes", ".modal button[name=action_decide]:contains(Approve)"),
        see("It has confirmed itself", "[name=processing_stage]:contains(Ready)"),
    ],
});

tours.add("review_desk_next", {
    steps: () => [
        click("The first of two", row("First")),
        see("The first", "h2 [name=partner_id]:contains(First)"),
        press("Approve, by keyboard", ".o_form_statusbar button:contains(Approve)", "alt+y"),
        see("The question", ".modal [name=summary]"),
        press("Yes, by keyboard", ".modal button[name=action_decide]:contains(Approve)", "alt+q"),
        see("The next one comes by itself", "h2 [name=partner_id]:contains(Second)"),
        press("Refuse, by keyboard", ".o_form_statusbar button:contains(Refuse)", "alt+k"),
        fill("Why", ".modal [name=reason] textarea", "We do not deliver there"),
        press("Yes, by keyboard", ".modal button[name=action_decide]:contains(Refuse)", "alt+q"),
        see("Refused", "[name=processing_stage]:contains(Refused)"),
    ],
});

tours.add("review_desk_bulk", {
    steps: () => [
        see("All of them", ".o_review_counters button:contains(20):contains(mine)"),
        click("Mark all", "thead .o_list_record_selector input"),
        click("Approve", ".o_control_panel button:contains(Approve)"),
        see("What it will do", ".modal [name=summary]:contains(20 × Confirmed)"),
        click("But not this one", ".modal .o_data_row:contains(Seventh) td[name=decision]"),
        click("Another decision", ".modal .o_selected_row [name=decision] input, .modal .o_selected_row [name=decision] select"),
        click("Refuse it", ".o_select_menu_item:contains(Refuse)"),
        fill("Why", ".modal .o_selected_row [name=reason] input", "We do not deliver there"),
        click("Out of the row", ".modal [name=reason] textarea"),
        see("What it will do now", ".modal [name=summary]:contains(19 × Confirmed):contains(1 × Refused)"),
        fill("For all others", ".modal [name=reason] textarea", "They collect"),
        click("Do it", ".modal button[name=action_decide]:contains(Approve)"),
        see("Nothing is left", ".o_view_nocontent:contains(Nothing to review)"),
    ],
});

tours.add("review_desk_somebody_else", {
    steps: () => [
        see("Fiona has it open", ".o_data_row:contains(Corner Shop):contains(Fiona) .fa-eye"),
        click("Look at it all the same", ".o_data_row:contains(Corner Shop) td[name=name]"),
        see("It says so", ".o_review_looking:contains(Fiona has this order open)"),
    ],
});
