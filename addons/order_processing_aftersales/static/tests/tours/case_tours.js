import { registry } from "@web/core/registry";

// Carla says what is broken, with a photo; Sally gives her the money back.
// tests/test_tour_cases.py starts these.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger, more = {}) => ({ content, trigger, run: "click", ...more });
const fitsTheScreen = {
    content: "The page is no wider than the screen",
    trigger: "main, #wrap",
    run() {
        const { scrollWidth } = document.documentElement;
        if (scrollWidth > window.innerWidth) {
            throw new Error(`The page is ${scrollWidth} px wide, the screen ${window.innerWidth} px`);
        }
    },
};
const photo = {
    content: "A photo",
    trigger: "#case_photos",
    async run() {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 40;
        canvas.getContext("2d").fillRect(0, 0, 20, 20);
        const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg"));
        const files = new DataTransfer();
        files.items.add(new File([blob], "broken.jpg", { type: "image/jpeg" }));
        this.anchor.files = files.files;
    },
};

tours.add("case_carla_complains", {
    steps: () => [
        click("Something is wrong", "#order_new_case", { expectUnloadPage: true }),
        fitsTheScreen,
        { content: "What", trigger: "#case_kind", run: "select damage" },
        { content: "How many", trigger: "input[name^=quantity_]:first", run: "edit 2" },
        { content: "Words", trigger: "#case_description", run: "edit Two arrived broken." },
        photo,
        click("Send", "#case_new button[type=submit]", { expectUnloadPage: true }),
        see("It is there", ".alert-success:contains(Thank you!)"),
        see("The photo", "#case_photo_list img"),
        fitsTheScreen,
        { content: "One more word", trigger: "#case_answer_text", run: "edit I want my money back." },
        click("Send", "#case_answer button[type=submit]", { expectUnloadPage: true }),
        see("What was said", ".o_case_message:contains(I want my money back.)"),
    ],
});

tours.add("case_sally_refunds", {
    steps: () => [
        click("The case", ".o_kanban_record:contains(Damage)"),
        see("The goods", ".o_field_widget[name=line_ids] .o_data_row:contains(Metal Lantern)"),
        click("Money back", "button[name=action_refund]"),
        see("The credit note", ".o_form_view:contains(Customer Credit Note), .o_form_view:contains(Credit Note)"),
    ],
});

tours.add("case_carla_sees_it", {
    steps: () => [
        see("What is done", "#case_steps:contains(We are preparing your refund)"),
        fitsTheScreen,
    ],
});
