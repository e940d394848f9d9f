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
        if (this.props.line.over) {
            return _t("Too many are in");
        }
        return this.props.line.whole ? _t("All in") : _t("Not all in");
    }

    step(by) {
        const { line } = this.props;
        const most = by > 0 ? line.wanted : line.packed; // of what is too much one is taken out after the other
        this.props.count(line, Math.max(Math.min(line.packed + by, most), 0));
    }

    type(ev) {
        const text = ev.target.value.trim();
        const quantity = Number(text.replace(",", "."));
        ev.target.value = this.packed; // until the server has agreed
        if (text && quantity !== this.props.line.packed) {
            this.props.count(this.props.line, Number.isNaN(quantity) ? text : quantity);
        }
    }
}
