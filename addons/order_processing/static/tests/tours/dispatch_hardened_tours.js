import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { BoardModel } from "@order_processing/dispatch_board/board_model";
import { readLonger } from "@order_processing/dispatch_board/board_reading";

// The dispatch board and the packing table when several things happen at once.
// tests/test_tour_dispatch_hardened.py tells the stories.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger) => ({ content, trigger, run: "click" });
const card = (customer) => `.o_dispatch_card:contains(${customer})`;
const column = (name) => `.o_dispatch_column:contains(${name})`;
const rest = (time) => new Promise((done) => setTimeout(done, time));
const scan = (code) => ({
    content: `Scan ${code}`,
    trigger: ".o_packing_scan input",
    async run(helpers) {
        await helpers.edit(code);
        await helpers.press("Enter");
    },
});

function check(what, is, should) {
    if (JSON.stringify(is) !== JSON.stringify(should)) {
        throw new Error(`${what}: ${JSON.stringify(is)} instead of ${JSON.stringify(should)}`);
    }
}

/** As fast as a scanner: nothing is waited for. */
function type(code) {
    const input = document.querySelector(".o_packing_scan input");
    input.value = code;
    input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
}

/** Let answers of the server come late; return how to let them through. */
function holdBack(part) {
    const { XMLHttpRequest } = browser;
    let release;
    const until = new Promise((done) => (release = done));
    browser.XMLHttpRequest = class extends XMLHttpRequest {
        open(method, url, ...args) {
            this.isHeld = url.includes(part);
            return super.open(method, url, ...args);
        }
        addEventListener(name, listener) {
            super.addEventListener(name, async (ev) => {
                if (this.isHeld) {
                    await until;
                }
                listener(ev);
            });
        }
    };
    return () => {
        browser.XMLHttpRequest = XMLHttpRequest;
        release();
    };
}

// ---------------------------------------------------------------- what the board knows
const cardsFrom = (first, count) =>
    Array.from({ length: count }, (_one, place) => ({ id: first + place, kind: "wave", departure_id: 1, batch_id: 1, score: 0, urgent: false, status: "ready" }));

async function longLaneKeepsWhatWasChosen() {
    const all = cardsFrom(1, 60);
    const first = () => ({ now: "2027-01-11 09:00:00", lanes: [{ kind: "wave", departure_id: 1, batch_id: 1, matching: 60, cards: all.slice(0, 40) }] });
    const model = new BoardModel();
    const extra = { "wave-1-1": 60 };
    const page = async (_lane, offset) => ({ matching: 60, cards: all.slice(offset, offset + 80) });
    for (let time = 0; time < 2; time++) {
        const data = first();
        await readLonger(data.lanes, extra, page);
        model.take(data);
        model.select([5, 50, 55]);
    }
    const data = first();
    await readLonger(data.lanes, extra, page);
    model.take(data);
    check("chosen after reading again", [...model.selected], [5, 50, 55]);
}

async function aCardThatRoseEndsReading() {
    const [lane] = [{ kind: "wave", departure_id: 1, batch_id: 1, matching: 45, cards: cardsFrom(1, 40) }];
    const risen = [...cardsFrom(45, 1), ...cardsFrom(1, 44)];
    let calls = 0;
    await readLonger([lane], { "wave-1-1": 45 }, async (_lane, offset) => {
        calls += 1;
        if (calls > 5) {
            throw new Error("reading does not end");
        }
        return { matching: 45, cards: risen.slice(offset, offset + 80) };
    });
    check("cards", lane.cards.length, 44);
    calls = 0;
    await readLonger([{ ...lane, matching: 3, cards: cardsFrom(1, 3) }], { "wave-1-1": 45 }, async () => (calls += 1));
    check("asked for more than there is", calls, 0);
}

tours.add("dispatch_board_reads_on", {
    steps: () => [
        {
            content: "Reading again",
            trigger: ".o_dispatch_board",
            async run() {
                await longLaneKeepsWhatWasChosen();
                await aCardThatRoseEndsReading();
            },
        },
    ],
});

tours.add("dispatch_wes_asks_for_more", {
    steps: () => [
        click("Show the others", `${column("North")} .o_dispatch_more:contains(Show 3 more)`),
        see("All are there", `${column("North")}:not(:has(.o_dispatch_more))`),
        {
            content: "Choose the last one",
            trigger: `${column("North")} .o_dispatch_card:nth-of-type(43)`,
            run: "click",
        },
        {
            content: "The board is read again",
            trigger: ".o_dispatch_selection:contains(1 chosen)",
            async run() {
                let least = 99;
                const watcher = new MutationObserver(() => {
                    least = Math.min(least, document.querySelectorAll(".o_dispatch_card").length);
                });
                watcher.observe(document.querySelector(".o_dispatch_board"), { childList: true, subtree: true });
                window.dispatchEvent(new Event("focus"));
                await rest(1500);
                watcher.disconnect();
                if (least < 43) {
                    throw new Error(`only ${least} cards were left in between`);
                }
            },
        },
        see("It is still chosen", `${column("North")} .o_dispatch_card:nth-of-type(43).o_selected`),
    ],
});

tours.add("dispatch_wes_drags_while_it_is_read", {
    steps: () => [
        {
            content: "Somebody holds Olive back, and the answer of the board is on its way",
            trigger: card("Ned"),
            async run() {
                const id = Number(document.querySelector(".o_dispatch_card[aria-label*=Olive]").dataset.id);
                await fetch("/web/dataset/call_kw/stock.picking/dispatch_hold", {
                    method: "POST",
                    headers: { "Content-Type": "application/json" },
                    body: JSON.stringify({ jsonrpc: "2.0", params: { model: "stock.picking", method: "dispatch_hold", args: [[id], "Meanwhile"], kwargs: {} } }),
                });
                const letThrough = holdBack("dispatch_board");
                window.dispatchEvent(new Event("focus"));
                await rest(800);
                document.querySelector(".o_dispatch_card[aria-label*=Ned] .o_dispatch_kebab").click();
                await rest(200);
                letThrough();
                await rest(800);
                if (!document.querySelector(".o_dispatch_popup")) {
                    throw new Error("the menu is gone");
                }
                if (document.querySelector(".o_dispatch_reason")) {
                    throw new Error("the board was drawn again in somebody's hands");
                }
            },
        },
        { content: "Close the menu", trigger: ".o_dispatch_popup", run: "press Escape" },
        see("Then it is", `${card("Olive")} .o_dispatch_reason:contains(Meanwhile)`),
    ],
});

tours.add("dispatch_wes_holds_what_is_open", {
    steps: () => [
        click("Choose Ned, who has gone", `${card("Ned")}:contains(Gone)`),
        click("And Olive, who has not", card("Olive")),
        {
            content: "H, without a mouse",
            trigger: `${card("Olive")}.o_selected`,
            run() {
                this.anchor.focus();
                this.anchor.dispatchEvent(new KeyboardEvent("keydown", { key: "h", bubbles: true, cancelable: true }));
            },
        },
        see("It is about one", ".modal-title:contains(Hold the transfer back)"),
        { content: "Why", trigger: "#o_dispatch_hold_reason", run: "edit Wait for the card" },
        click("Do it", ".o_dispatch_hold"),
        see("She is held", `${card("Olive")} .o_dispatch_reason:contains(Wait for the card)`),
    ],
});

// ---------------------------------------------------------------- nothing there
tours.add("dispatch_wes_sees_nothing", {
    steps: () => [
        see("Nothing waits", ".o_dispatch_empty:contains(Nothing is waiting to leave)"),
    ],
});

tours.add("dispatch_wes_sees_no_route", {
    steps: () => [
        see("What is missing", ".o_dispatch_hint:contains(There is no delivery route yet)"),
        see("And who can help", ".o_dispatch_hint:contains(Ask whoever runs the warehouse)"),
    ],
});

tours.add("dispatch_wes_sees_it_is_off", {
    steps: () => [
        see("Not planned", ".o_dispatch_hint:contains(Dispatch is not planned)"),
        see("And who can help", ".o_dispatch_hint:contains(Ask your administrator)"),
        see("There is nothing to press", ".o_dispatch_plan:disabled"),
    ],
});

tours.add("dispatch_wes_sees_what_comes_later", {
    steps: () => [
        see("Nothing today, and what is next", ".o_dispatch_next:contains(Nothing leaves on this day; next):contains(Far)"),
        see("Why Larry has no departure", `${card("Late Larry")} .o_dispatch_why:contains(No route to this address)`),
        see("What has no column", ".o_dispatch_later:contains(1 more departure later, with 1 transfer)"),
        click("Look at it", ".o_dispatch_later"),
        see("There it is", `.o_dispatch_column:not(.o_dispatch_unplanned):contains(Far) ${card("Scot")}`),
        click("Back", ".o_dispatch_day button:contains(Today)"),
        click("To the next one", ".o_dispatch_next button:contains(Show that day)"),
        see("Its day", `.o_dispatch_column:contains(Far) ${card("Ned")}`),
    ],
});

// ---------------------------------------------------------------- packing
tours.add("packing_wes_is_fast", {
    steps: () => [
        see("Ben is at it as well", ".o_packing_others:contains(Ben packs this one, too)"),
        scan("MUG"),
        see("All of it is in", ".o_packing_complete:contains(1 of 1)"),
        {
            content: "Close, and scan before the next one is there",
            trigger: ".o_packing_done",
            async run() {
                const letThrough = holdBack("pack_close");
                this.anchor.click();
                type("MUG");
                await rest(300);
                letThrough();
            },
        },
        see("The next one is there", ".o_packing_sheet h2:contains(2 of 2)"),
        see("What was scanned for the other one is not in it", ".o_packing_refused:contains(another transfer is on the table)"),
        see("Nothing is counted", ".o_packing_line[data-sku=MUG]:not(.o_begun):not(.o_whole)"),
        {
            content: "Look at the first one again, while a scan for the second is on its way",
            trigger: ".o_packing_entry:not(.active)",
            async run() {
                const letThrough = holdBack("pack_scan");
                type("MUG");
                this.anchor.click();
                await rest(300);
                letThrough();
            },
        },
        see("The click counts", ".o_packing_sheet h2:contains(1 of 2)"),
        {
            content: "And stays",
            trigger: ".o_packing_sheet:contains(This transfer is closed)",
            async run() {
                await rest(500);
                if (!document.querySelector(".o_packing_sheet h2").textContent.includes("1 of 2")) {
                    throw new Error("a late answer has taken the packer away");
                }
            },
        },
        click("Next one", ".o_packing_sheet button:contains(Next one)"),
        see("One is in", ".o_packing_line[data-sku=MUG].o_begun"),
        { content: "Nothing typed is nothing said", trigger: ".o_packing_count input", run: "clear" },
        {
            content: "Leave the field",
            trigger: ".o_packing_count input",
            run() {
                this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
                check("what the field says", this.anchor.value, "1");
            },
        },
        {
            content: "A word is no quantity",
            trigger: ".o_packing_count input",
            run() {
                this.anchor.value = "two";
                this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        see("It is said", ".o_packing_refused:contains(is no quantity)"),
        click("Close it as it is", ".o_packing_done:contains(as it is)"),
        {
            content: "Scan while a question is asked",
            trigger: ".modal .o_packing_later",
            run() {
                for (const key of ["M", "U", "G", "Enter"]) {
                    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
                }
            },
        },
        see("It is refused", ".o_packing_refused:contains(answer the question)"),
        click("Go on packing", ".modal button:contains(Go on packing)"),
        scan("MUG"),
        see("Two of three", ".o_packing_counted:contains(2 of 3)"),
    ],
});

tours.add("packing_wes_takes_out", {
    steps: () => [
        see("Less is asked for now", ".o_packing_over:contains(Less is asked for now):contains(3 Units are in, 2 are asked for)"),
        see("It cannot be closed so", ".o_packing_done:disabled"),
        click("Take one out", ".o_packing_line .o_packing_minus"),
        see("All right", ".o_packing_line.o_whole"),
        click("Close it", ".o_packing_done:contains(Everything in)"),
        see("Closed", ".o_packing_sheet:contains(This transfer is closed)"),
    ],
});
