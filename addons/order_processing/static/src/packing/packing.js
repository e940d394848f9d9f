import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { RestDialog } from "./packing_dialogs";
import { PackingTable } from "./packing_table";

/** One transfer after the other is counted into its parcel, and closed. */
export class Packing extends PackingTable {
    static template = "order_processing.Packing";

    // ---------------------------------------------------------------- closing
    get isClosed() {
        return ["done", "cancel"].includes(this.state.sheet?.state);
    }

    close(rest = false) {
        const { sheet } = this.state;
        return this.queue.exec(() => this.ask(() => this.closeNow(sheet, rest)));
    }

    async closeNow(sheet, rest) {
        if (sheet.id !== this.state.sheet.id) {
            return; // pressed twice, or another one was opened in between
        }
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

    afterQuestion(sheet) {
        return this.queue.exec(() =>
            this.ask(async () => {
                const fresh = await this.orm.silent.call("stock.picking", "pack_open", [[sheet.id]]);
                this.refresh(fresh);
                if (fresh.state === "done" && fresh.id === this.state.sheet.id) {
                    await this.finish(sheet);
                }
            })
        );
    }

    async finish(sheet) {
        this.show({ ...this.state.sheet, state: "done" });
        const { next } = this;
        if (next) {
            await this.openNow(next.id);
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
        const { sheet } = this.state;
        await this.ask(async () => {
            await this.orm.call("stock.picking", "action_assign", [[sheet.id]]);
        });
        await this.open(sheet.id);
    }

    // ---------------------------------------------------------------- being there
    async beat() {
        if (!this.state.sheet || this.isClosed || document.visibilityState === "hidden") {
            return;
        }
        await this.queue.exec(async () => {
            try {
                this.refresh(await this.orm.silent.call("stock.picking", "pack_open", [[this.state.sheet.id]]));
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

    overWords({ product, counted, wanted, unit }) {
        return _t("%(product)s: %(counted)s %(unit)s are in, %(wanted)s are asked for", { product, counted, wanted, unit });
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
            await this.openNow(first.id);
        }
    }
}

registry.category("actions").add("order_processing.packing", Packing);
registry.category("actions").add("order_processing.packing_wave", PackingWave);
