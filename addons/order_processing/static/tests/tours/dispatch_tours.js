import { registry } from "@web/core/registry";

// The dispatch board and the packing table. tests/test_tour_dispatch.py tells the story.

const tours = registry.category("web_tour.tours");
const see = (content, trigger) => ({ content, trigger });
const click = (content, trigger, more = {}) => ({ content, trigger, run: "click", ...more });
const wave = (name) => `.o_dispatch_wave:has(.o_dispatch_wave_header:contains(${name}))`;
const card = (customer) => `.o_dispatch_card:contains(${customer})`;
const scan = (code) => ({
    content: `Scan ${code}`,
    trigger: ".o_packing_scan input",
    async run(helpers) {
        await helpers.edit(code);
        await helpers.press("Enter");
    },
});

/** A finger that holds, moves and lets go. */
async function dragByTouch(from, to) {
    const middle = (element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return { clientX: left + width / 2, clientY: top + Math.min(height / 2, 60) };
    };
    const send = (target, name, at) =>
        target.dispatchEvent(
            new PointerEvent(name, { bubbles: true, cancelable: true, pointerType: "touch", pointerId: 7, button: 0, ...at })
        );
    const rest = (time) => new Promise((done) => setTimeout(done, time));
    const start = middle(from);
    send(from, "pointerdown", start);
    await rest(600);
    send(window, "pointermove", { clientX: start.clientX + 20, clientY: start.clientY + 10 });
    await rest(100);
    send(window, "pointermove", middle(to));
    await rest(150);
    send(window, "pointerup", middle(to));
}

async function call(model, method, args) {
    const response = await fetch(`/web/dataset/call_kw/${model}/${method}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", params: { model, method, args, kwargs: {} } }),
    });
    return (await response.json()).result;
}

tours.add("dispatch_wes_moves", {
    steps: () => [
        see("The departures stand side by side", ".o_dispatch_column:contains(North) ~ .o_dispatch_column:contains(South)"),
        see("Status in words", `${card("Ned")} .o_dispatch_status:contains(Ready)`),
        see("What the packer has to heed", `${card("Ned")} [title='Packing instructions']`),
        see("Nothing to drag what nobody planned", `${wave("No departure yet")} ${card("Late Larry")}`),
        {
            content: "Ned goes south",
            trigger: `.o_dispatch_column:contains(North) ${card("Ned")}`,
            run: "drag_and_drop .o_dispatch_column:contains(South) .o_dispatch_wave",
        },
        see("There he is, by hand", `.o_dispatch_column:contains(South) ${card("Ned")}:not(.o_moving):contains(By hand)`),
        click("Choose two", `${wave("No departure yet")} ${card("Late Larry")}`),
        click("The other one", `${card("Olive")}`),
        see("Two are chosen", ".o_dispatch_selection:contains(2 chosen)"),
        click("Without a mouse", ".o_dispatch_move"),
        click("To the north", ".o_dispatch_targets button:contains(North):not(.ps-5)"),
        see("Both went", `.o_dispatch_column:contains(North):has(${card("Late Larry")}):has(${card("Olive")}):not(:has(.o_moving))`),
        click("What is in it", `${card("Olive")} .o_dispatch_name`),
        see("Its goods", ".o_dispatch_details:contains(Enamel Mug)"),
        click("Enough", ".modal button:contains(Close)"),
        click("Hold Olive back", `${card("Olive")} .o_dispatch_kebab`),
        click("Hold", ".o_dispatch_popup [data-item=hold]"),
        { content: "Why", trigger: "#o_dispatch_hold_reason", run: "edit Wait for the card" },
        click("Do it", ".o_dispatch_hold"),
        see("She is held, and why", `${wave("Held back")} ${card("Olive")}:contains(Wait for the card)`),
    ],
});

tours.add("dispatch_wes_is_refused", {
    steps: () => [
        {
            content: "The vehicle has left, nobody has read it yet",
            trigger: `.o_dispatch_column:contains(South)`,
            async run() {
                const id = Number(this.anchor.dataset.departure);
                await call("order.dispatch.departure", "action_depart", [[id]]);
            },
        },
        {
            content: "Ned goes south",
            trigger: `.o_dispatch_column:contains(North) ${card("Ned")}`,
            run: "drag_and_drop .o_dispatch_column:contains(South) .o_dispatch_wave",
        },
        see("That is refused, in a sentence", ".o_notification:contains(has left)"),
        see("And taken back", `.o_dispatch_column:contains(North) ${card("Ned")}:not(.o_moving)`),
    ],
});

tours.add("dispatch_wes_releases", {
    steps: () => [
        click("Release", ".o_dispatch_column:contains(North) .o_dispatch_release"),
        see("Released", ".o_dispatch_column:contains(North) .o_dispatch_wave_state:contains(Released)"),
        click("The pick list", ".o_dispatch_column:contains(North) .o_dispatch_pick_list"),
        click("More of the wave", ".o_dispatch_column:contains(North) .o_dispatch_wave_menu"),
        click("Packing slips", ".o_dispatch_popup [data-item=slips]"),
        {
            content: "The papers come",
            trigger: ".o_dispatch_board:not(:has(.o_dispatch_popup))",
            run: () => new Promise((done) => setTimeout(done, 2500)),
        },
        click("To the packing table", ".o_dispatch_column:contains(North) .o_dispatch_pack"),
        see("It is open", ".o_packing_sheet h2"),
    ],
});

tours.add("dispatch_wes_is_not_disturbed", {
    steps: () => [
        click("Choose Ned", card("Ned")),
        { content: "Look for a town", trigger: ".o_dispatch_search input", run: "edit London" },
        see("Found", `.o_dispatch_board:not(:has(${card("Scot")}))`),
        click("A menu is open", `${card("Ned")} .o_dispatch_kebab`),
        {
            content: "Meanwhile somebody holds Olive back",
            trigger: ".o_dispatch_popup",
            async run() {
                const id = Number(document.querySelector(".o_dispatch_card[aria-label*=Olive]").dataset.id);
                await call("stock.picking", "dispatch_hold", [[id], "Meanwhile"]);
                window.dispatchEvent(new Event("focus"));
                await new Promise((done) => setTimeout(done, 1200));
                if (!document.querySelector(".o_dispatch_popup")) {
                    throw new Error("the menu is gone");
                }
                if (document.querySelector(".o_dispatch_reason")) {
                    throw new Error("the board was drawn again under an open menu");
                }
            },
        },
        { content: "Close the menu", trigger: ".o_dispatch_popup", run: "press Escape" },
        {
            content: "Read again",
            trigger: ".o_dispatch_board:not(:has(.o_dispatch_popup))",
            run() {
                window.dispatchEvent(new Event("focus"));
            },
        },
        see("The news are there", `${wave("Held back")} ${card("Olive")}:contains(Meanwhile)`),
        see("Ned is still chosen", `${card("Ned")}.o_selected`),
        {
            content: "What was typed is still there",
            trigger: ".o_dispatch_search input",
            run() {
                if (this.anchor.value !== "London") {
                    throw new Error(`typed text is ${this.anchor.value}`);
                }
            },
        },
    ],
});

tours.add("dispatch_wes_on_a_tablet", {
    steps: () => [
        {
            content: "Everything is large enough for a finger",
            trigger: `${card("Ned")} .o_dispatch_kebab`,
            run() {
                const { width, height } = this.anchor.getBoundingClientRect();
                if (matchMedia("(pointer: coarse)").matches && Math.min(width, height) < 40) {
                    throw new Error(`${width} x ${height} is too small`);
                }
            },
        },
        {
            content: "Ned goes south, by finger",
            trigger: `.o_dispatch_column:contains(North) ${card("Ned")}`,
            async run() {
                const columns = [...document.querySelectorAll(".o_dispatch_column")];
                const south = columns.find((column) => column.ariaLabel.includes("South"));
                south.scrollIntoView();
                await dragByTouch(this.anchor.querySelector(".o_dispatch_customer"), south.querySelector(".o_dispatch_wave"));
            },
        },
        see("There he is", `.o_dispatch_column:contains(South) ${card("Ned")}:not(.o_moving)`),
    ],
});

tours.add("packing_wes_packs", {
    steps: () => [
        see("The first of the wave", ".o_packing_sheet h2:contains(1 of 2)"),
        see("What was asked for", ".o_packing_instruction:contains(Ring twice)"),
        scan("BLANKET"),
        see("Wrong, in a sentence and in red", ".o_packing_refused:contains(Wrong product)"),
        scan("XYZ-1"),
        see("Unknown", ".o_packing_refused:contains(XYZ-1 is not known)"),
        scan("MUG"),
        see("One is in", ".o_packing_counted:contains(1 of 2)"),
        click("One more by hand", ".o_packing_line[data-sku=MUG] .o_packing_plus"),
        see("All mugs are in", ".o_packing_line[data-sku=MUG].o_whole"),
        scan("MUG"),
        see("Too many", ".o_packing_refused:contains(Too many)"),
        scan("LANTERN"),
        see("Everything is in", ".o_packing_answer.o_packing_complete"),
        click("Close it", ".o_packing_done:contains(Everything in)"),
        see("The next one comes by itself", ".o_packing_sheet h2:contains(2 of 2)"),
        see("And it is said", ".o_packing_answer:contains(is closed. This is the next one)"),
        {
            content: "A scanner types wherever the cursor is",
            trigger: ".o_packing_sheet",
            async run(helpers) {
                document.activeElement.blur();
                for (const key of ["M", "U", "G", "Enter"]) {
                    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
                }
            },
        },
        see("Counted", ".o_packing_counted:contains(1 of 3)"),
        click("Not all of it", ".o_packing_done:contains(as it is)"),
        see("What is missing", ".modal:contains(Not everything):contains(2 Units)"),
        click("Later", ".o_packing_later"),
        see("Nothing is left", ".o_packing_answer:contains(Nothing is left to pack)"),
    ],
});
