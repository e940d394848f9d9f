import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { formatFloat } from "@web/core/utils/numbers";

// Never by colour alone: each status has a sign and a word (the words come from the server).
export const STATUS_ICONS = {
    held: "fa-hand-paper-o",
    late: "fa-clock-o",
    short: "fa-exclamation-triangle",
    ready: "fa-check-circle-o",
    picked: "fa-shopping-basket",
    packed: "fa-cube",
    done: "fa-truck",
};

/** How many are at which status: the sign, the number and the word. */
export function countsOf(counts, statuses) {
    return statuses
        .filter(([status]) => counts[status])
        .map(([status, word]) => ({ status, word, count: counts[status], icon: STATUS_ICONS[status] }));
}

export const WAVE_STATES = { draft: _t("Planned"), in_progress: _t("Released"), done: _t("Done"), cancel: _t("Cancelled") };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** "leaves in 2 h 05 min", "leaves in 4:59", "should have left 12 min ago". */
export function countdown(milliseconds) {
    const left = Math.abs(milliseconds);
    let words;
    if (left >= 48 * HOUR) {
        words = _t("%s days", Math.floor(left / (24 * HOUR)));
    } else if (left >= HOUR) {
        words = _t("%(hours)s h %(minutes)s min", {
            hours: Math.floor(left / HOUR),
            minutes: String(Math.floor((left % HOUR) / MINUTE)).padStart(2, "0"),
        });
    } else if (left >= 10 * MINUTE) {
        words = _t("%s min", Math.floor(left / MINUTE));
    } else {
        const seconds = Math.floor(left / 1000);
        words = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }
    return milliseconds < 0 ? _t("should have left %s ago", words) : _t("leaves in %s", words);
}

/** A moment as people in the warehouse say it: their time of day, whoever looks from wherever. */
export function timeOfDay(value, zone) {
    return deserializeDateTime(value, { tz: zone }).toFormat("HH:mm");
}

export function weekday(value, zone) {
    return deserializeDateTime(value, { tz: zone }).toFormat("ccc");
}

export function dayWords(value, zone) {
    return deserializeDateTime(value, { tz: zone }).toFormat("ccc d LLL");
}

export function momentWords(value, zone) {
    return value ? deserializeDateTime(value, { tz: zone }).toLocaleString(luxon.DateTime.DATETIME_MED) : "";
}

export const amount = (value) => formatFloat(value, { digits: [16, value < 10 && value % 1 ? 1 : 0], trailingZeros: false });
