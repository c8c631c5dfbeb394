/** One cycle of the tone a caller hears while the far end rings: 440 + 480 Hz, 2 s on, 4 s off (ITU-T E.180). */
const TONE = { frequencies: [440, 480], onSeconds: 2, cycleSeconds: 6, gain: 0.04 };

/** The network sends a plain 180 without sound, so the browser makes the ringing tone itself. */
export class Ringback {
  #context: AudioContext | undefined;

  start(): void {
    if (this.#context !== undefined) return;
    const context = new AudioContext();
    this.#context = context;
    const gain = new GainNode(context, { gain: 0 });
    gain.connect(context.destination);
    for (const frequency of TONE.frequencies) {
      const oscillator = new OscillatorNode(context, { frequency });
      oscillator.connect(gain);
      oscillator.start();
    }
    // Longer than any call may ring; scheduled ahead, so background throttling cannot stretch it.
    for (let cycle = 0; cycle < 30; cycle++) {
      const at = context.currentTime + cycle * TONE.cycleSeconds;
      gain.gain.setTargetAtTime(TONE.gain, at, 0.01);
      gain.gain.setTargetAtTime(0, at + TONE.onSeconds, 0.01);
    }
  }

  stop(): void {
    void this.#context?.close();
    this.#context = undefined;
  }
}
