import { toDialSteps } from './dial-string.js';
import type { DigitSender, DigitTiming } from './digits.js';
import { browserTimers, type Timers } from './timers.js';

/** One pressed digit and how far it came. */
export interface DigitProgress {
  /** Counts from 1 within a call. */
  id: number;
  digit: string;
  /** `queued` pressed; `sending` leaving the browser; `sent` tone and gap are over; `failed` never sent. */
  state: 'queued' | 'sending' | 'sent' | 'failed';
}

export interface DigitQueueOptions {
  timing: DigitTiming;
  /** Asked before each digit: what was negotiated may change during a call. Undefined: no way to send. */
  sender: () => DigitSender | undefined;
  onProgress: (progress: DigitProgress) => void;
  /** For pauses. */
  timers?: Timers;
}

type Entry = DigitProgress | { pauseMs: number };

/**
 * Sends digits one after the other, however fast they are pressed. RTCDTMFSender.insertDTMF replaces what still
 * waits in its buffer, so the buffer that must not lose anything is kept here.
 */
export class DigitQueue {
  readonly #options: DigitQueueOptions;
  readonly #waiting: Entry[] = [];
  #lastId = 0;
  #open = false;
  #draining = false;
  #current: DigitProgress | undefined;
  #closed = false;
  #cancelPause: (() => void) | undefined;

  constructor(options: DigitQueueOptions) {
    this.#options = options;
  }

  /** Digits that have not been handed to the sender yet. */
  get length(): number {
    return this.#waiting.filter((entry) => 'digit' in entry).length;
  }

  /** From now on digits can be carried; what was pressed before goes out first. */
  open(): void {
    this.#open = true;
    this.#continue();
  }

  /** Appends digits and pauses (`,` 2 s, `w` 1 s) and returns at once. Nothing is sent before open(), and nothing happens after close(). */
  push(digits: string): void {
    if (this.#closed) return;
    for (const step of toDialSteps(digits)) {
      if (step.kind === 'pause') {
        this.#waiting.push({ pauseMs: step.ms });
        continue;
      }
      const { digit } = step;
      const progress: DigitProgress = { id: ++this.#lastId, digit, state: 'queued' };
      this.#waiting.push(progress);
      this.#report(progress, 'queued');
    }
    this.#continue();
  }

  /** The call is over: what is not sent by now will never be. */
  close(): void {
    if (this.#closed) return;
    const unsent = this.#current === undefined ? this.#waiting : [this.#current, ...this.#waiting];
    for (const entry of unsent) if ('digit' in entry) this.#report(entry, 'failed');
    this.#waiting.length = 0;
    this.#cancelPause?.();
    this.#closed = true;
  }

  #continue(): void {
    if (this.#open && !this.#draining) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#draining = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if ('pauseMs' in next) {
        await this.#pause(next.pauseMs);
        continue;
      }
      this.#current = next;
      await this.#send(next);
      this.#current = undefined;
    }
    this.#draining = false;
  }

  /** Never ends when the queue is closed meanwhile: nothing is left to be sent. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#cancelPause = (this.#options.timers ?? browserTimers).after(ms, resolve);
    });
  }

  async #send(progress: DigitProgress): Promise<void> {
    const sender = this.#options.sender();
    if (sender === undefined) {
      this.#report(progress, 'failed');
      return;
    }
    try {
      await sender.send(progress.digit, this.#options.timing, () => {
        this.#report(progress, 'sending');
      });
      this.#report(progress, 'sent');
    } catch {
      // A digit that could not be sent must not hold up those behind it; the caller sees it as failed.
      this.#report(progress, 'failed');
    }
  }

  #report(progress: DigitProgress, state: DigitProgress['state']): void {
    if (this.#closed) return;
    progress.state = state;
    this.#options.onProgress({ ...progress });
  }
}
