import { markRaw } from "@odoo/owl";
import { deserializeDateTime } from "@web/core/l10n/dates";

const NO_FILTERS = { text: "", status: "", urgent: false, carrier_id: false };

export const laneKey = ({ kind, departure_id, batch_id }) => `${kind}-${departure_id || 0}-${batch_id || 0}`;

/** What the board knows. Plain values, replaced as a whole: what has not changed stays the same object. */
export class BoardModel {
    constructor() {
        this.data = null;
        this.lanes = markRaw({});
        this.selected = markRaw(new Set());
        this.filters = { ...NO_FILTERS };
        this.moving = markRaw(new Set()); // on their way to another wave, not yet confirmed by the server
    }

    // ---------------------------------------------------------------- reading
    take(data) {
        const lanes = {};
        for (const lane of data.lanes) {
            lanes[laneKey(lane)] = { matching: lane.matching, cards: lane.cards };
        }
        this.offset = deserializeDateTime(data.now).toMillis() - Date.now();
        this.lanes = markRaw(this._reuse(lanes));
        this.data = markRaw(data);
        const shown = new Set(this.cards().map((card) => card.id));
        this.selected = markRaw(new Set([...this.selected].filter((id) => shown.has(id))));
    }

    /** Cards that say the same are the same: they are not drawn again. */
    _reuse(lanes) {
        const before = {};
        for (const card of this.cards()) {
            before[card.id] = card;
        }
        for (const lane of Object.values(lanes)) {
            lane.cards = lane.cards.map((card) => {
                const old = before[card.id];
                return old && JSON.stringify(old) === JSON.stringify(card) ? old : card;
            });
        }
        return lanes;
    }

    takeMore(key, lane) {
        const known = this.lanes[key] || { cards: [] };
        const ids = new Set(known.cards.map((card) => card.id));
        const cards = [...known.cards, ...lane.cards.filter((card) => !ids.has(card.id))];
        this.lanes = markRaw({ ...this.lanes, [key]: { matching: lane.matching, cards } });
    }

    cards() {
        return Object.values(this.lanes).flatMap((lane) => lane.cards);
    }

    card(id) {
        return this.cards().find((card) => card.id === id);
    }

    lane(kind, departure_id = 0, batch_id = 0) {
        return this.lanes[laneKey({ kind, departure_id, batch_id })];
    }

    wavesOf(departureId) {
        return this.data.waves.filter((wave) => wave.departure_id === departureId);
    }

    now() {
        return Date.now() + (this.offset || 0);
    }

    get isFiltered() {
        return Object.values(this.filters).some(Boolean);
    }

    clearFilters() {
        Object.assign(this.filters, NO_FILTERS);
    }

    // ---------------------------------------------------------------- choosing
    toggle(id) {
        const selected = new Set(this.selected);
        if (!selected.delete(id)) {
            selected.add(id);
        }
        this.selected = markRaw(selected);
    }

    /** What is done with one of the chosen cards is done with all of them. */
    chosenWith(id) {
        return this.selected.has(id) ? [...this.selected] : [id];
    }

    select(ids) {
        this.selected = markRaw(new Set(ids));
    }

    // ---------------------------------------------------------------- moving
    /** Show the cards where they will be; return how to take that back. */
    moveCards(ids, { kind, departure_id = 0, batch_id = 0 }) {
        const before = { lanes: this.lanes, moving: this.moving };
        const going = new Set(ids);
        const target = laneKey({ kind, departure_id, batch_id });
        const moved = this.cards()
            .filter((card) => going.has(card.id))
            .map((card) => ({ ...card, kind, departure_id, batch_id }));
        const lanes = {};
        for (const [key, lane] of Object.entries(this.lanes)) {
            const cards = lane.cards.filter((card) => !going.has(card.id));
            lanes[key] = { cards, matching: lane.matching - (lane.cards.length - cards.length) };
        }
        const old = lanes[target] || { cards: [], matching: 0 };
        const cards = [...old.cards, ...moved].sort(byPriority);
        lanes[target] = { cards, matching: old.matching + moved.length };
        this.lanes = markRaw(lanes);
        this.moving = markRaw(new Set([...this.moving, ...ids]));
        return () => {
            this.lanes = before.lanes;
            this.moving = before.moving;
        };
    }

    arrived(ids) {
        this.moving = markRaw(new Set([...this.moving].filter((id) => !ids.includes(id))));
    }
}

function byPriority(a, b) {
    return (
        (a.status === "done") - (b.status === "done") ||
        b.urgent - a.urgent ||
        b.score - a.score ||
        a.id - b.id
    );
}
