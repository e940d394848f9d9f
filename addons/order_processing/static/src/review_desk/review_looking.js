import { Component, onWillDestroy, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// The server takes somebody who was not heard of for 75 seconds as gone.
const HEARTBEAT = 30_000;

/** In the queue: who else has the order open. */
export class ReviewLooking extends Component {
    static template = "order_processing.ReviewLooking";
    static props = { ...standardFieldProps };

    get names() {
        return this.props.record.data[this.props.name];
    }

    get title() {
        return _t("%s has this order open", this.names);
    }
}
registry.category("fields").add("order_review_looking", { component: ReviewLooking, supportedTypes: ["char"] });

/** On the sheet: tells the server that I look at this order, and me who else does. */
export class ReviewLookingBanner extends Component {
    static template = "order_processing.ReviewLookingBanner";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ others: [] });
        onWillStart(() => this.look(this.props.record.resId));
        onWillUpdateProps((next) => {
            if (next.record.resId !== this.lookingAt) {
                return this.look(next.record.resId);
            }
        });
        const timer = browser.setInterval(() => this.look(this.props.record.resId), HEARTBEAT);
        onWillDestroy(() => {
            browser.clearInterval(timer);
            this.orm.silent.call("sale.order", "review_look_away", [[]]).catch(() => {});
        });
    }

    get sentence() {
        return _t("%s has this order open, too. Talk to each other before you decide.", this.state.others.join(", "));
    }

    async look(resId) {
        this.lookingAt = resId;
        if (!resId) {
            return;
        }
        try {
            this.state.others = await this.orm.silent.call("sale.order", "review_look", [[resId]]);
        } catch {
            this.state.others = []; // no reason to keep anybody from deciding
        }
    }
}
registry.category("view_widgets").add("order_review_looking_banner", { component: ReviewLookingBanner });
