import { registry } from "@web/core/registry";

// What freight costs: anna imports a carrier's bill, sally compares carriers, mona reads the figures.
// tests/test_tour_freight.py tells the story.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger, more = {}) => ({ content, trigger, run: "click", ...more });
const FILE = "Tracking no.,Service,Net amount\nRP-1,freight,4.00\nRP-2,freight,6.50\nRP-7,freight,four\n";
const type = (content, trigger, text) => ({ content, trigger, run: `edit ${text}` });

tours.add("freight_anna_imports", {
    steps: () => [
        click("Nothing is there yet", ".o_list_buttons button:contains(Import), .o_control_panel button:contains(Import)"),
        type("Whose bill it is", ".modal [name=carrier_id] input", "Post"),
        click("The post's", ".o-autocomplete--dropdown-item:contains(Post)"),
        type("Its number", ".modal [name=name] input", "RP-2027-1"),
        {
            content: "The file",
            trigger: ".modal [name=file_data] input[type=file]:not(:visible)",
            run() {
                const files = new DataTransfer();
                files.items.add(new File([FILE], "bill.csv", { type: "text/csv" }));
                const input = document.querySelector(".modal [name=file_data] input[type=file]");
                input.files = files.files;
                input.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        see("Its columns are understood", ".modal .o_data_row:contains(Tracking no.) [name=meaning]:contains(Tracking number)"),
        see("And the amount", ".modal .o_data_row:contains(Net amount) [name=meaning]:contains(Amount)"),
        click("The total it declares", ".modal [name=total_ids] .o_data_row [name=declared]"),
        type("Ten and a half", ".modal [name=total_ids] [name=declared] input", "10.50"),
        click("She tries it", ".modal button[name=action_preview]"),
        see("One is as expected", ".modal .o_data_row:contains(RP-1):contains(As expected)"),
        see("One is too much", ".modal .o_data_row:contains(RP-2):contains(Too much)"),
        see("One cannot be read", ".modal .o_data_row:contains(RP-7):contains(not an amount)"),
        click("She imports it", ".modal button[name=action_import]"),
        see("One row waits to be corrected", ".o_form_view .alert:contains(could not be read)"),
        click("It was nothing", "[name=line_ids] .o_data_row:contains(RP-7) .o_list_record_remove button"),
        click("Saved", ".o_form_button_save:enabled"),
        click("She has it checked", "button[name=action_check]:contains(Check)"),
        see("It is", ".o_arrow_button_current:contains(Checked)"),
        click("The disputes", "button[name=action_view_disputes]"),
        see("One", ".o_data_row:contains(RP-2):contains(Too much):contains(To be sent)"),
        click("She asks the carrier", ".o_data_row:contains(RP-2) button[name=action_dispute_sent]"),
        see("Asked", ".o_data_row:contains(RP-2) [name=dispute_state]:contains(Carrier asked)"),
        click("Who accepts", ".o_data_row:contains(RP-2) button[name=action_dispute_accepted]"),
        see("Done", ".o_data_row:contains(RP-2) [name=dispute_state]:contains(Carrier accepts)"),
        click("Back to the bill", ".breadcrumb-item:last a, .o_breadcrumb .o_back_button"),
        see("Which is settled", ".o_arrow_button_current:contains(Settled)"),
    ],
});

tours.add("freight_sally_compares", {
    steps: () => [
        click("More about the order", "a[name=other_information]"),
        see("The post was chosen", "[name=freight_reason]:contains(Post)"),
        click("She compares", "button[name=action_compare_freight]"),
        see("Three carriers", ".modal .o_data_row:contains(Slow)"),
        see("The best in words", ".modal .alert:contains(Post)"),
        click("The courier", ".modal .o_data_row:contains(Courier) button[name=action_choose]"),
        see("The reason", "[name=freight_reason]:contains(Courier):contains(chosen by Sally)"),
    ],
});

tours.add("freight_mona_reads", {
    steps: () => [
        see("By carrier", ".o_pivot table:contains(Post)"),
        see("More than expected", ".o_pivot table:contains(2.00)"),
        click("As a list", ".o_switch_view.o_list"),
        see("Order by order", ".o_list_view .o_group_header, .o_list_view .o_data_row"),
    ],
});
