/** Two notes, twice, then a pause: told apart from the ringback that a caller hears. */
const NOTES = [
  { at: 0, hz: 880 },
  { at: 0.18, hz: 1109 },
  { at: 0.55, hz: 880 },
  { at: 0.73, hz: 1109 },
];
const CYCLE_SECONDS = 3;
/** Longer than any server rings somebody. */
const CYCLES = 60;
const GAIN = { loud: 0.12, quiet: 0.02 };

/** What is heard when somebody calls. Browsers keep it silent until the page was clicked once. */
export class Ringtone {
  /** Output device; empty: the system's own. */
  device = '';
  #context: AudioContext | undefined;

  /** Rings until stop(); `quiet` beside a call. Does nothing when it rings already. */
  start(how: keyof typeof GAIN): void {
    if (this.#context !== undefined) return;
    const context = new AudioContext();
    this.#context = context;
    void useOutput(context, this.device);
    const gain = new GainNode(context, { gain: 0 });
    const oscillator = new OscillatorNode(context, { type: 'triangle' });
    oscillator.connect(gain).connect(context.destination);
    // Scheduled ahead, so that throttling in the background cannot stretch it.
    for (let cycle = 0; cycle < CYCLES; cycle++)
      for (const note of NOTES) {
        const at = context.currentTime + cycle * CYCLE_SECONDS + note.at;
        oscillator.frequency.setValueAtTime(note.hz, at);
        gain.gain.setTargetAtTime(GAIN[how], at, 0.008);
        gain.gain.setTargetAtTime(0, at + 0.13, 0.03);
      }
    oscillator.start();
  }

  stop(): void {
    void this.#context?.close().catch(() => undefined);
    this.#context = undefined;
  }
}

/** Chromium can send an AudioContext to a chosen device; others play on the system's own. */
async function useOutput(context: AudioContext, device: string): Promise<void> {
  const able = context as AudioContext & { setSinkId?: (id: string) => Promise<void> };
  if (device !== '') await able.setSinkId?.(device).catch(() => undefined);
}
