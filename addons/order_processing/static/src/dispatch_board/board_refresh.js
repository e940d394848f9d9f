import { onMounted, onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";

const EVERY = 30_000;
const AGAIN = 3_000;

/**
 * Read again every half minute while somebody looks; later, while they have something in their hands. `load`
 * answers false where it was read, and could not be shown for that reason.
 */
export function useRefresh(load, isBusy) {
    let timer;
    const plan = (delay) => {
        browser.clearTimeout(timer);
        timer = browser.setTimeout(tick, delay);
    };
    const tick = async () => {
        if (document.visibilityState === "hidden") {
            return plan(EVERY);
        }
        if (isBusy()) {
            return plan(AGAIN);
        }
        plan((await load()) === false ? AGAIN : EVERY);
    };
    onMounted(() => plan(EVERY));
    onWillUnmount(() => browser.clearTimeout(timer));
    return { soon: () => plan(200) };
}
