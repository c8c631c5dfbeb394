import type { Clock, Timer } from '../kernel/clock.js';
import type { DtmfJudge, PacketRole } from './dtmf-judge.js';
import type { DigitReport } from './dtmf-report.js';

export interface DigitCollectorOptions {
  judge: DtmfJudge;
  clock: Clock;
  /** Silence after the last digit that makes the input complete. */
  pauseMs: number;
  /** A key was pressed. */
  onDigit: () => void;
  /** The digits since the last time, in order; never empty. */
  onComplete: (digits: DigitReport[]) => void;
}

/** After `#` only the repeated end packets and the audio that follows are waited for. */
const POUND_SETTLE_MS = 200;

/** More digits than this without a pause are reported in parts, so that a flood stays small. */
const MAX_DIGITS = 64;

/** Groups the digits of a call into inputs: an input ends with a pause or with `#`. */
export class DigitCollector {
  readonly #options: DigitCollectorOptions;
  #timer: Timer | undefined;
  #deadline = 0;
  #waiting = false;
  #poundEnded = false;
  #started = 0;
  #completed = 0;

  constructor(options: DigitCollectorOptions) {
    this.#options = options;
  }

  /** Tells what the judge made of a packet. */
  note(role: PacketRole): void {
    if (role !== 'digit-update' && role !== 'digit-ended') return;
    const { judge, onDigit, pauseMs } = this.#options;
    const isNew = judge.started !== this.#started;
    if (judge.started - this.#completed > MAX_DIGITS) this.#complete();
    this.#started = judge.started;
    this.#waiting = true;
    if (isNew) this.#poundEnded = false;
    if (role === 'digit-ended' && judge.lastDigit === '#') this.#poundEnded = true;
    this.#setDeadline(this.#poundEnded ? POUND_SETTLE_MS : pauseMs);
    if (isNew) onDigit();
  }

  /** The call ends: completes what was received so far. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#complete();
  }

  /** One timer for many packets: it is set again only when it fires too early, or must fire sooner. */
  #setDeadline(waitMs: number): void {
    const { clock } = this.#options;
    const deadline = clock.monotonic() + waitMs;
    const sooner = deadline < this.#deadline;
    this.#deadline = deadline;
    if (this.#timer !== undefined && !sooner) return;
    this.#timer?.cancel();
    this.#arm();
  }

  #arm(): void {
    const { clock } = this.#options;
    this.#timer = clock.setTimer(
      () => {
        this.#timer = undefined;
        if (clock.monotonic() < this.#deadline) this.#arm();
        else this.#complete();
      },
      Math.max(0, this.#deadline - clock.monotonic()),
    );
  }

  #complete(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#completed = this.#options.judge.started;
    const digits = this.#options.judge.finish();
    if (digits.length > 0) this.#options.onComplete(digits);
  }
}
