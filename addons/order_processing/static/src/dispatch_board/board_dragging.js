import { useDraggable } from "@web/core/utils/draggable";

const DROP = ".o_dispatch_drop";

/** Drag one card, or all that are chosen with it, onto another wave or departure. */
export function useCardDragging(root, board) {
    let target = null;
    const point = (zone) => {
        if (zone !== target) {
            target?.classList.remove("o_dispatch_over");
            zone?.classList.add("o_dispatch_over");
            target = zone;
        }
    };
    const idsWith = (element) => board.model.chosenWith(Number(element.dataset.id));
    return useDraggable({
        ref: root,
        elements: ".o_dispatch_card.o_movable",
        ignore: "button,a,input,select",
        cursor: "grabbing",
        touchDelay: 350,
        edgeScrolling: { speed: 14, threshold: 60 },
        onDragStart({ element }) {
            const ids = idsWith(element);
            element.dataset.dragging = ids.length > 1 ? ids.length : "";
            element.classList.add("o_dispatch_dragged");
        },
        onDrag({ x, y, element }) {
            const zone = zoneAt(root.el, x, y);
            const own = zone && zone.contains(element) && zone.matches(".o_dispatch_wave");
            point(own ? null : zone);
        },
        onDrop({ element }) {
            if (target) {
                const { kind, departure, batch } = target.dataset;
                board.move(idsWith(element), { kind, departure_id: Number(departure), batch_id: Number(batch) });
            }
        },
        onDragEnd({ element }) {
            element.classList.remove("o_dispatch_dragged");
            point(null);
        },
    });
}

/** The innermost place at the pointer where something can be put down. */
function zoneAt(root, x, y) {
    let found = null;
    for (const zone of root.querySelectorAll(DROP)) {
        const { left, right, top, bottom } = zone.getBoundingClientRect();
        if (x >= left && x < right && y >= top && y < bottom) {
            found = zone; // waves come after the column they are in
        }
    }
    return found;
}
