import { MU_LAW_ZERO } from './g711.js';

/** One packet of 20 ms at 8 kHz. */
export const FRAME_BYTES = 160;

const SILENT_FRAME = Buffer.alloc(FRAME_BYTES, MU_LAW_ZERO);
const BYTES_PER_MS = 8;

interface Item {
  audio: Buffer;
  offset: number;
  onEnd: (how: PlayEnd) => void;
}

/** `stopped`: something else came first; `done`: played to the end. */
export type PlayEnd = 'done' | 'stopped';

/** The mu-law audio that is being played: one thing at a time, cut into frames by the packet clock. */
export class Playback {
  #item: Item | undefined;
  #loop: { audio: Buffer; offset: number } | undefined;
  #closed = false;

  /** Stops what plays and plays the parts one after another. Resolves when they end either way. */
  play(parts: readonly Buffer[]): Promise<PlayEnd> {
    this.stop();
    if (this.#closed) return Promise.resolve('stopped');
    return new Promise((resolve) => {
      this.#item = { audio: Buffer.concat(parts), offset: 0, onEnd: resolve };
    });
  }

  stop(): void {
    const item = this.#item;
    this.#item = undefined;
    item?.onEnd('stopped');
  }

  /** Stops for good. */
  close(): void {
    this.#closed = true;
    this.stop();
  }

  /** Plays this whenever there is nothing else, round and round. Its length is a multiple of FRAME_BYTES. */
  setBackground(audio: Buffer): void {
    this.#loop = { audio, offset: 0 };
  }

  /** The next 160 bytes; silence when nothing plays. Valid until the next call. */
  nextFrame(): Buffer {
    const item = this.#item;
    if (item === undefined) return this.#backgroundFrame();
    const frame = item.audio.subarray(item.offset, item.offset + FRAME_BYTES);
    item.offset += FRAME_BYTES;
    if (item.offset >= item.audio.length) {
      this.#item = undefined;
      item.onEnd('done');
    }
    return frame.length === FRAME_BYTES ? frame : padded(frame);
  }

  #backgroundFrame(): Buffer {
    const loop = this.#loop;
    if (loop === undefined) return SILENT_FRAME;
    const frame = loop.audio.subarray(loop.offset, loop.offset + FRAME_BYTES);
    loop.offset = (loop.offset + FRAME_BYTES) % loop.audio.length;
    return frame;
  }
}

export function silence(ms: number): Buffer {
  return Buffer.alloc(Math.max(0, Math.round(ms * BYTES_PER_MS)), MU_LAW_ZERO);
}

function padded(frame: Buffer): Buffer {
  const whole = Buffer.alloc(FRAME_BYTES, MU_LAW_ZERO);
  frame.copy(whole);
  return whole;
}
