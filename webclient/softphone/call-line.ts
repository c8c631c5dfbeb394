import type { CallState } from '../phone/call-state.js';
import type { DigitProgress } from '../phone/digit-queue.js';
import type { MicrophoneChange } from '../phone/microphone-keeper.js';
import type { Call } from '../phone/phone-types.js';
import type { CallQuality } from '../phone/quality.js';
import type { KeptCall } from './kept-calls.js';

let lastId = 0;

/** A minute of readings every 2 s. */
const KEPT_READINGS = 30;

export interface ShownDigit extends Omit<DigitProgress, 'state'> {
  state: DigitProgress['state'] | 'confirmed';
}

/** What the page shows of one call. */
export class CallLine {
  /** Unique among the calls of this page. */
  readonly id: number;
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
  /** What became of the microphone, once it was unplugged. */
  microphone: MicrophoneChange | undefined;
  /** What was known of this call before the page was loaded again. */
  readonly #before: KeptCall | undefined;
  /** How long it was up before that, ms. */
  #earlierMs = 0;

  constructor(call: Call, onChange: () => void, before?: KeptCall) {
    this.id = ++lastId;
    this.call = call;
    this.#before = before;
    if (before?.muted === true) call.setMuted(true);
    call.on('state', (state) => {
      if (state.name === 'in-call' && before !== undefined)
        this.#earlierMs = Math.max(0, state.answeredAt - before.answeredAt);
    });
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
    call.on('microphone', (change) => {
      this.microphone = change;
      onChange();
    });
    for (const event of ['muted', 'held', 'remote-held'] as const) call.on(event, onChange);
  }

  /** The call's own, counted from when it was first answered. */
  get state(): CallState {
    const { state } = this.call;
    if (state.name === 'in-call')
      return { ...state, answeredAt: state.answeredAt - this.#earlierMs };
    if (state.name === 'ended' && state.talkedMs > 0)
      return { ...state, talkedMs: state.talkedMs + this.#earlierMs };
    return state;
  }

  /** Who called whom; the server offers a call that goes on after a reload as one that comes in. */
  get direction(): Call['direction'] {
    return this.#before?.direction ?? this.call.direction;
  }

  /** True while a reload has taken it off hold. */
  get wasHeld(): boolean {
    return this.#before?.held === true;
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
