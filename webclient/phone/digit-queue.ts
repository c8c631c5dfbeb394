import type { DigitSender, DigitTiming } from './digits.js';

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
}

/**
 * Sends digits one after the other, however fast they are pressed. RTCDTMFSender.insertDTMF replaces what still
 * waits in its buffer, so the buffer that must not lose anything is kept here.
 */
export class DigitQueue {
  readonly #options: DigitQueueOptions;
  readonly #waiting: DigitProgress[] = [];
  #lastId = 0;
  #open = false;
  #current: DigitProgress | undefined;
  #closed = false;

  constructor(options: DigitQueueOptions) {
    this.#options = options;
  }

  /** Digits that have not been handed to the sender yet. */
  get length(): number {
    return this.#waiting.length;
  }

  /** From now on digits can be carried; what was pressed before goes out first. */
  open(): void {
    this.#open = true;
    this.#continue();
  }

  /** Appends and returns at once. Nothing is sent before open(), and nothing happens after close(). */
  push(digits: string): void {
    if (this.#closed) return;
    for (const digit of digits) {
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
    for (const progress of unsent) this.#report(progress, 'failed');
    this.#waiting.length = 0;
    this.#closed = true;
  }

  #continue(): void {
    if (this.#open && this.#current === undefined) void this.#drain();
  }

  async #drain(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#current = next;
      await this.#send(next);
    }
    this.#current = undefined;
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
