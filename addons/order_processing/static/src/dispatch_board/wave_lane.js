import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { amount, countsOf, WAVE_STATES } from "./board_words";
import { laneKey } from "./board_model";
import { TransferCard } from "./transfer_card";

/** A wave, or one of the lanes of what has none, with its cards. */
export class WaveLane extends Component {
    static template = "order_processing.DispatchWave";
    static components = { TransferCard };
    static props = {
        kind: String,
        figures: Object, // counts, total, parcels, weight; of a wave also its name and state
        lane: { type: Object, optional: true },
        board: Object,
        selected: Object,
        moving: Object,
        collapsed: Boolean,
        filtered: Boolean,
    };

    get key() {
        const { kind, figures } = this.props;
        return laneKey({ kind, departure_id: figures.departure_id, batch_id: figures.id });
    }

    get isWave() {
        return this.props.kind === "wave" && this.props.figures.id > 0;
    }

    get title() {
        const { kind, figures } = this.props;
        if (kind === "none") {
            return _t("No departure yet");
        }
        if (kind === "held") {
            return _t("Held back");
        }
        return figures.name || _t("Not in a wave");
    }

    get stateWord() {
        return WAVE_STATES[this.props.figures.state];
    }

    get counts() {
        return countsOf(this.props.figures.counts, this.props.board.statuses);
    }

    get cards() {
        return this.props.lane?.cards || [];
    }

    /** Not read yet, or more than were read. */
    get more() {
        const { lane, figures } = this.props;
        return lane ? lane.matching - lane.cards.length : figures.total;
    }

    get moreWords() {
        return _t("Show %s more", this.more);
    }

    get load() {
        const { total, parcels, weight } = this.props.figures;
        const words = [total === 1 ? _t("1 transfer") : _t("%s transfers", total)];
        if (this.isWave && parcels > total) {
            words.push(_t("%s parcels", parcels));
        }
        if (weight) {
            words.push(`${amount(weight)} ${this.props.board.weightUnit}`);
        }
        return words.join(" · ");
    }
}
