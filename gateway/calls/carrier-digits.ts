import { delay } from '../kernel/clock.js';
import { SerialQueue } from '../kernel/serial-queue.js';
import type { LegName } from '../media/media-engine.js';
import type { Trunk } from '../trunks/trunk.js';
import type { Call } from './call.js';
import { formatDtmfInfo, type InfoDigit } from './dtmf-info.js';

/** More than anybody dials ahead; as many as may wait for the media. */
const MAX_WAITING = 64;
/** RFC 3261 section 21.4.26: this carrier is told digits in the media only, and its media takes none. */
const NOT_BY_INFO = 488;
/** Too many digits wait, or the dialog is gone. */
const UNAVAILABLE = 480;

/**
 * The other leg's digits that the media does not tell a carrier: they go out as SIP INFO, in order, each after the answer to the
 * one before and after its tone and pause would be over.
 */
export class CarrierDigits {
  readonly #call: Call;
  readonly #leg: LegName;
  readonly #trunk: Trunk;
  readonly #queue = new SerialQueue();
  #earliest = -Infinity;
  #refusalTold = false;

  constructor(call: Call, leg: LegName, trunk: Trunk) {
    this.#call = call;
    this.#leg = leg;
    this.#trunk = trunk;
  }

  /** The call is over, or the carrier has left it. */
  close(): void {
    this.#queue.close();
  }

  /** Resolves with the carrier's status, or with ours when it cannot be asked. Never rejects. */
  async send(digit: InfoDigit): Promise<number> {
    const { dtmf } = this.#trunk;
    if (dtmf === 'rfc4733' || dtmf === 'inband') return NOT_BY_INFO;
    if (this.#queue.length >= MAX_WAITING) return this.#told(UNAVAILABLE);
    try {
      return this.#told(await this.#queue.run(() => this.#sendNow(digit)));
    } catch {
      // The call ended, or the dialog did. The reason may hold the request, and with it the digit.
      return UNAVAILABLE;
    }
  }

  async #sendNow({ digit, durationMs }: InfoDigit): Promise<number> {
    const { clock, over, dialogs } = this.#call;
    const { minToneMs, minGapMs, dtmf } = this.#trunk;
    const waitMs = this.#earliest - clock.monotonic();
    if (waitMs > 0) await delay(clock, waitMs, over.signal);
    const dialog = dialogs[this.#leg];
    if (dialog === undefined) return UNAVAILABLE;
    const toneMs = Math.max(durationMs, minToneMs);
    this.#earliest = clock.monotonic() + toneMs + minGapMs;
    const type = dtmf === 'info-dtmf' ? 'application/dtmf' : 'application/dtmf-relay';
    return dialog.info(formatDtmfInfo({ digit, durationMs: toneMs }, type));
  }

  #told(status: number): number {
    if (status >= 300 && !this.#refusalTold) {
      this.#refusalTold = true;
      const { name } = this.#trunk;
      this.#call.log.warn({ trunk: name, status }, 'a digit could not be told by INFO');
    }
    return status;
  }
}
