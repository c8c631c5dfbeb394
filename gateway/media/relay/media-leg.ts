import type { Clock } from '../../kernel/clock.js';
import { newRandomNumbers } from './random-numbers.js';
import { rtpClockRate } from '../dtmf/telephone-event-choice.js';
import type { DigitEvent } from '../dtmf/digit-event.js';
import type { LegName, LegPolicy, Rejection } from '../media-engine.js';
import { OutgoingStream, type PacketSender } from '../rtp/outgoing-stream.js';
import { Reception } from '../rtp/reception.js';
import { RtcpSession } from '../rtp/rtcp-session.js';
import {
  markerOf,
  payloadEnd,
  payloadOffset,
  payloadTypeOf,
  sequenceOf,
  ssrcOf,
  timestampOf,
} from '../rtp/rtp-packet.js';
import { COMFORT_NOISE } from '../sdp/codec-table.js';
import { receives, sends } from '../sdp/direction.js';
import { AudioPath } from './audio-path.js';
import { DigitPath } from './digit-path.js';
import type { LegAgreement } from './leg-agreement.js';
import { LegQualityMeter } from './leg-quality.js';
import type { MediaTransport, PacketReceiver } from './media-transport.js';
import { NoisePlayer } from './noise-player.js';
import type { PacketSink } from './packet-writer.js';
import { Rejections } from './rejections.js';
import { SoundPlayer } from './sound-player.js';

export interface MediaLegOptions {
  name: LegName;
  clock: Clock;
  policy: LegPolicy;
  nextDigitId: () => number;
  onDigit: (from: LegName, event: DigitEvent) => void;
  onRejected: (rejection: Rejection) => void;
}

/** Kinds of payload, by payload type; any greater number is a telephone-event's clock rate. */
const UNKNOWN = 0;
const AUDIO = 1;
const NOISE = 2;

/** Where the payload is of the audio packet in hand. */
const audio = { start: 0, end: 0 };

/**
 * One side of a call: counts and reads what comes from it, and makes the stream that goes to it. Audio and
 * digits it hears go to the other leg.
 */
export class MediaLeg implements PacketReceiver, PacketSender {
  readonly name: LegName;
  readonly stream: OutgoingStream;
  readonly reception = new Reception();
  readonly rtcp: RtcpSession;
  readonly quality: LegQualityMeter;
  readonly digits: DigitPath;
  /** Noise made of what the other leg tells of its silence. */
  readonly #noise: NoisePlayer;
  /** What the leg hears in place of the other leg. */
  readonly sound: SoundPlayer;
  policy: LegPolicy;
  transport: MediaTransport | undefined;
  /** Takes the transport's place when it is up. */
  rising: MediaTransport | undefined;
  agreement: LegAgreement | undefined;
  other: MediaLeg | undefined;
  /** Hears the payload of each audio packet too. */
  listener: ((payload: Uint8Array, now: number) => void) | undefined;
  readonly #clock: Clock;
  readonly #kinds = new Array<number>(128).fill(UNKNOWN);
  /** NaN before the first packet: always a number, so that none is allocated for a packet. */
  #heardAt = NaN;
  readonly rejections: Rejections;
  readonly #path: AudioPath;
  #hears = false;
  #talks = false;

  constructor(options: MediaLegOptions) {
    this.name = options.name;
    this.#clock = options.clock;
    this.policy = options.policy;
    this.rejections = new Rejections(options.name, options.onRejected);
    this.stream = new OutgoingStream({
      clock: options.clock,
      ...newRandomNumbers(),
      to: this,
    });
    this.rtcp = new RtcpSession({
      clock: options.clock,
      stream: this.stream,
      reception: this.reception,
    });
    this.quality = new LegQualityMeter(this.reception, this.rtcp);
    this.digits = new DigitPath({
      clock: options.clock,
      stream: this.stream,
      nextId: options.nextDigitId,
      onDigit: (event) => {
        options.onDigit(this.name, event);
      },
    });
    this.#path = new AudioPath(this.#forward, this.#forwardNoise);
    this.#noise = new NoisePlayer({
      clock: options.clock,
      takesAudio: () => this.#takesAudio && !this.sound.active,
      sink: this.#forward,
    });
    this.sound = new SoundPlayer({
      clock: options.clock,
      takesAudio: () => this.#takesAudio,
      sink: this.#forward,
    });
  }

  /** Clock.monotonic of the last packet from the leg; undefined before the first. */
  get heardAt(): number | undefined {
    return Number.isNaN(this.#heardAt) ? undefined : this.#heardAt;
  }

  /** Packet time of the audio made here for the leg, ms. */
  get ptimeMs(): number {
    return this.agreement?.ptimeMs ?? this.policy.ptimeMs;
  }

  /** True when the peer should be sending all the time: not on hold in either direction. */
  get expectsMedia(): boolean {
    return this.agreement?.direction === 'sendrecv';
  }

  agree(agreement: LegAgreement): void {
    const clockRate = rtpClockRate(agreement.codec);
    this.agreement = agreement;
    this.#talks = sends(agreement.direction);
    this.#hears = receives(agreement.direction);
    this.reception.clockRate = clockRate;
    this.stream.audioPayloadType = agreement.sendPayloadType;
    this.stream.eventPayloadType = agreement.sendEvent?.payloadType ?? 0;
    this.stream.setClocks(
      clockRate,
      agreement.sendEvent?.clockRate ?? clockRate,
      this.#clock.monotonic(),
    );
    this.stream.packetMs = this.ptimeMs;
    this.digits.agree(agreement, this.policy);
    this.sound.agree(agreement.codec, this.ptimeMs);
    this.#noise.agree(agreement.codec, this.ptimeMs);
    this.#kinds.fill(UNKNOWN);
    for (const event of agreement.receiveEvents) this.#kinds[event.payloadType] = event.clockRate;
    if (agreement.comfortNoise) this.#kinds[COMFORT_NOISE] = NOISE;
    for (const payloadType of agreement.receivePayloadTypes) this.#kinds[payloadType] = AUDIO;
  }

  /** Once both legs have agreed: settles what the other leg's audio has to go through on its way to this one. */
  matchCodecs(): void {
    const [from, to] = [this.other?.agreement?.codec, this.agreement?.codec];
    this.#noise.stop();
    if (from === undefined || to === undefined) this.#path.settle(undefined);
    else {
      // A browser that asks for no packet time takes all.
      const fixedLength = this.agreement?.ptimeMs !== undefined || this.policy.kind === 'rtp';
      const comfortNoise = this.agreement?.comfortNoise === true;
      this.#path.settle({ from, to, ptimeMs: this.ptimeMs, fixedLength, comfortNoise });
    }
  }

  /** Gives up the transport. */
  dropTransport(): void {
    this.transport?.close();
    this.transport = undefined;
  }

  close(): void {
    this.sound.close();
    this.#noise.stop();
    this.digits.close();
    this.dropTransport();
    this.rising?.close();
  }

  /** A packet of the stream: to the transport, if there is one. */
  sendRtp(buffer: Buffer, start: number, end: number): void {
    this.transport?.sendRtp(buffer, start, end);
  }

  /** The hot path: one packet of the leg, decrypted. */
  onRtp(packet: Buffer): void {
    const start = payloadOffset(packet);
    const end = start < 0 ? -1 : payloadEnd(packet, start);
    if (end < 0) {
      this.rejections.unreadable('RTP', packet);
      return;
    }
    const now = this.#clock.monotonic();
    this.#heardAt = now;
    const sequence = sequenceOf(packet);
    this.reception.packet(sequence, ssrcOf(packet));
    const kind = this.#kinds[payloadTypeOf(packet)] ?? UNKNOWN;
    if (kind === AUDIO && this.#talks) {
      this.reception.arrival(timestampOf(packet), now);
      this.digits.audioArrived(sequence, now);
      audio.start = start;
      audio.end = end;
      this.#audio(packet, now);
      return;
    }
    this.#notAudio(packet, { start, end }, kind);
  }

  onRtcp(packet: Buffer): void {
    if (!this.rtcp.receive(packet)) this.rejections.unreadable('RTCP', packet);
    // A peer that suppresses silence sends reports only.
    else if (this.heardAt !== undefined) this.#heardAt = this.#clock.monotonic();
  }

  /** Sends the other leg's audio, unless the leg is on hold or a sound or digit is being played. */
  play(packet: Buffer, payload: { start: number; end: number }, now: number): void {
    this.#noise.stop();
    if (this.sound.active) this.#path.skip();
    else if (this.#takesAudio) this.#path.push(packet, payload, now);
    else this.skip();
  }

  /** The other leg is silent, with the noise that a packet describes (RFC 3389): passed on to a leg that knows such, or made here. */
  playNoise(packet: Buffer, payload: { start: number; end: number }, now: number): void {
    const takes = this.#takesAudio && !this.sound.active && payload.end > payload.start;
    if (takes && this.#path.transcodes) {
      this.#path.skip();
      this.#noise.play((packet[payload.start] ?? 0) & 0x7f);
    } else if (takes && this.agreement?.comfortNoise === true) {
      this.#path.skip();
      this.#forwardNoise(packet, payload, now);
    } else this.skip();
  }

  /** Tells that a packet of the other leg is not for this one: no gap is left for it. */
  skip(): void {
    this.#path.skip();
    this.stream.skip();
  }

  sendReport(): void {
    if (this.transport === undefined) return;
    const report = this.rtcp.report();
    if (report !== undefined) this.transport.sendRtcp(report);
  }

  get #takesAudio(): boolean {
    return this.#hears && !this.digits.playing;
  }

  readonly #forward: PacketSink = (packet, payload, now) => {
    if (this.#takesAudio) this.stream.forward(packet, payload, now);
    else this.stream.skip();
  };

  readonly #forwardNoise: PacketSink = (packet, payload, now) => {
    if (this.#takesAudio) this.stream.forwardNoise(packet, payload, now);
    else this.stream.skip();
  };

  #audio(packet: Buffer, now: number): void {
    this.listener?.(packet.subarray(audio.start, audio.end), now);
    const isTone = this.digits.listen(packet, audio, now);
    // The other leg is told the digit, and must not hear it a second time.
    if (isTone && this.other?.digits.takesDigits === true) this.other.skip();
    else this.other?.play(packet, audio, now);
  }

  #notAudio(packet: Buffer, payload: { start: number; end: number }, kind: number): void {
    const payloadType = payloadTypeOf(packet);
    if (kind === NOISE && this.#talks) {
      this.other?.playNoise(packet, payload, this.#heardAt);
      return;
    }
    // Many senders mark silence so without having asked.
    if (kind === UNKNOWN && payloadType !== COMFORT_NOISE)
      this.rejections.payloadType(payloadType, this.#kinds);
    if (kind > NOISE && this.#talks) this.#event(packet, payload, kind);
    this.other?.skip();
  }

  #event(packet: Buffer, payload: { start: number; end: number }, clockRate: number): void {
    this.digits.receive({
      buffer: packet,
      offset: payload.start,
      length: payload.end - payload.start,
      timestamp: timestampOf(packet),
      sequence: sequenceOf(packet),
      ssrc: ssrcOf(packet),
      marker: markerOf(packet),
      eventClockRate: clockRate,
      now: this.#heardAt,
    });
  }
}
