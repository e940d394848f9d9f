import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

// The page of a quick order works by its forms alone. With scripts their answers come in pieces, so that a page
// of hundreds of lines stays as it is but for the line that has changed.

const WAIT_TYPING = 150;

export class QuickOrder extends Interaction {
    static selector = "#quick_order";
    dynamicContent = {
        "form": { "t-on-submit": this.onSubmit },
        "#quick_order_form": { "t-on-change": this.onChange },
        "#quick_order_code": {
            "t-on-input": this.debounced(this.onType, WAIT_TYPING),
            "t-on-keydown": this.onKey,
            "t-on-blur": this.debounced(this.hideFound, WAIT_TYPING),
        },
        "#quick_order_found": { "t-on-mousedown.prevent": this.onPick },
    };

    setup() {
        this.queue = Promise.resolve();
        this.asked = 0;
        this.code = this.el.querySelector("#quick_order_code");
        this.found = this.el.querySelector("#quick_order_found");
    }

    // ---------------------------------------------------------------- forms
    onSubmit(ev) {
        const form = ev.target;
        const button = ev.submitter;
        const sure = button?.getAttribute("confirm");
        if (sure && !window.confirm(sure)) {
            ev.preventDefault();
            return;
        }
        if (button?.id === "quick_order_place_button") {
            // A second press orders nothing twice; it only looks as if it could.
            this.waitForTimeout(() => (button.disabled = true), 0);
            return;
        }
        if (form.dataset.whole || form.method !== "post") {
            return;
        }
        ev.preventDefault();
        this.hideFound();
        if (form.id !== "quick_order_form") {
            this.send(form.action, new FormData(form), () => this.afterSubmit(form));
        } else if (button?.name) {
            this.send(form.action, this.only(form, button.name, button.value));
        }
        // Enter in a field of a line: its change was sent already, and nothing else of the page has to be.
    }

    // A field that has changed is sent alone, with what belongs to it.
    onChange(ev) {
        const field = ev.target;
        const form = field.form;
        const data = this.only(form, field.name, field.value);
        const [what, line] = field.name.split("_");
        if (what === "unit") {
            data.set(`quantity_${line}`, form.elements[`quantity_${line}`].value);
        } else if (what === "quantity" && form.elements[`unit_${line}`]) {
            data.set(`unit_${line}`, form.elements[`unit_${line}`].value);
        }
        this.send(form.action, data);
    }

    only(form, name, value) {
        const data = new FormData();
        data.set("csrf_token", form.elements.csrf_token.value);
        data.set(name, value);
        return data;
    }

    afterSubmit(form) {
        form.reset();
        this.code.value = "";
        if (form.id === "quick_order_add") {
            this.code.focus();
        }
    }

    // ---------------------------------------------------------------- asking
    // One after the other: an answer tells how things are after all that was sent before.
    send(url, data, after) {
        data.set("piece", "1");
        this.queue = this.queue.then(() => this.sendNow(url, data, after)).catch(() => {});
        return this.waitFor(this.queue);
    }

    async sendNow(url, data, after) {
        this.el.classList.add("o_quick_busy");
        try {
            const response = await fetch(url, { method: "POST", body: data });
            if (!response.headers.get("Content-Type")?.startsWith("application/json")) {
                // Logged out meanwhile, or something is wrong: the page itself tells.
                window.location.reload();
                return;
            }
            const answer = await response.json();
            this.show(answer);
            if (!answer.fault) {
                after?.();
            }
        } catch {
            this.tell(this.el.querySelector("#quick_order_offline").textContent);
        } finally {
            this.el.classList.remove("o_quick_busy");
        }
    }

    // ---------------------------------------------------------------- showing
    show(answer) {
        const list = this.el.querySelector("#quick_order_lines");
        const refocus = this.keepFocus(list);
        const onTop = document.createDocumentFragment();
        for (const { id, html } of answer.rows) {
            const row = this.parse(html);
            const known = document.getElementById(`quick_line_${id}`);
            if (known) {
                known.replaceWith(row);
            } else {
                onTop.append(row);
            }
        }
        list.prepend(onTop);
        answer.gone.forEach((id) => document.getElementById(`quick_line_${id}`)?.remove());
        this.el.querySelector("#quick_order_empty").classList.toggle("d-none", list.children.length > 0);
        this.el.querySelector("#quick_order_keep").classList.toggle("d-none", !list.children.length);
        this.el.querySelector("#quick_order_summary").replaceChildren(this.parse(answer.summary));
        refocus();
        this.tell(answer.fault);
        this.el.querySelector("#quick_order_said").textContent = answer.said;
    }

    // Return what puts the focus back to where it was, or next to what has gone.
    keepFocus(list) {
        const field = document.activeElement;
        const row = list.contains(field) && field.closest("li");
        if (!row) {
            return () => {};
        }
        const near = [row.id, row.nextElementSibling?.id, row.previousElementSibling?.id];
        return () => {
            if (!field.isConnected) {
                const same = field.id && document.getElementById(field.id);
                const rows = near.map((id) => id && document.getElementById(id)).filter(Boolean);
                (same || rows[0]?.querySelector("input") || this.code).focus();
            }
        };
    }

    parse(html) {
        // Made by our own templates, which escape what customers and products are called.
        const template = document.createElement("template");
        template.innerHTML = html.trim();
        return template.content.firstElementChild;
    }

    tell(fault) {
        const place = this.el.querySelector("#quick_order_fault");
        place.textContent = fault;
        place.classList.toggle("d-none", !fault);
        if (fault) {
            place.scrollIntoView({ block: "nearest" });
        }
    }

    // ---------------------------------------------------------------- looking for a product while typing
    async onType() {
        const words = this.code.value.trim();
        const number = ++this.asked;
        if (words.length < 2) {
            this.hideFound();
            return;
        }
        const response = await this.waitFor(fetch(`/my/quick-order/products?words=${encodeURIComponent(words)}`));
        const products = response.ok ? await this.waitFor(response.json()) : [];
        if (number === this.asked && this.code.value.trim() === words) {
            this.showFound(products);
        }
    }

    showFound(products) {
        this.found.replaceChildren(
            ...products.map(({ code, name }, at) => {
                const option = document.createElement("li");
                option.className = "list-group-item list-group-item-action";
                option.id = `quick_order_found_${at}`;
                option.setAttribute("role", "option");
                option.setAttribute("aria-selected", "false");
                option.dataset.code = code;
                option.textContent = code === name ? name : `${code}  ${name}`;
                return option;
            })
        );
        this.found.classList.toggle("d-none", !products.length);
        this.code.setAttribute("aria-expanded", String(products.length > 0));
        this.code.removeAttribute("aria-activedescendant");
    }

    hideFound() {
        this.asked++;
        this.showFound([]);
    }

    onPick(ev) {
        const option = ev.target.closest("[role=option]");
        if (option) {
            this.pick(option);
        }
    }

    pick(option) {
        this.code.value = option.dataset.code;
        this.hideFound();
        this.el.querySelector("#quick_order_quantity").focus();
    }

    onKey(ev) {
        const options = [...this.found.children];
        if (!options.length) {
            return;
        }
        const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
        if (ev.key === "ArrowDown" || ev.key === "ArrowUp") {
            ev.preventDefault();
            const step = ev.key === "ArrowDown" ? 1 : -1;
            this.mark(options, at < 0 ? (step > 0 ? 0 : options.length - 1) : (at + step + options.length) % options.length);
        } else if (ev.key === "Enter" && at >= 0) {
            ev.preventDefault();
            this.pick(options[at]);
        } else if (ev.key === "Escape") {
            this.hideFound();
        }
    }

    mark(options, chosen) {
        options.forEach((option, at) => {
            option.setAttribute("aria-selected", String(at === chosen));
            option.classList.toggle("active", at === chosen);
        });
        options[chosen].scrollIntoView({ block: "nearest" });
        this.code.setAttribute("aria-activedescendant", options[chosen].id);
    }
}

registry.category("public.interactions").add("order_processing_intake.quick_order", QuickOrder);
