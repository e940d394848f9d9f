import { Component, onWillStart, useExternalListener, useRef, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { BoardActions } from "./board_actions";
import { useCardDragging } from "./board_dragging";
import { useCardKeys } from "./board_keys";
import { BoardMenu } from "./board_menus";
import { dayWords, timeOfDay } from "./board_words";
import { BoardModel, laneKey } from "./board_model";
import { readLonger } from "./board_reading";
import { useRefresh } from "./board_refresh";
import { DepartureColumn } from "./departure_column";
import { WaveLane } from "./wave_lane";

const waveKey = ({ departure_id, id }) => laneKey({ kind: "wave", departure_id, batch_id: id });
const WAREHOUSE = "order_processing.dispatch_board.warehouse";

/** What leaves when, and how far it is. */
export class DispatchBoard extends Component {
    static template = "order_processing.DispatchBoard";
    static components = { DepartureColumn, WaveLane };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.model = useState(new BoardModel());
        this.state = useState({ loading: false, filtersOpen: false, day: false, warehouse: this.rememberedWarehouse(), folded: {}, error: "" });
        this.extra = {}; // how many cards somebody has asked for, by lane
        this.root = useRef("root");
        this.popover = usePopover(BoardMenu, { position: "bottom-end", onClose: () => (this.menuOpen = false) });
        this.actions = new BoardActions(this, {
            orm: this.orm,
            action: useService("action"),
            dialog: useService("dialog"),
            notification: useService("notification"),
        });
        this.dragging = useCardDragging(this.root, this);
        useCardKeys(this.root, this);
        this.refresh = useRefresh(() => this.load(), () => this.busy);
        this.searchSoon = useDebounced(() => this.load(), 300);
        useExternalListener(window, "focus", () => this.refresh.soon());
        onWillStart(() => this.load());
    }

    rememberedWarehouse() {
        return Number(browser.localStorage.getItem(WAREHOUSE)) || false;
    }

    /** Nothing is drawn again under somebody's hands. */
    get busy() {
        return this.dragging.dragging || this.menuOpen || this.changing > 0;
    }

    // ---------------------------------------------------------------- reading
    async load() {
        const number = (this.loads = (this.loads || 0) + 1);
        this.state.loading = true;
        try {
            const data = await this.orm.silent.call("order.dispatch.departure", "dispatch_board", [
                this.state.warehouse,
                this.state.day,
                { ...this.model.filters },
            ]);
            await readLonger(data.lanes, this.extra, (lane, offset) => this.readPage(data.warehouse_id, lane, offset));
            if (number !== this.loads || this.changing) {
                return; // something newer is on its way
            }
            if (this.model.data && this.busy) {
                this.refresh.soon(); // somebody has taken hold of something while it was read
                return false;
            }
            this.model.take(data);
            this.state.error = "";
        } catch (error) {
            if (!this.model.data) {
                throw error;
            }
            this.state.error = _t("The board could not be read again; it may be out of date.");
        } finally {
            this.state.loading = false;
        }
    }

    readPage(warehouseId, { kind, departure_id, batch_id }, offset) {
        const args = [warehouseId, { kind, departure_id, batch_id }, offset, { ...this.model.filters }];
        return this.orm.silent.call("order.dispatch.departure", "dispatch_board_more", args);
    }

    async more(kind, figures) {
        const lane = { kind, departure_id: figures.departure_id || 0, batch_id: figures.id || 0 };
        const key = laneKey(lane);
        const offset = this.model.lanes[key]?.cards.length || 0;
        this.model.takeMore(key, await this.readPage(this.model.data.warehouse_id, lane, offset));
        this.extra[key] = this.model.lanes[key].cards.length;
    }

    // ---------------------------------------------------------------- what the parts ask
    get statuses() {
        return this.model.data.statuses;
    }

    get papers() {
        return this.model.data.papers;
    }

    get zone() {
        return this.model.data.zone;
    }

    get weightUnit() {
        return this.model.data.weight_unit;
    }

    get volumeUnit() {
        return this.model.data.volume_unit;
    }

    statusWord(status) {
        return this.statuses.find(([name]) => name === status)?.[1] || status;
    }

    get columns() {
        return this.model.data.departures.map((departure) => ({
            departure,
            waves: this.model.wavesOf(departure.id).map((wave) => ({
                wave,
                lane: this.model.lane("wave", departure.id, wave.id),
                collapsed: this.isFolded(waveKey(wave), wave.state === "done" || departure.state === "departed"),
            })),
        }));
    }

    get unplanned() {
        return ["none", "held"]
            .map((kind) => ({ kind, figures: this.model.data.unplanned[kind], lane: this.model.lane(kind) }))
            .filter(({ figures, lane }) => figures.total || lane?.cards.length);
    }

    get hint() {
        const { data } = this.model;
        if (!data.warehouses.length) {
            return "no_warehouse";
        }
        if (!this.isPlanned) {
            return "off";
        }
        if (!data.has_routes) {
            return "no_route";
        }
        return "";
    }

    /** Where departures are not planned, the board only shows. */
    get isPlanned() {
        return this.model.data.mode === "plan";
    }

    get isEmpty() {
        return !this.model.data.departures.length && !this.unplanned.length && !this.later;
    }

    get chosenWords() {
        return _t("%s chosen", this.model.selected.size);
    }

    get day() {
        return this.model.data.day || "";
    }

    /** Said in the time of the warehouse, as everything here. */
    get nextWords() {
        const { departs_at, name } = this.model.data.next;
        const when = `${dayWords(departs_at, this.zone)} ${timeOfDay(departs_at, this.zone)}`;
        return _t("Nothing leaves on this day; next: %(when)s, %(route)s.", { when, route: name });
    }

    /** Departures with something on them that have no column here. */
    get later() {
        return this.model.data.later?.departures ? this.model.data.later : null;
    }

    get laterWords() {
        const { departures, transfers } = this.later;
        const waiting = transfers === 1 ? _t("1 transfer") : _t("%s transfers", transfers);
        return departures === 1
            ? _t("1 more departure later, with %s", waiting)
            : _t("%(departures)s more departures later, with %(transfers)s", { departures, transfers: waiting });
    }

    dayOf(moment) {
        return deserializeDateTime(moment, { tz: this.zone }).toISODate();
    }

    get isToday() {
        return this.model.data.day === this.model.data.today;
    }

    // ---------------------------------------------------------------- what is chosen
    isFolded(key, otherwise = false) {
        return this.state.folded[key] ?? otherwise;
    }

    fold(key) {
        const column = this.columns.flatMap(({ waves }) => waves).find(({ wave }) => waveKey(wave) === key);
        this.state.folded[key] = !this.isFolded(key, column?.collapsed);
    }

    toggle(id) {
        this.model.toggle(id);
    }

    filter(name, value) {
        this.model.filters[name] = value;
        this.extra = {};
        return name === "text" ? this.searchSoon() : this.load();
    }

    clearFilters() {
        this.model.clearFilters();
        this.extra = {};
        return this.load();
    }

    chooseWarehouse(id) {
        browser.localStorage.setItem(WAREHOUSE, id);
        this.state.warehouse = Number(id);
        this.extra = {};
        return this.load();
    }

    chooseDay(day) {
        this.state.day = day && day !== this.model.data.today ? day : false;
        this.extra = {};
        return this.load();
    }

    stepDay(days) {
        const day = luxon.DateTime.fromISO(this.day).plus({ days }).toISODate();
        return this.chooseDay(day);
    }

    // ---------------------------------------------------------------- what is done
    openMenu(items, target) {
        this.menuOpen = true;
        this.popover.open(target, { items });
    }

    openCardMenu(card, target) {
        this.openMenu(this.actions.ofCard(card), target);
    }

    openWaveMenu(wave, lane, target) {
        this.openMenu(this.actions.ofWave(wave, lane), target);
    }

    openDepartureMenu(departure, target) {
        this.openMenu(this.actions.ofDeparture(departure), target);
    }

    showDetails(card) {
        return this.actions.showDetails(card);
    }

    explainPriority(card, element) {
        return this.actions.explainPriority(card, element);
    }

    move(ids, target) {
        return this.actions.move(ids, target);
    }

    release(wave) {
        return this.actions.release([wave.id]);
    }

    packWave(wave) {
        return this.actions.packWave(wave.id);
    }

    print(paper, ids) {
        return this.actions.print(paper, ids);
    }

    depart(departure) {
        return this.actions.depart(departure);
    }
}

registry.category("actions").add("order_processing.dispatch_board", DispatchBoard);
