import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";

/** What becomes of what is not in the parcel. */
export class RestDialog extends Component {
    static template = "order_processing.PackingRestDialog";
    static components = { Dialog };
    static props = { missing: Array, choices: Array, choose: Function, close: Function };

    choose(rest) {
        this.props.close();
        this.props.choose(rest);
    }
}
