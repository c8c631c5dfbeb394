import type { Clock } from '../../kernel/clock.js';
import { eventCodeOf, type DigitEvent } from '../dtmf/digit-event.js';
import type { EventPacket } from '../dtmf/event-packet.js';
import { rtpClockRate, type ChosenTelephoneEvent } from '../dtmf/telephone-event-choice.js';
import { TelephoneEventReceiver } from '../dtmf/telephone-event-receiver.js';
import { TelephoneEventSender } from '../dtmf/telephone-event-sender.js';
import type { CodecName, DigitTransport, LegPolicy } from '../media-engine.js';
import type { OutgoingStream } from '../rtp/outgoing-stream.js';

export interface DigitPathOptions {
  clock: Clock;
  stream: OutgoingStream;
  /** Shared by the legs of a call: ids must grow also when a leg is replaced. */
  nextId: () => number;
  /** Digits heard on the leg. */
  onDigit: (event: DigitEvent) => void;
}

/** The digits of one leg: those heard on it, and those played to it. */
export class DigitPath {
  readonly #options: DigitPathOptions;
  #receiver: TelephoneEventReceiver | undefined;
  #sender: TelephoneEventSender | undefined;
  #receivedBefore = 0;
  #sentBefore = 0;
  #overflowed = 0;
  #untakenDigits = 0;
  #lastUntakenId = -Infinity;
  #key = '';
  /** Bits of the digits that the leg takes as events; 0 without telephone-event. */
  #peerEvents = 0;
  #transport: DigitTransport = 'rfc4733';

  constructor(options: DigitPathOptions) {
    this.#options = options;
  }

  get received(): number {
    return this.#receivedBefore + (this.#receiver?.counters.digits ?? 0);
  }

  get sent(): number {
    return this.#sentBefore + (this.#sender?.counters.digits ?? 0);
  }

  /** Digits that the leg could not be told: it takes no such event, or too many waited. */
  get dropped(): number {
    return this.#untakenDigits + this.#overflowed;
  }

  /** True while an event replaces the audio to the leg. */
  get playing(): boolean {
    return this.#sender?.active === true;
  }

  /** Nothing changes while codec and telephone-event stay: a digit in course goes on. */
  agree(
    agreement: { codec: CodecName; sendEvent: ChosenTelephoneEvent | undefined },
    policy: LegPolicy,
  ): void {
    const { codec, sendEvent } = agreement;
    this.#transport = policy.dtmf ?? 'rfc4733';
    this.#peerEvents = this.#transport === 'info' ? 0 : (sendEvent?.peerEvents ?? 0);
    const clockRate = rtpClockRate(codec);
    const key = [clockRate, sendEvent?.clockRate, policy.minToneMs, policy.minGapMs].join(' ');
    if (key === this.#key) return;
    this.#key = key;
    this.close();
    const { clock, stream, nextId, onDigit } = this.#options;
    this.#receiver = new TelephoneEventReceiver({
      clock,
      timestampClockRate: clockRate,
      nextId,
      onDigit,
    });
    if (sendEvent === undefined) return;
    const { minToneMs, minGapMs } = policy;
    this.#sender = new TelephoneEventSender({
      ...{ clock, stream, minToneMs, minGapMs },
      onOverflow: () => {
        this.#overflowed += 1;
      },
    });
  }

  receive(packet: EventPacket): void {
    this.#receiver?.receive(packet);
  }

  audioArrived(sequence: number, now: number): void {
    this.#receiver?.audioArrived(sequence, now);
  }

  /** Plays a digit to the leg when it takes it as an event; false when it does not. */
  play(event: DigitEvent): boolean {
    const code = eventCodeOf(event.digit);
    if (code === undefined) return false;
    if (this.#sender !== undefined && ((this.#peerEvents >> code) & 1) === 1) {
      this.#sender.accept(event);
      return true;
    }
    // A digit comes as several events of one id.
    if (this.#transport !== 'rfc4733' || event.id <= this.#lastUntakenId) return false;
    this.#lastUntakenId = event.id;
    this.#untakenDigits += 1;
    return false;
  }

  close(): void {
    this.#receivedBefore = this.received;
    this.#sentBefore = this.sent;
    this.#receiver?.close();
    this.#sender?.close();
    this.#receiver = undefined;
    this.#sender = undefined;
  }
}
