import { browser } from "@web/core/browser/browser";

// Who packs looks at the goods, not at the screen: it is heard whether a scan counted.
const TONES = {
    counted: [[1320, 0.07]],
    complete: [[880, 0.09], [1175, 0.09], [1568, 0.16]],
    transfer: [[660, 0.08], [880, 0.1]],
    refused: [[220, 0.18], [160, 0.3]],
};
let context;

export function sound(name) {
    try {
        const AudioContext = browser.AudioContext || window.AudioContext;
        context ??= new AudioContext();
        let start = context.currentTime;
        for (const [frequency, length] of TONES[name] || TONES.refused) {
            const tone = context.createOscillator();
            const volume = context.createGain();
            tone.type = name === "refused" ? "square" : "sine";
            tone.frequency.value = frequency;
            volume.gain.setValueAtTime(0.2, start);
            volume.gain.exponentialRampToValueAtTime(0.001, start + length);
            tone.connect(volume).connect(context.destination);
            tone.start(start);
            tone.stop(start + length);
            start += length;
        }
    } catch {
        // no loudspeaker: the colour says it as well
    }
}
