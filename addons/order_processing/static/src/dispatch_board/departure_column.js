import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { amount, countsOf, dayWords, timeOfDay, weekday } from "./board_words";
import { Countdown } from "./countdown";
import { WaveLane } from "./wave_lane";

/** A departure: when it leaves, how full it is, its waves. */
export class DepartureColumn extends Component {
    static template = "order_processing.DispatchDeparture";
    static components = { Countdown, WaveLane };
    static props = {
        departure: Object,
        waves: Array, // { wave, lane, collapsed }
        board: Object,
        selected: Object,
        moving: Object,
        filtered: Boolean,
    };

    setup() {
        this.now = () => this.props.board.model.now();
    }

    get time() {
        const { departs_at, when } = this.props.departure;
        const time = timeOfDay(departs_at, this.props.board.zone);
        if (when === "overdue") {
            return `${this.day} ${time}`;
        }
        return when === "next" ? `${weekday(departs_at, this.props.board.zone)} ${time}` : time;
    }

    get cutOff() {
        return _t("packed by %s", timeOfDay(this.props.departure.cut_off_at, this.props.board.zone));
    }

    get day() {
        return dayWords(this.props.departure.departs_at, this.props.board.zone);
    }

    /** What is waited for: packing until the cut-off, then leaving. */
    get waitsForCutOff() {
        const { cut_off_at, departs_at } = this.props.departure;
        return cut_off_at !== departs_at;
    }

    get left() {
        const { departed_at } = this.props.departure;
        return departed_at ? _t("Left at %s", timeOfDay(departed_at, this.props.board.zone)) : _t("It has left");
    }

    get bars() {
        const { fill, max } = this.props.departure;
        const units = { parcels: max.parcels || fill.parcels !== 1 ? _t("parcels") : _t("parcel"), weight: this.props.board.weightUnit, volume: this.props.board.volumeUnit };
        return Object.entries(units)
            .filter(([name]) => max[name] > 0 || (name === "parcels" && fill.parcels))
            .map(([name, unit]) => {
                const limited = max[name] > 0;
                const percent = limited ? Math.round((fill[name] / max[name]) * 100) : 0;
                const words = limited
                    ? _t("%(used)s of %(most)s %(unit)s", { used: amount(fill[name]), most: amount(max[name]), unit })
                    : `${amount(fill[name])} ${unit}`;
                return { name, limited, percent, words, width: Math.min(percent, 100), over: percent > 100 };
            });
    }

    get counts() {
        return countsOf(this.props.departure.counts, this.props.board.statuses);
    }
}
