import { onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

const EVERY = 3000;
const UNFINISHED = ["queued", "running"];

/** The form of a trial: reads itself anew every few seconds, until the trial has come to an end. */
export class BacktestFormController extends FormController {
    setup() {
        super.setup();
        this.timer = setInterval(() => this.refresh(), EVERY);
        onWillUnmount(() => clearInterval(this.timer));
    }

    async refresh() {
        const record = this.model.root;
        if (this.isReading || document.hidden || !UNFINISHED.includes(record?.data.state)) {
            return;
        }
        this.isReading = true;
        try {
            await record.load();
        } catch {
            // Offline for a moment: the next time will tell.
        } finally {
            this.isReading = false;
        }
    }
}

registry.category("views").add("order_review_backtest_form", {
    ...formView,
    Controller: BacktestFormController,
});
