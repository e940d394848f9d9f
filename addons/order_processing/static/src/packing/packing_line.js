import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/core/utils/numbers";

const amount = (value) => formatFloat(value, { digits: [16, 2], trailingZeros: false });

/** A line of the transfer: what, from where, how much of it is in the parcel. */
export class PackingLine extends Component {
    static template = "order_processing.PackingLine";
    static props = { line: Object, last: Boolean, closed: Boolean, count: Function };

    get packed() {
        return amount(this.props.line.packed);
    }

    get wanted() {
        const { wanted, unit } = this.props.line;
        return _t("of %(wanted)s %(unit)s", { wanted: amount(wanted), unit });
    }

    get tick() {
        return this.props.line.whole ? _t("All in") : _t("Not all in");
    }

    step(by) {
        const { line } = this.props;
        this.props.count(line, Math.min(Math.max(line.packed + by, 0), line.wanted));
    }

    type(ev) {
        const quantity = Number(ev.target.value.replace(",", "."));
        if (Number.isFinite(quantity) && quantity !== this.props.line.packed) {
            this.props.count(this.props.line, quantity);
        }
        ev.target.value = this.props.line.packed; // until the server has agreed
    }
}
