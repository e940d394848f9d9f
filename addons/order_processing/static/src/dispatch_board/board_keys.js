import { useExternalListener } from "@odoo/owl";

/** The board without a mouse: arrows walk, Space chooses, Enter looks, M moves, H holds back. */
export function useCardKeys(root, board) {
    useExternalListener(window, "keydown", (ev) => {
        const card = ev.target.closest?.(".o_dispatch_card");
        if (!card || ev.target !== card || !root.el?.contains(card) || ev.ctrlKey || ev.altKey || ev.metaKey) {
            return;
        }
        const id = Number(card.dataset.id);
        const act = {
            " ": () => board.toggle(id),
            Enter: () => board.showDetails(board.model.card(id)),
            ArrowDown: () => focusBeside(root.el, card, 1),
            ArrowUp: () => focusBeside(root.el, card, -1),
            ArrowRight: () => focusNextColumn(root.el, card, 1),
            ArrowLeft: () => focusNextColumn(root.el, card, -1),
            m: () => board.isPlanned && board.actions.openMove(board.model.chosenWith(id)),
            h: () => board.isPlanned && board.actions.openHold(board.model.chosenWith(id)),
            Escape: () => board.model.select([]),
        }[ev.key];
        if (act) {
            ev.preventDefault();
            act();
        }
    });
}

function focusBeside(root, card, step) {
    const cards = [...card.closest(".o_dispatch_column").querySelectorAll(".o_dispatch_card")];
    cards[cards.indexOf(card) + step]?.focus();
}

/** To the card at the same height in the next column that has any. */
function focusNextColumn(root, card, step) {
    const columns = [...root.querySelectorAll(".o_dispatch_column")];
    const top = card.getBoundingClientRect().top;
    for (let place = columns.indexOf(card.closest(".o_dispatch_column")) + step; columns[place]; place += step) {
        const cards = [...columns[place].querySelectorAll(".o_dispatch_card")];
        if (cards.length) {
            const distance = (each) => Math.abs(each.getBoundingClientRect().top - top);
            cards.reduce((best, each) => (distance(each) < distance(best) ? each : best)).focus();
            return;
        }
    }
}
