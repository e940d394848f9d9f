import { registry } from "@web/core/registry";

// The customer chooses what to do about goods that come later: at a desk and on a phone, from the page of
// the order. tests/test_choice_portal.py tells the story, and that the choice itself needs no log-in.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const go = (content, trigger) => ({ content, trigger, run: "click", expectUnloadPage: true });
const fitsTheScreen = {
    content: "The page is no wider than the screen",
    trigger: "#wrapwrap",
    run() {
        const { scrollWidth } = document.documentElement;
        if (scrollWidth > window.innerWidth) {
            throw new Error(`The page is ${scrollWidth} px wide, the screen ${window.innerWidth} px`);
        }
    },
};

const choose = (label, ...effects) => [
    see("When it comes, and what was promised before", "#order_promise:contains(Expected with you on):has(s)"),
    see("Why", "#order_promise:contains(Our supplier delivers on another day)"),
    fitsTheScreen,
    go("Choose", `#order_choices a:contains(${label})`),
    see("It asks first", `#order_choice h4:contains(${label})`),
    ...effects.map((effect) => see("What will happen", `#order_choice p:contains(${effect})`)),
    fitsTheScreen,
    go("Yes", "#order_choice button[type=submit]"),
    see("It is done", "#order_choice:contains(Thank you!)"),
    go("Back to the order", "#order_choice a:contains(See your order)"),
];

tours.add("order_choice_ship_now", {
    steps: () => [
        ...choose("Send what is there now", "follows in another parcel"),
        see("The timeline says so", "#order_timeline:contains(You have chosen: send what is there now)"),
        fitsTheScreen,
    ],
});
tours.add("order_choice_wait_all", {
    steps: () => [
        ...choose("Wait and send everything together", "Nothing is sent before"),
        see("The timeline says so", "#order_timeline:contains(You have chosen: wait)"),
    ],
});
tours.add("order_choice_substitute", {
    steps: () => [
        ...choose("Take Tartan Blanket instead", "6 × Tartan Blanket at £ 54.00 each"),
        see("The timeline says so", "#order_timeline:contains(You take)"),
        see("Nothing is asked any more", "#order_progress:not(:has(#order_choices))"),
    ],
});
tours.add("order_choice_cancel_missing", {
    steps: () => [
        ...choose("Cancel what is missing", "6 × Wool Blanket"),
        see("The timeline says so", "#order_timeline:contains(You have cancelled what is missing)"),
    ],
});
tours.add("order_choice_cancel", {
    steps: () => [
        ...choose("Cancel what has not been sent", "This cannot be undone"),
        see("It is cancelled", "#order_progress:contains(This order has been cancelled)"),
        fitsTheScreen,
    ],
});
tours.add("order_choice_thinks_again", {
    steps: () => [
        go("Cancel", "#order_choices a:contains(Cancel what has not been sent)"),
        go("Rather not", "#order_choice a:contains(No, leave it as it is)"),
        see("Nothing has happened", "#order_choices"),
    ],
});
