import { Component, onMounted, onWillStart, onWillUnmount, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { Mutex } from "@web/core/utils/concurrency";
import { useBus, useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { PackingLine } from "./packing_line";
import { sound } from "./packing_sounds";

// The server takes somebody who was not heard of for 75 seconds as gone.
const HEARTBEAT = 30_000;

/** Which transfer is on the table, and what is scanned for it. What was counted is kept on the server. */
export class PackingTable extends Component {
    static components = { PackingLine };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.queue = new Mutex(); // one thing after the other, in the order in which they were done
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
        await this.openNow(this.activeId);
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

    /** After what was begun before: nobody is taken away from the transfer they are at by a late answer. */
    open(id) {
        return this.queue.exec(() => this.openNow(id));
    }

    async openNow(id) {
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

    /** What is said of another transfer than the one on the table is not shown. */
    refresh(sheet) {
        if (sheet.id === this.state.sheet?.id) {
            this.show(sheet);
        }
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

    goOn() {
        return this.queue.exec(() => this.openNow(this.next?.id));
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
        if (!code) {
            return;
        }
        if (this.isAsked) {
            return this.tell("refused", _t("%s is not counted: answer the question on the screen first.", code));
        }
        const { sheet } = this.state;
        return this.queue.exec(() => this.scanNow(code, sheet));
    }

    /** Something else is in front: a question that has to be answered first. */
    get isAsked() {
        return Boolean(document.querySelector(".modal.o_technical_modal"));
    }

    /** A scan is meant for the transfer that was on the table when it was made. */
    async scanNow(code, sheet) {
        if (this.state.sheet?.id !== sheet?.id) {
            return this.tell("refused", _t("%s is not counted: another transfer is on the table now. Scan it again if it goes in here.", code));
        }
        if (this.isAsked) {
            return this.tell("refused", _t("%s is not counted: answer the question on the screen first.", code));
        }
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
            return this.openNow(id);
        }
        this.tell("refused", _t("%s is no transfer.", code));
    }

    async changeTo(answer) {
        sound("transfer");
        await this.openNow(answer.picking_id);
        const { sheet } = this.state;
        if (sheet.wave && sheet.wave.id !== this.state.wave?.id) {
            await this.readWave(sheet.wave.id);
        }
    }

    take(answer) {
        this.refresh(answer.sheet);
        const counted = ["counted", "complete"].includes(answer.result);
        this.state.lastLine = answer.line_id || 0;
        this.tell(counted ? answer.result : "refused", answer.message);
    }

    count(line, quantity) {
        const { sheet } = this.state;
        return this.queue.exec(() =>
            this.ask(async () => {
                const args = [[sheet.id], line.id, quantity];
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
        if (this.input.el && !this.isAsked) {
            this.input.el.focus({ preventScroll: true });
        }
    }

    /** No scanner at hand: bring up the keyboard of the tablet. */
    typeCode() {
        this.input.el.inputMode = "text";
        this.input.el.blur();
        this.input.el.focus();
    }
}
