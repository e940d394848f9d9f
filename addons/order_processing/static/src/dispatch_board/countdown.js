import { Component, onWillDestroy, useState, xml } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { countdown } from "./board_words";

const watching = new Set();
let timer = null;

/** One clock for all: it calls whoever watches each second. */
function useClock(tick) {
    watching.add(tick);
    timer ??= browser.setInterval(() => watching.forEach((each) => each()), 1000);
    onWillDestroy(() => {
        watching.delete(tick);
        if (!watching.size) {
            browser.clearInterval(timer);
            timer = null;
        }
    });
}

/** The time that is left, by the server's clock. Drawn again only when its words change. */
export class Countdown extends Component {
    static template = xml`<span class="o_dispatch_countdown fw-bold" t-att-class="state.tone" t-out="state.words" role="timer"/>`;
    static props = { at: String, now: Function };

    setup() {
        this.state = useState({ words: "", tone: "" });
        useClock(() => this.tick(this.props.at));
        this.tick(this.props.at);
    }

    tick(at) {
        const left = deserializeDateTime(at).toMillis() - this.props.now();
        this.state.words = countdown(left);
        this.state.tone = left < 0 ? "text-danger" : left < 1_800_000 ? "o_dispatch_soon" : "";
    }
}
