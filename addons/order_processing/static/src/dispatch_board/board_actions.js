import { _t } from "@web/core/l10n/translation";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { ofCard, ofDeparture, ofWave } from "./board_items";
import { DetailsDialog, HoldDialog, MoveDialog } from "./board_menus";

/** What people do at the board. The server decides; what it refuses is taken back and said. */
export class BoardActions {
    constructor(board, { orm, action, dialog, notification }) {
        Object.assign(this, { board, orm, action, dialog, notification });
    }

    get model() {
        return this.board.model;
    }

    // ---------------------------------------------------------------- telling
    refused(error) {
        const message = error?.data?.message || error?.message || String(error);
        this.notification.add(message, { type: "danger", title: _t("That was not possible"), sticky: true });
    }

    /** Let the server do something; read the board again, whatever came of it. */
    async change(work, { done = "", undo = () => {}, settle = () => {} } = {}) {
        const { board } = this;
        board.changing = (board.changing || 0) + 1;
        try {
            const result = await work();
            if (done) {
                this.notification.add(done, { type: "success" });
            }
            return result;
        } catch (error) {
            undo();
            this.refused(error);
        } finally {
            board.changing -= 1;
            settle();
            if (!board.changing) {
                await board.load();
            }
        }
    }

    // ---------------------------------------------------------------- moving
    canMove(card) {
        return this.board.isPlanned && card.status !== "done" && card.leads;
    }

    /** Those of them that can be moved: what has gone is not asked for. */
    movable(ids) {
        return ids.filter((id) => {
            const card = this.model.card(id);
            return card && this.canMove(card);
        });
    }

    async move(ids, { kind, departure_id, batch_id }) {
        const movable = this.movable(ids);
        // A wave is for one kind of work; what waits for another step only gets the departure.
        const wave = this.model.data.waves.find((one) => one.id && one.id === batch_id);
        if (wave && movable.some((id) => this.model.card(id).code !== wave.code)) {
            batch_id = 0;
        }
        const target = this.targetLane(departure_id, batch_id, this.model.card(movable[0])?.code);
        const staying = movable.filter((id) => {
            const card = this.model.card(id);
            return card.kind === kind && card.departure_id === departure_id && (!batch_id || card.batch_id === batch_id);
        });
        const going = movable.filter((id) => !staying.includes(id));
        if (!going.length) {
            return;
        }
        this.unselect(going);
        const undo = this.model.moveCards(going, { kind, departure_id, batch_id: target });
        await this.change(() => this.orm.call("stock.picking", "dispatch_move", [going, departure_id, batch_id || false]), {
            undo,
            settle: () => this.model.arrived(going),
        });
    }

    /** What is decided for them is decided once. */
    unselect(ids) {
        this.model.select([...this.model.selected].filter((id) => !ids.includes(id)));
    }

    /** Put down on a departure, a transfer is shown in its first open wave until the server has said which. */
    targetLane(departureId, batchId, code = "outgoing") {
        const waves = this.model.wavesOf(departureId).filter((wave) => wave.code === code);
        const open = waves.find((wave) => wave.state === "draft" && !wave.urgent) || waves[0];
        return batchId || open?.id || 0;
    }

    openMove(ids) {
        const targets = this.model.data.departures
            .filter((departure) => departure.state === "planned")
            .map((departure) => ({
                departure,
                waves: this.model.wavesOf(departure.id).filter((wave) => wave.id && wave.code === "outgoing" && wave.state !== "done"),
            }));
        this.dialog.add(MoveDialog, {
            count: ids.length,
            targets,
            zone: this.board.zone,
            choose: (departure_id, batch_id) => this.move(ids, { kind: "wave", departure_id, batch_id }),
            letPlan: () => this.letPlan(ids),
        });
    }

    openHold(chosen) {
        const ids = this.movable(chosen).filter((id) => this.model.card(id).by_hand !== "held");
        if (!ids.length) {
            this.notification.add(_t("None of them can be held back: they have gone, or are held already."), { type: "warning" });
            return;
        }
        this.dialog.add(HoldDialog, { count: ids.length, hold: (reason) => this.hold(ids, reason) });
    }

    hold(ids, reason) {
        this.unselect(ids);
        const undo = this.model.moveCards(ids, { kind: "held" });
        return this.change(() => this.orm.call("stock.picking", "dispatch_hold", [ids, reason]), {
            undo,
            settle: () => this.model.arrived(ids),
        });
    }

    releaseHold(ids) {
        return this.change(() => this.orm.call("stock.picking", "dispatch_release_hold", [ids]));
    }

    letPlan(chosen) {
        const ids = this.movable(chosen);
        if (!ids.length) {
            return;
        }
        this.unselect(ids);
        return this.change(() => this.orm.call("stock.picking", "dispatch_let_plan", [ids]), {
            done: _t("The plan decides again."),
        });
    }

    star(card) {
        return this.change(() => this.orm.write("stock.picking", [card.id], { priority: card.star ? "0" : "1" }));
    }

    // ---------------------------------------------------------------- waves and departures
    release(ids) {
        return this.change(() => this.orm.call("stock.picking.batch", "dispatch_release", [ids]), {
            done: ids.length === 1 ? _t("Released: the work can begin.") : _t("%s waves released.", ids.length),
        });
    }

    split(wave, ids) {
        return this.change(() => this.orm.call("stock.picking.batch", "dispatch_split", [[wave.id], ids]), {
            done: _t("They have a wave of their own now."),
        });
    }

    planNow() {
        const { warehouse_id } = this.model.data;
        return this.change(() => this.orm.call("order.dispatch.departure", "dispatch_plan_now", [warehouse_id]), {
            done: _t("Planned again."),
        });
    }

    depart(departure) {
        const { counts } = departure;
        const left = Object.entries(counts).reduce((sum, [status, count]) => sum + (status === "done" ? 0 : count), 0);
        this.dialog.add(ConfirmationDialog, {
            title: _t("Has it left?"),
            body: left
                ? _t("%(left)s of its transfers are not finished: they go to the next departure.", { left })
                : _t("All of its transfers are finished."),
            confirmLabel: _t("It has left"),
            confirm: () => this.change(() => this.orm.call("order.dispatch.departure", "action_depart", [[departure.id]])),
            cancel: () => {},
        });
    }

    cancelDeparture(departure) {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Does it not run?"),
            body: _t("Its transfers go to other departures."),
            confirmLabel: _t("It does not run"),
            confirm: () => this.change(() => this.orm.call("order.dispatch.departure", "action_cancel_departure", [[departure.id]])),
            cancel: () => {},
        });
    }

    // ---------------------------------------------------------------- papers and other screens
    async print(paper, ids) {
        const xmlId = this.board.papers[paper];
        try {
            await this.action.doAction(xmlId, { additionalContext: { active_ids: ids } });
        } catch (error) {
            this.refused(error);
        }
    }

    /** All transfers of a wave, not only those whose cards are shown. */
    async printWave(paper, wave) {
        const domain = [["batch_id", "=", wave.id], ["departure_id", "=", wave.departure_id], ["state", "!=", "cancel"]];
        await this.print(paper, await this.orm.search("stock.picking", domain, { order: "priority_score desc, id" }));
    }

    packWave(id) {
        return this.action.doAction("order_processing.packing_wave_action", { additionalContext: { active_id: id } });
    }

    pack(id) {
        return this.action.doAction("order_processing.packing_action", { additionalContext: { active_id: id } });
    }

    open(model, id) {
        return this.action.doAction({ type: "ir.actions.act_window", res_model: model, res_id: id, views: [[false, "form"]] });
    }

    openRoutes() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Delivery Routes"),
            res_model: "order.dispatch.route",
            views: [[false, "list"], [false, "form"]],
        });
    }

    openSettings() {
        return this.action.doAction("order_processing.res_config_settings_action");
    }

    // ---------------------------------------------------------------- looking
    async details(id) {
        return this.orm.silent.call("stock.picking", "dispatch_details", [[id]]);
    }

    async showDetails(card) {
        try {
            const details = await this.details(card.id);
            const names = ["pack", "move", "hold", "release_hold", "open"];
            const actions = this.ofCard(card).filter((item) => names.includes(item.name));
            this.dialog.add(DetailsDialog, { card, details, board: this.board, actions });
        } catch (error) {
            this.refused(error);
        }
    }

    async explainPriority(card, element) {
        if (!element.title) {
            element.title = _t("Priority, 0 to 100");
            const { priority_note } = await this.details(card.id);
            element.title = priority_note || element.title;
        }
    }

    // ---------------------------------------------------------------- menus
    ofCard(card) {
        return ofCard(this, card);
    }

    ofWave(wave, lane) {
        return ofWave(this, wave, lane);
    }

    ofDeparture(departure) {
        return ofDeparture(this, departure);
    }

    chooseAll(lane) {
        this.model.select([...this.model.selected, ...lane.cards.map((card) => card.id)]);
    }
}
