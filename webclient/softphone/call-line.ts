import type { DigitProgress } from '../phone/digit-queue.js';
import type { Call } from '../phone/phone-types.js';
import type { CallQuality } from '../phone/quality.js';

/** A minute of readings every 2 s. */
const KEPT_READINGS = 30;

export interface ShownDigit extends Omit<DigitProgress, 'state'> {
  state: DigitProgress['state'] | 'confirmed';
}

/** What the page shows of one call. */
export class CallLine {
  readonly call: Call;
  /** In the order they were pressed. */
  digits: readonly ShownDigit[] = [];
  /** Digits the other side sent. */
  received = '';
  quality: readonly CallQuality[] = [];
  /** A transfer is under way. */
  transferring = false;
  /** A sentence about what did not work in this call. */
  problem = '';

  constructor(call: Call, onChange: () => void) {
    this.call = call;
    call.on('digit', (progress) => {
      const digits = [...this.digits];
      digits[progress.id - 1] = progress;
      this.digits = digits;
      onChange();
    });
    call.on('confirmed-digits', (heard) => {
      this.digits = confirmDigits(this.digits, heard);
      onChange();
    });
    call.on('incoming-digit', ({ digit }) => {
      this.received += digit;
      onChange();
    });
    call.on('quality', (quality) => {
      this.quality = [...this.quality.slice(1 - KEPT_READINGS), quality];
      onChange();
    });
    for (const event of ['muted', 'held', 'remote-held'] as const) call.on(event, onChange);
  }
}

/** Marks, in order, the digits that the far end says it heard; what it did not hear stays as it is. */
export function confirmDigits(digits: readonly ShownDigit[], heard: string): ShownDigit[] {
  let rest = heard;
  return digits.map((shown) => {
    if (shown.state !== 'sent' || !rest.startsWith(shown.digit)) return shown;
    rest = rest.slice(1);
    return { ...shown, state: 'confirmed' };
  });
}
