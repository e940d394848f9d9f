import { registry } from "@web/core/registry";

// An administrator sets up an account and chooses a carrier by its name.
// tests/test_tour_kuaidi100.py tells the story.

const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger) => ({ content, trigger, run: "click" });
const edit = (content, trigger, text) => ({ content, trigger, run: `edit ${text}` });

registry.category("web_tour.tours").add("kuaidi100_is_set_up", {
    steps: () => [
        click("A new account", ".o_list_button_add"),
        edit("Its name", ".o_form_view [name=name] input", "Our Kuaidi100"),
        click("What it is", "[name=kind] input"),
        click("Kuaidi100", ".o_select_menu_item:contains(Kuaidi100)"),
        see("Where the keys are", ".o_notebook a[name=kuaidi100]"),
        click("The delivery methods", "a[name=carrier_codes]"),
        click("One more", "[name=carrier_code_ids] .o_field_x2many_list_row_add a"),
        edit("Which", "[name=carrier_code_ids] td[name=carrier_id] input", "Swift"),
        click("This one", ".o-autocomplete--dropdown-item:contains(Swift)"),
        edit("Who carries it", "[name=carrier_code_ids] td[name=known_id] input", "中通快递"),
        click("By its name", ".o-autocomplete--dropdown-item:contains(ZTO 中通快递)"),
        see("Its code is filled in", "[name=carrier_code_ids] td[name=code] input:value(zhongtong)"),
        see("And that it wants the phone number", "[name=carrier_code_ids] td[name=needs_phone] input:checked"),
        click("Kept", ".o_form_button_save"),
        click("Its keys", "button[name=action_secrets]"),
        see("Which it wants", ".modal .o_data_row:contains(Customer)"),
        see("And its address for news", ".modal [name=push_url]"),
        click("Enough", ".modal .btn-close"),
        see("Nothing was lost", ".o_form_view:not(:has(.modal)) [name=carrier_code_ids]:contains(zhongtong)"),
    ],
});
