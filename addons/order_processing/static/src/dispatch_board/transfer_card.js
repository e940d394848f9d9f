import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { amount, STATUS_ICONS } from "./board_words";

export class TransferCard extends Component {
    static template = "order_processing.DispatchCard";
    static props = { card: Object, board: Object, selected: Boolean, moving: Boolean };

    get icon() {
        return STATUS_ICONS[this.props.card.status];
    }

    get statusWord() {
        return this.props.board.statusWord(this.props.card.status);
    }

    get score() {
        return Math.round(this.props.card.score);
    }

    get canMove() {
        return this.props.board.actions.canMove(this.props.card);
    }

    get load() {
        const { lines, parcels, weight } = this.props.card;
        const words = [
            lines === 1 ? _t("1 line") : _t("%s lines", lines),
            parcels === 1 ? _t("1 parcel") : _t("%s parcels", parcels),
        ];
        if (weight) {
            words.push(`${amount(weight)} ${this.props.board.weightUnit}`);
        }
        return words.join(" · ");
    }

    get orders() {
        const orders = this.props.card.orders || [];
        return orders.length > 2 ? _t("%(first)s and %(more)s more", { first: orders[0], more: orders.length - 1 }) : orders.join(", ");
    }

    get label() {
        const { card } = this.props;
        return [card.name, card.customer, this.statusWord, card.urgent && _t("Urgent")].filter(Boolean).join(", ");
    }
}
