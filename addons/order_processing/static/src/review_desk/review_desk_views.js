import { useEffect } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";
import { ReviewDeskCounters } from "./review_desk_counters";

class ReviewListRenderer extends ListRenderer {
    static template = "order_processing.ReviewListRenderer";
    static components = { ...ListRenderer.components, ReviewDeskCounters };
}

class ReviewKanbanRenderer extends KanbanRenderer {
    static template = "order_processing.ReviewKanbanRenderer";
    static components = { ...KanbanRenderer.components, ReviewDeskCounters };
}

/** Decided, the next order of the queue comes by itself; after the last one, the queue. */
class ReviewFormController extends FormController {
    setup() {
        super.setup();
        this.notification = useService("notification");
        this.toDecide = null;
        useEffect(
            (resId, mayDecide) => {
                if (mayDecide) {
                    this.toDecide = resId;
                } else if (this.toDecide === resId) {
                    this.toDecide = null;
                    this.goToNext(resId);
                }
            },
            () => [this.model.root.resId, this.model.root.data.review_may_decide]
        );
    }

    async goToNext(resId) {
        const { resIds, data } = this.model.root;
        const place = resIds.indexOf(resId);
        const others = resIds.filter((id) => id !== resId);
        if (!others.length || place < 0) {
            return; // opened by itself: there is no queue to go on with
        }
        this.notification.add(_t("Your decision on %s is kept. This is the next one.", data.name), { type: "success" });
        await this.model.load({ resId: others[Math.min(place, others.length - 1)], resIds: others });
    }
}

registry.category("views").add("order_review_list", { ...listView, Renderer: ReviewListRenderer });
registry.category("views").add("order_review_kanban", { ...kanbanView, Renderer: ReviewKanbanRenderer });
registry.category("views").add("order_review_form", { ...formView, Controller: ReviewFormController });
