import type { Clock, Timer } from '../kernel/clock.js';

/** Packetisation time of everything the demo carrier sends. */
const PACKET_MS = 20;
/** Further behind than this (a suspended process), the missed packets are skipped, not sent at once. */
const MAX_BEHIND = 10;

/**
 * Calls `tick` every 20 ms without drift: each due time is counted from the start, so a late timer
 * shortens the next wait. `skipped` is the number of periods that were given up before this one.
 */
export class PacketClock {
  readonly #clock: Clock;
  readonly #tick: (skipped: number) => void;
  #timer: Timer | undefined;
  #startedAt = 0;
  #count = 0;

  constructor(clock: Clock, tick: (skipped: number) => void) {
    this.#clock = clock;
    this.#tick = tick;
  }

  /** The first tick comes at once; a second start is a no-op. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#startedAt = this.#clock.monotonic();
    this.#count = 0;
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    const wait = this.#startedAt + this.#count * PACKET_MS - this.#clock.monotonic();
    this.#timer = this.#clock.setTimer(
      () => {
        this.#run();
      },
      Math.max(0, wait),
    );
  }

  #run(): void {
    const due = Math.floor((this.#clock.monotonic() - this.#startedAt) / PACKET_MS);
    const behind = due - this.#count;
    const skipped = behind > MAX_BEHIND ? behind : 0;
    this.#count += skipped + 1;
    this.#tick(skipped);
    if (this.#timer !== undefined) this.#arm();
  }
}
