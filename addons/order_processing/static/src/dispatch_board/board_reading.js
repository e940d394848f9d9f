import { laneKey } from "./board_model";

/**
 * Lanes of which somebody has asked for more come as long as they were: read on before anything is shown.
 * Others may have moved cards in between, so that a page brings what is known already; then it ends.
 */
export async function readLonger(lanes, extra, readPage) {
    const wanted = lanes.filter((lane) => extra[laneKey(lane)]);
    await Promise.all(wanted.map((lane) => readOn(lane, extra[laneKey(lane)], readPage)));
}

async function readOn(lane, count, readPage) {
    const known = new Set(lane.cards.map((card) => card.id));
    while (lane.cards.length < Math.min(count, lane.matching)) {
        const { matching, cards } = await readPage(lane, lane.cards.length);
        const fresh = cards.filter((card) => !known.has(card.id));
        lane.matching = matching;
        if (!fresh.length) {
            return;
        }
        lane.cards = [...lane.cards, ...fresh];
        fresh.forEach((card) => known.add(card.id));
    }
}
