import { registry } from "@web/core/registry";

// Carla says what is broken, with a photo; Sally asks for the goods; Anna gives the money back; Carla follows it.
// tests/test_tour_cases.py starts these, on a desk and on a phone.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger, more = {}) => ({ content, trigger, run: "click", ...more });
const leave = (content, trigger) => click(content, trigger, { expectUnloadPage: true });
const fitsTheScreen = {
    content: "The page is no wider than the screen",
    trigger: "main, #wrap, .o_content",
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
// On a phone what does not fit into the line of buttons is behind one more.
const header = (content, name) => [
    {
        content: "Where the buttons are",
        trigger: ".o_form_view",
        async run({ click }) {
            const button = `.o_statusbar_buttons button[name=${name}]`;
            const more = document.querySelector(".o_statusbar_buttons .o-dropdown, .o_statusbar_buttons_dropdown");
            if (!document.querySelector(button) && more) {
                await click(more);
            }
        },
    },
    click(content, `button[name=${name}]`),
];

tours.add("case_carla_complains", {
    steps: () => [
        leave("Something is wrong", "#order_new_case"),
        fitsTheScreen,
        { content: "What", trigger: "#case_kind", run: "select damage" },
        { content: "How many", trigger: "input[name^=quantity_]:first", run: "edit 2" },
        { content: "Words", trigger: "#case_description", run: "edit Two arrived broken." },
        photo,
        leave("Send", "#case_new button[type=submit]"),
        see("It is there", ".alert-success:contains(Thank you!)"),
        see("The photo", "#case_photo_list img"),
        fitsTheScreen,
        { content: "One more word", trigger: "#case_answer_text", run: "edit I want my money back." },
        leave("Send", "#case_answer button[type=submit]"),
        see("What was said", ".o_case_message:contains(I want my money back.)"),
    ],
});

tours.add("case_sally_takes_back", {
    steps: () => [
        click("The case", ".o_kanban_record:contains(Damage)"),
        see("The goods", ".o_field_widget[name=line_ids] :contains(Metal Lantern)"),
        ...header("Take the goods back", "action_return"),
        see("The transfer", ".o_field_widget[name=move_ids], button[name=action_view_returns]"),
    ],
});

tours.add("case_carla_sends_back", {
    steps: () => [
        see("What she has to do", "#case_return:contains(Use the same box)"),
        see("And where it stands", "#case_sentence:contains(We are waiting for you)"),
        fitsTheScreen,
    ],
});

tours.add("case_anna_refunds", {
    steps: () => [
        see("The goods are back", ".o_form_view:contains(In progress)"),
        ...header("Money back", "action_refund"),
        see("The credit note", ".o_form_view:contains(Credit Note)"),
        ...header("Post it", "action_post"),
        see("It is posted", ".o_form_view .o_arrow_button_current:contains(Posted), .o_form_view:contains(RINV)"),
    ],
});

tours.add("case_carla_rates", {
    steps: () => [
        see("What is done", "#case_steps:contains(Your refund is done)"),
        see("All of it", "#case_steps:contains(Resolved)"),
        fitsTheScreen,
        leave("Not good", "#case_rating a:contains(Bad)"),
        { content: "Why", trigger: "textarea[name=feedback]", run: "edit It took so long" },
        leave("Send", "form[action*=submit_feedback] button[type=submit]"),
        see("She is thanked", ".o_rating_page_view, main:contains(Thank you)"),
    ],
});

tours.add("case_sally_closes", {
    steps: () => [
        see("It is resolved", ".o_form_view:contains(Money back)"),
        ...header("Close", "action_close"),
        see("Closed", ".o_form_view .o_field_statusbar:contains(Closed)"),
    ],
});
