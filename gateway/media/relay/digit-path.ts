import type { Clock } from '../../kernel/clock.js';
import { eventCodeOf, type DigitEvent } from '../dtmf/digit-event.js';
import type { EventPacket } from '../dtmf/event-packet.js';
import { InbandReceiver } from '../dtmf/inband-receiver.js';
import { rtpClockRate, type ChosenTelephoneEvent } from '../dtmf/telephone-event-choice.js';
import { TelephoneEventReceiver } from '../dtmf/telephone-event-receiver.js';
import { TelephoneEventSender } from '../dtmf/telephone-event-sender.js';
import { ToneStream } from '../dtmf/tone-stream.js';
import type { CodecName, DigitTransport, LegPolicy } from '../media-engine.js';
import type { OutgoingStream } from '../rtp/outgoing-stream.js';
import { sequenceOf } from '../rtp/rtp-packet.js';

export interface DigitPathOptions {
  clock: Clock;
  stream: OutgoingStream;
  /** Shared by the legs of a call: ids must grow also when a leg is replaced. */
  nextId: () => number;
  /** Digits heard on the leg. */
  onDigit: (event: DigitEvent) => void;
}

const ALL_DIGITS = 0xffff;

/** The digits of one leg: those heard on it, and those played to it. */
export class DigitPath {
  readonly #options: DigitPathOptions;
  #receiver: TelephoneEventReceiver | undefined;
  #sender: TelephoneEventSender | undefined;
  #inband: InbandReceiver | undefined;
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
    return (
      this.#receivedBefore + (this.#receiver?.counters.digits ?? 0) + (this.#inband?.digits ?? 0)
    );
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
    const law = this.#transport === 'inband' && isG711(codec) ? codec : undefined;
    this.#peerEvents = peerEventsOf(this.#transport, law, sendEvent);
    const clockRate = rtpClockRate(codec);
    const { minToneMs, minGapMs } = policy;
    const key = [clockRate, sendEvent?.clockRate, law, minToneMs, minGapMs].join(' ');
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
    if (law !== undefined) this.#inband = new InbandReceiver({ clock, law, nextId, onDigit });
    if (sendEvent === undefined && law === undefined) return;
    this.#sender = new TelephoneEventSender({
      ...{ clock, minToneMs, minGapMs },
      stream: law === undefined ? stream : new ToneStream(stream, law),
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

  /** Whether the leg can be told any digit in its media. */
  get takesDigits(): boolean {
    return this.#sender !== undefined && this.#peerEvents !== 0;
  }

  /** Listens for tones in the audio of a leg that tells digits so; true when the packet holds one. */
  listen(packet: Buffer, payload: { start: number; end: number }, now: number): boolean {
    if (this.#inband === undefined) return false;
    this.#inband.receive(packet.subarray(payload.start, payload.end), sequenceOf(packet), now);
    return this.#inband.active;
  }

  /** Plays a digit to the leg when it takes it as an event or tone; false when it does not. */
  play(event: DigitEvent): boolean {
    const code = eventCodeOf(event.digit);
    if (code === undefined) return false;
    if (this.#sender !== undefined && ((this.#peerEvents >> code) & 1) === 1) {
      this.#sender.accept(event);
      return true;
    }
    // A digit comes as several events of one id.
    if (this.#isToldOtherwise || event.id <= this.#lastUntakenId) return false;
    this.#lastUntakenId = event.id;
    this.#untakenDigits += 1;
    return false;
  }

  get #isToldOtherwise(): boolean {
    return this.#transport === 'info' || this.#transport === 'auto';
  }

  close(): void {
    this.#inband?.close();
    this.#receivedBefore = this.received;
    this.#sentBefore = this.sent;
    this.#receiver?.close();
    this.#sender?.close();
    this.#receiver = undefined;
    this.#sender = undefined;
    this.#inband = undefined;
  }
}

/** The digits that the leg is told in its media, as bits. */
function peerEventsOf(
  transport: DigitTransport,
  law: CodecName | undefined,
  sendEvent: ChosenTelephoneEvent | undefined,
): number {
  if (law !== undefined) return ALL_DIGITS;
  return transport === 'info' ? 0 : (sendEvent?.peerEvents ?? 0);
}

function isG711(codec: CodecName): codec is 'pcmu' | 'pcma' {
  return codec === 'pcmu' || codec === 'pcma';
}
