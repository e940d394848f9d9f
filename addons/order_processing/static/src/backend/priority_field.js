import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

/** The score of an order or transfer; whoever points at it reads where it comes from. */
export class OrderPriorityField extends Component {
    static template = "order_processing.OrderPriorityField";
    static props = { ...standardFieldProps, label: { type: Boolean, optional: true } };

    get score() {
        return this.props.record.data[this.props.name];
    }

    get lines() {
        return (this.props.record.data.priority_note || "").split("\n");
    }

    get label() {
        return this.lines.join("; ");
    }

    get tooltipInfo() {
        return JSON.stringify({ lines: this.lines });
    }

    get heat() {
        return this.score >= 50 ? "o_order_priority_hot" : this.score >= 25 ? "o_order_priority_warm" : "";
    }
}

export const orderPriorityField = {
    component: OrderPriorityField,
    displayName: _t("Priority with its reasons"),
    supportedTypes: ["float"],
    fieldDependencies: [{ name: "priority_note", type: "text" }],
    extractProps: ({ options }) => ({ label: Boolean(options.label) }),
    listViewWidth: 80,
};

registry.category("fields").add("order_priority", orderPriorityField);
