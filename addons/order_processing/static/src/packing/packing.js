import { Component, onMounted, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Mutex } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { RestDialog } from "./packing_dialogs";
import { PackingLine } from "./packing_line";
import { sound } from "./packing_sounds";

// The server takes somebody who was not heard of for 75 seconds as gone.
const HEARTBEAT = 30_000;

/** One transfer after the other is counted into its parcel. What was counted is kept on the server. */
export class Packing extends Component {
    static template = "order_processing.Packing";
    static components = { PackingLine };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.queue = new Mutex(); // one scan after the other, in the order in which they were made
        this.input = useRef("scan");
        this.state = useState({ sheet: null, wave: null, answer: null, inPackage: false, lastLine: 0, closing: false });
        useBus(useService("barcode").bus, "barcode_scanned", (ev) => this.scan(ev.detail.barcode));
        onWillStart(() => this.start());
        onMounted(() => {
            this.focus();
            this.timer = browser.setInterval(() => this.beat(), HEARTBEAT);
        });
        onWillUnmount(() => {
            browser.clearInterval(this.timer);
            this.leave();
        });
    }

    // ---------------------------------------------------------------- which transfer
    get activeId() {
        return this.props.action.context.active_id || this.props.action.params?.active_id;
    }

    async start() {
        await this.open(this.activeId);
        if (this.state.sheet?.wave) {
            await this.readWave(this.state.sheet.wave.id);
        }
    }

    async readWave(id) {
        try {
            this.state.wave = await this.orm.silent.call("stock.picking.batch", "pack_list", [[id]]);
        } catch {
            this.state.wave = null; // a transfer can be packed without its wave
        }
    }

    async open(id) {
        if (!id) {
            return;
        }
        await this.ask(async () => {
            const sheet = await this.orm.silent.call("stock.picking", "pack_open", [[id]]);
            this.show(sheet);
            this.state.answer = null;
        });
        this.focus();
    }

    show(sheet) {
        this.state.sheet = sheet;
        const entry = this.state.wave?.transfers.find((one) => one.id === sheet.id);
        if (entry) {
            entry.state = sheet.state;
        }
    }

    get transfers() {
        return this.state.wave?.transfers || [];
    }

    get place() {
        const place = this.transfers.findIndex((one) => one.id === this.state.sheet?.id);
        return place < 0 ? "" : _t("%(place)s of %(all)s", { place: place + 1, all: this.transfers.length });
    }

    /** The next one that can be packed, after this one and then from the top. */
    get next() {
        const place = this.transfers.findIndex((one) => one.id === this.state.sheet?.id);
        const after = [...this.transfers.slice(place + 1), ...this.transfers.slice(0, Math.max(place, 0))];
        return after.find((one) => !["done", "cancel"].includes(one.state) && !one.held);
    }

    get toDo() {
        return this.transfers.filter((one) => !["done", "cancel"].includes(one.state)).length;
    }

    get toDoWords() {
        return _t("%s to pack", this.toDo);
    }

    async goOn() {
        const { next } = this;
        if (next) {
            await this.open(next.id);
        }
    }

    // ---------------------------------------------------------------- counting
    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.preventDefault();
            ev.stopPropagation();
            this.scan(ev.target.value);
            ev.target.value = "";
        }
    }

    scan(code) {
        code = (code || "").trim();
        if (!code || document.querySelector(".modal.o_technical_modal")) {
            return;
        }
        return this.queue.exec(() => this.scanNow(code));
    }

    async scanNow(code) {
        const { sheet } = this.state;
        if (!sheet) {
            return this.openByName(code);
        }
        await this.ask(async () => {
            const answer = await this.orm.silent.call("stock.picking", "pack_scan", [[sheet.id], code]);
            if (answer.result === "transfer") {
                await this.changeTo(answer);
            } else {
                this.take(answer);
            }
        });
    }

    async openByName(code) {
        const [id] = await this.orm.search("stock.picking", [["name", "=ilike", code]], { limit: 1 });
        if (id) {
            sound("transfer");
            return this.open(id);
        }
        this.tell("refused", _t("%s is no transfer.", code));
    }

    async changeTo(answer) {
        sound("transfer");
        await this.open(answer.picking_id);
        const { sheet } = this.state;
        if (sheet.wave && sheet.wave.id !== this.state.wave?.id) {
            await this.readWave(sheet.wave.id);
        }
    }

    take(answer) {
        this.show(answer.sheet);
        const counted = ["counted", "complete"].includes(answer.result);
        this.state.lastLine = answer.line_id || 0;
        this.tell(counted ? answer.result : "refused", answer.message);
    }

    count(line, quantity) {
        return this.queue.exec(() =>
            this.ask(async () => {
                const args = [[this.state.sheet.id], line.id, quantity];
                this.take(await this.orm.silent.call("stock.picking", "pack_count", args));
            })
        );
    }

    tell(result, message) {
        sound(result);
        this.state.answer = { result, message, number: (this.state.answer?.number || 0) + 1 };
    }

    /** What the server refuses is said where the packer looks, not in a window that waits for a click. */
    async ask(work) {
        try {
            return await work();
        } catch (error) {
            this.tell("refused", error?.data?.message || error?.message || String(error));
        } finally {
            this.focus();
        }
    }

    /** Scanners type where the cursor is; on a tablet the keyboard stays down until somebody wants it. */
    focus() {
        if (this.input.el && !document.querySelector(".modal.o_technical_modal")) {
            this.input.el.focus({ preventScroll: true });
        }
    }

    /** No scanner at hand: bring up the keyboard of the tablet. */
    typeCode() {
        this.input.el.inputMode = "text";
        this.input.el.blur();
        this.input.el.focus();
    }

    // ---------------------------------------------------------------- closing
    get isClosed() {
        return ["done", "cancel"].includes(this.state.sheet?.state);
    }

    close(rest = false) {
        return this.queue.exec(() => this.ask(() => this.closeNow(rest)));
    }

    async closeNow(rest) {
        const { sheet } = this.state;
        this.state.closing = true;
        try {
            const args = [[sheet.id], rest, this.state.inPackage];
            const answer = await this.orm.call("stock.picking", "pack_close", args);
            if (answer.ask) {
                return this.askForRest(answer);
            }
            await this.closed(sheet, answer);
        } finally {
            this.state.closing = false;
        }
    }

    askForRest({ ask, choices }) {
        this.dialog.add(RestDialog, { missing: ask, choices, choose: (rest) => this.close(rest) }, { onClose: () => this.focus() });
    }

    async closed(sheet, { done, action }) {
        if (!done && action && action !== true) {
            // Odoo asks something more: its own window does, and we look afterwards what came of it.
            return this.action.doAction(action, { onClose: () => this.afterQuestion(sheet) });
        }
        if (action) {
            await this.action.doAction(action); // labels and slips that Odoo prints by itself
        }
        await this.finish(sheet);
    }

    async afterQuestion(sheet) {
        const fresh = await this.orm.silent.call("stock.picking", "pack_open", [[sheet.id]]);
        this.show(fresh);
        if (fresh.state === "done") {
            await this.finish(sheet);
        }
    }

    async finish(sheet) {
        this.show({ ...this.state.sheet, state: "done" });
        const { next } = this;
        if (next) {
            await this.open(next.id);
        }
        this.tell("complete", next ? _t("%s is closed. This is the next one.", sheet.name) : _t("%s is closed. Nothing is left to pack here.", sheet.name));
    }

    emptyParcel() {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Count again?"),
            body: _t("Everything that was counted for %s is forgotten.", this.state.sheet.name),
            confirmLabel: _t("Count again"),
            confirm: async () => {
                for (const line of this.state.sheet.lines.filter((one) => one.packed)) {
                    await this.count(line, 0);
                }
            },
            cancel: () => {},
        });
    }

    async checkAvailability() {
        await this.ask(async () => {
            await this.orm.call("stock.picking", "action_assign", [[this.state.sheet.id]]);
        });
        await this.open(this.state.sheet.id);
    }

    // ---------------------------------------------------------------- being there
    async beat() {
        if (!this.state.sheet || this.isClosed || document.visibilityState === "hidden") {
            return;
        }
        await this.queue.exec(async () => {
            try {
                this.show(await this.orm.silent.call("stock.picking", "pack_open", [[this.state.sheet.id]]));
            } catch {
                // said at the next scan
            }
        });
    }

    leave() {
        if (this.state.sheet) {
            this.orm.silent.call("stock.picking", "pack_leave", [[this.state.sheet.id]]).catch(() => {});
        }
    }

    get othersWords() {
        return _t("%s packs this one, too. Talk to each other.", this.state.sheet.others.join(", "));
    }

    get stateWords() {
        return this.state.sheet.state === "done" ? _t("This transfer is closed.") : _t("This transfer is cancelled.");
    }

    openTransfer() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "stock.picking",
            res_id: this.state.sheet.id,
            views: [[false, "form"]],
        });
    }

    openBoard() {
        return this.action.doAction("order_processing.dispatch_board_action", { clearBreadcrumbs: true });
    }
}

/** A wave: beginning with the first of its transfers that is to be packed. */
export class PackingWave extends Packing {
    async start() {
        await this.readWave(this.activeId);
        const first = this.next || this.transfers[0];
        if (first) {
            await this.open(first.id);
        }
    }
}

registry.category("actions").add("order_processing.packing", Packing);
registry.category("actions").add("order_processing.packing_wave", PackingWave);
