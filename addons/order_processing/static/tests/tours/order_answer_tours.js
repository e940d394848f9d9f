import { registry } from "@web/core/registry";

// The customer answers a reviewer's question: at a desk and on a phone, by signed link and logged in.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger, more = {}) => ({ content, trigger, run: "click", ...more });
const fill = (content, trigger, text) => ({ content, trigger, run: `edit ${text}` });
const fitsTheScreen = {
    content: "The page is no wider than the screen, and the form is on it",
    trigger: "#order_progress",
    run() {
        const { scrollWidth } = document.documentElement;
        if (scrollWidth > window.innerWidth) {
            throw new Error(`The page is ${scrollWidth} px wide, the screen ${window.innerWidth} px`);
        }
        for (const field of document.querySelectorAll("#order_answer .form-control")) {
            const { left, right } = field.getBoundingClientRect();
            if (left < 0 || right > window.innerWidth) {
                throw new Error(`${field.name} reaches from ${left} to ${right} px`);
            }
        }
    },
};

tours.add("order_answer_zip", {
    steps: () => [
        see("The question", "#order_progress blockquote:contains(What is your postal code?)"),
        fitsTheScreen,
        fill("An answer", "#order_answer textarea", "Sorry, I forgot it."),
        fill("A wrong code", "#order_answer input[name=zip]", "12345"),
        click("Send", "#order_answer button[type=submit]", { expectUnloadPage: true }),
        see("It says what is wrong", "#order_answer .invalid-feedback:contains(not a postal code of United Kingdom)"),
        see("The answer is still there", "#order_answer textarea:value(Sorry, I forgot it.)"),
        fitsTheScreen,
        { content: "The code says it all", trigger: "#order_answer textarea", run: "clear" },
        fill("The right code", "#order_answer input[name=zip]", "NW1 6XE"),
        click("Send again", "#order_answer button[type=submit]", { expectUnloadPage: true }),
        see("Thank you", ".alert-success:contains(Thank you!)"),
        see("The order goes on", '#order_progress:contains("Your order is ready to be sent")'),
        see("The question is gone", "#order_progress:not(:has(form)):not(:has(blockquote))"),
        see("What was completed", "#order_timeline:contains(You completed your address: postal code NW1 6XE)"),
        fitsTheScreen,
    ],
});

tours.add("order_answer_plain", {
    steps: () => [
        click("An answer is needed", "tr:contains(Answer needed) a", { expectUnloadPage: true }),
        see("The question", "#order_progress blockquote:contains(Is that right?)"),
        see("Nothing is missing", "#order_answer:not(:has(fieldset))"),
        fitsTheScreen,
        fill("An answer", "#order_answer textarea", "Yes, your colleague told me so."),
        click("Send", "#order_answer button[type=submit]", { expectUnloadPage: true }),
        see("Thank you", ".alert-success:contains(Thank you!)"),
        see("It is checked again", '#order_progress:contains("We are checking your order")'),
        see("The question is gone", "#order_progress:not(:has(form)):not(:has(blockquote))"),
        fitsTheScreen,
    ],
});
