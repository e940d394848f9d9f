import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

/**
 * Above the queue: how much waits for each reviewer, for nobody, and for customers. A click shows only that.
 */
export class ReviewDeskCounters extends Component {
    static template = "order_processing.ReviewDeskCounters";
    static props = { list: { type: Object, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ counters: null });
        onWillStart(() => this.load());
        onWillUpdateProps(() => this.load());
    }

    async load() {
        try {
            this.state.counters = await this.orm.silent.call("sale.order", "review_desk_counters", []);
        } catch {
            // Salespeople may look at the queue; how much reviewers have to do is not theirs to see.
            this.state.counters = null;
        }
    }

    /** Show what the named filters find, and nothing else. */
    show(...names) {
        const model = this.env.searchModel;
        const items = model.getSearchItems((item) => names.includes(item.name));
        model.query = [];
        for (const item of items) {
            model.toggleSearchItem(item.id);
        }
    }

    /** Show what waits for one reviewer. */
    showReviewer(reviewer) {
        const model = this.env.searchModel;
        const [field] = model.getSearchItems(
            (item) => item.type === "field" && item.fieldName === "review_user_id"
        );
        model.query = [];
        model.addAutoCompletionValues(field.id, {
            label: reviewer.name,
            operator: "=",
            value: reviewer.id,
        });
    }
}
