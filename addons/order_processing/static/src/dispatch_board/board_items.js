import { _t } from "@web/core/l10n/translation";

/** An entry of a menu, where it applies. */
const item = (name, icon, label, run, ...conditions) => conditions.every(Boolean) && { name, icon, label, run };

// What can be done with a transfer, a wave, a departure: the entries of their menus.
export function ofCard(actions, card) {
    const ids = actions.model.chosenWith(card.id);
    const open = card.status !== "done" && card.leads;
    const movable = actions.canMove(card);
    const held = card.by_hand === "held";
    const { papers } = actions.board;
    return [
        item("pack", "fa-cube", _t("Pack"), () => actions.pack(card.id), open && !held && card.code === "outgoing"),
        item("details", "fa-info-circle", _t("Details"), () => actions.showDetails(card)),
        item("move", "fa-arrows", _t("Move to…"), () => actions.openMove(ids), movable),
        item("hold", "fa-hand-paper-o", _t("Hold back…"), () => actions.openHold(ids), movable && !held),
        item("release_hold", "fa-play", _t("Release the hold"), () => actions.releaseHold(ids), held),
        item("let_plan", "fa-magic", _t("Let the plan decide"), () => actions.letPlan(ids), movable && !held),
        item("star", "fa-star-o", card.star ? _t("Take the star away") : _t("Give it a star"), () => actions.star(card), open),
        item("slip", "fa-print", _t("Packing slip"), () => actions.print("packing_slip", ids), papers.packing_slip),
        item("label", "fa-tag", _t("Label"), () => actions.print("label", ids), papers.label),
        item("open", "fa-external-link", _t("Open the transfer"), () => actions.open("stock.picking", card.id)),
    ].filter(Boolean);
}

export function ofWave(actions, wave, lane) {
    const { papers } = actions.board;
    const chosen = (lane?.cards || []).filter((card) => actions.model.selected.has(card.id)).map((card) => card.id);
    const leaving = wave.code === "outgoing";
    return [
        item("all", "fa-check-square-o", _t("Choose all that are shown"), () => actions.chooseAll(lane), lane?.cards.length),
        item("split", "fa-code-fork", _t("Chosen ones into a wave of their own"), () => actions.split(wave, chosen), leaving && chosen.length),
        item("pack", "fa-cube", _t("Pack"), () => actions.packWave(wave.id), leaving && wave.state === "draft"),
        item("slips", "fa-print", _t("Packing slips"), () => actions.printWave("packing_slip", wave), papers.packing_slip && leaving),
        item("labels", "fa-tag", _t("Labels"), () => actions.printWave("label", wave), papers.label && leaving),
        item("open", "fa-external-link", _t("Open the wave"), () => actions.open("stock.picking.batch", wave.id)),
    ].filter(Boolean);
}

export function ofDeparture(actions, departure) {
    const waves = actions.model.wavesOf(departure.id).filter((wave) => wave.id && wave.state === "draft");
    const planned = departure.state === "planned";
    const { papers } = actions.board;
    return [
        item("release", "fa-play", _t("Release all waves"), () => actions.release(waves.map((wave) => wave.id)), planned && waves.length),
        item("handover", "fa-print", _t("Hand-over list"), () => actions.print("handover", [departure.id]), papers.handover),
        item("cancel", "fa-ban", _t("It does not run…"), () => actions.cancelDeparture(departure), planned),
        item("open", "fa-external-link", _t("Open the departure"), () => actions.open("order.dispatch.departure", departure.id)),
    ].filter(Boolean);
}
