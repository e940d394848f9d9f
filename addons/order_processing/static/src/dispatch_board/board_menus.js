import { Component, useRef, onMounted, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { dayWords, momentWords, timeOfDay } from "./board_words";

/** Step through the buttons of a list with the arrow keys. */
export function stepWithArrows(ev, root) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
    if (!step) {
        return;
    }
    const buttons = [...root.querySelectorAll("button")];
    const next = buttons[buttons.indexOf(document.activeElement) + step];
    if (next) {
        ev.preventDefault();
        next.focus();
    }
}

/** What can be done with a card, a wave or a departure. One for all: the cards stay light. */
export class BoardMenu extends Component {
    static template = "order_processing.DispatchMenu";
    static props = { items: Array, close: Function };

    setup() {
        this.root = useRef("root");
        onMounted(() => this.root.el.querySelector("button")?.focus());
    }

    onKeydown(ev) {
        stepWithArrows(ev, this.root.el);
    }

    choose(item) {
        this.props.close();
        item.run();
    }
}

/** Another departure or wave, chosen without a mouse. */
export class MoveDialog extends Component {
    static template = "order_processing.DispatchMoveDialog";
    static components = { Dialog };
    static props = { count: Number, targets: Array, zone: String, choose: Function, letPlan: Function, close: Function };

    setup() {
        this.root = useRef("root");
        onMounted(() => this.root.el.querySelector("button")?.focus());
    }

    get title() {
        const { count } = this.props;
        return count === 1 ? _t("Move the transfer to…") : _t("Move %s transfers to…", count);
    }

    time(departure) {
        const at = timeOfDay(departure.departs_at, this.props.zone);
        return departure.when === "day" ? at : `${dayWords(departure.departs_at, this.props.zone)} ${at}`;
    }

    onKeydown(ev) {
        stepWithArrows(ev, this.root.el);
    }

    choose(departure, wave) {
        this.props.close();
        this.props.choose(departure.id, wave ? wave.id : 0);
    }

    letPlan() {
        this.props.close();
        this.props.letPlan();
    }
}

export class HoldDialog extends Component {
    static template = "order_processing.DispatchHoldDialog";
    static components = { Dialog };
    static props = { count: Number, hold: Function, close: Function };

    setup() {
        this.state = useState({ reason: "" });
        this.input = useRef("input");
        onMounted(() => this.input.el.focus());
        useHotkey("control+enter", () => this.hold(), { bypassEditableProtection: true });
    }

    get title() {
        const { count } = this.props;
        return count === 1 ? _t("Hold the transfer back") : _t("Hold %s transfers back", count);
    }

    get reasons() {
        return [_t("The customer asked to wait"), _t("Goods are damaged"), _t("The address has to be cleared up")];
    }

    hold() {
        const reason = this.state.reason.trim();
        if (reason) {
            this.props.close();
            this.props.hold(reason);
        }
    }
}

/** Why a transfer is where it is, and what is in it. */
export class DetailsDialog extends Component {
    static template = "order_processing.DispatchDetailsDialog";
    static components = { Dialog };
    static props = { card: Object, details: Object, board: Object, actions: Array, close: Function };

    get due() {
        return momentWords(this.props.details.due, this.props.board.zone);
    }

    get moreLines() {
        return _t("and %s more lines", this.props.details.more_lines);
    }

    run(item) {
        this.props.close();
        item.run();
    }
}
