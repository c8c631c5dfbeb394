import { sequenceDistance, sequenceOf } from './rtp-packet.js';

/** A packet with where its payload lies. */
export interface WindowPacket {
  packet: Buffer;
  start: number;
  end: number;
}

/** A step beyond this is a restarted sender, not loss. */
const MAX_STEP = 100;

/**
 * Puts packets into the order of their sequence numbers. In order they pass at once; behind a gap the first one waits
 * until the missing packet or a second one comes, so that nothing is ever late without need and no timer runs.
 */
export class ReorderWindow {
  readonly #deliver: (packet: WindowPacket, lost: number) => void;
  /** Behind a gap, in order. */
  readonly #held: WindowPacket[] = [];
  #next = -1;

  /** @param deliver gets each packet in order, with the number of packets missing before it */
  constructor(deliver: (packet: WindowPacket, lost: number) => void) {
    this.#deliver = deliver;
  }

  push(entry: WindowPacket): void {
    const sequence = sequenceOf(entry.packet);
    const ahead = this.#next < 0 ? 0 : sequenceDistance(sequence, this.#next);
    if (ahead < 0 && ahead >= -MAX_STEP) return;
    if (this.#next < 0 || Math.abs(ahead) > MAX_STEP) {
      this.flush();
      this.#pass(entry, 0);
      return;
    }
    if (ahead === 0) {
      this.#pass(entry, 0);
      this.#passFollowing();
      return;
    }
    this.#hold(entry, sequence);
  }

  /** Passes what waits; the next packet follows without a gap, whatever its number. */
  flush(): void {
    for (let first = this.#held.shift(); first !== undefined; first = this.#held.shift()) {
      this.#pass(first, this.#gapBefore(first));
    }
    this.#next = -1;
  }

  #hold(entry: WindowPacket, sequence: number): void {
    const held = this.#held;
    const [waiting] = held;
    if (waiting === undefined) {
      held.push(entry);
      return;
    }
    const step = sequenceDistance(sequence, sequenceOf(waiting.packet));
    if (step === 0) return;
    if (step > 0) held.push(entry);
    else held.unshift(entry);
    const [first] = held;
    if (first === undefined) return;
    held.shift();
    this.#pass(first, this.#gapBefore(first));
    this.#passFollowing();
  }

  #passFollowing(): void {
    let [first] = this.#held;
    while (first !== undefined && this.#gapBefore(first) <= 0) {
      this.#held.shift();
      this.#pass(first, 0);
      [first] = this.#held;
    }
  }

  #gapBefore(entry: WindowPacket): number {
    return sequenceDistance(sequenceOf(entry.packet), this.#next);
  }

  #pass(entry: WindowPacket, lost: number): void {
    this.#next = (sequenceOf(entry.packet) + 1) & 0xffff;
    this.#deliver(entry, lost);
  }
}
