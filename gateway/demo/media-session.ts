import type { Clock } from '../kernel/clock.js';
import { createAudioCodec, type AudioCodec } from './audio-codec.js';
import { DtmfJudge, type PayloadTypes } from './dtmf-judge.js';
import { DigitCollector } from './digit-collector.js';
import type { DigitReport } from './dtmf-report.js';
import { PacketClock } from './packet-clock.js';
import { Playback } from './playback.js';
import type { RtpCounts, RtpEndpoint } from './rtp-endpoint.js';
import type { RtpPacket } from './rtp-packet.js';
import { RtpSender } from './rtp-sender.js';
import type { Negotiated } from './sdp-answer.js';
import { ToneDetector, type ToneReading } from './tone-detector.js';

export interface MediaSessionOptions {
  endpoint: RtpEndpoint;
  negotiated: Negotiated;
  /** `echo` sends the caller's audio back; `play` sends what is played, or silence. */
  mode: 'echo' | 'play';
  clock: Clock;
  digitPauseMs: number;
  onDigit: () => void;
  onDigits: (digits: DigitReport[]) => void;
  /** Each 100 ms of received audio, G.722 aside; undefined for silence. */
  onTone: (reading: ToneReading | undefined) => void;
}

/** More than the 120 ms that the longest Opus packet holds at 8 kHz. */
const MAX_SAMPLES = 2000;

/** The carrier's side of one RTP stream: sends, listens, and has the received digits judged. */
export class MediaSession {
  readonly playback = new Playback();
  readonly #options: MediaSessionOptions;
  readonly #sender: RtpSender;
  readonly #pacer: PacketClock;
  readonly #detector: ToneDetector;
  readonly #samples = new Int16Array(MAX_SAMPLES);
  readonly #judge: DtmfJudge;
  readonly #collector: DigitCollector;
  #negotiated: Negotiated;
  readonly #codec: AudioCodec | undefined;
  #lastReceivedAt: number;

  constructor(options: MediaSessionOptions) {
    this.#options = options;
    this.#negotiated = options.negotiated;
    this.#codec = createAudioCodec(options.negotiated.codec);
    const { endpoint, clock } = options;
    this.#sender = new RtpSender((datagram) => {
      endpoint.send(datagram);
    });
    this.#pacer = new PacketClock(clock, (skipped) => {
      this.#tick(skipped);
    });
    this.#detector = new ToneDetector(options.onTone);
    this.#judge = judgeFor(options.negotiated);
    this.#collector = collectorFor(this.#judge, options);
    this.#lastReceivedAt = clock.monotonic();
    endpoint.setRemote(options.negotiated.remote);
    endpoint.onPacket((packet) => {
      this.#onPacket(packet);
    });
  }

  get negotiated(): Negotiated {
    return this.#negotiated;
  }

  get counts(): RtpCounts {
    return this.#options.endpoint.counts;
  }

  /** The dominant tone of the last 100 ms; undefined for silence, and for G.722. */
  get hears(): ToneReading | undefined {
    return this.#detector.latest;
  }

  /** Monotonic ms of the last packet from the peer, or of the start. */
  get lastReceivedAt(): number {
    return this.#lastReceivedAt;
  }

  /** Begins to send what is played, or silence; an echo sends when it receives. */
  start(): void {
    if (this.#options.mode === 'play') this.#pacer.start();
  }

  /** Takes over the outcome of a re-INVITE: another address, hold, another payload type. */
  renegotiate(negotiated: Negotiated): void {
    this.#negotiated = negotiated;
    this.#judge.setPayloadTypes(payloadTypes(negotiated));
    this.#options.endpoint.setRemote(negotiated.remote);
    this.#lastReceivedAt = this.#options.clock.monotonic();
  }

  /** Completes the running input and closes the socket. */
  async close(): Promise<void> {
    this.#pacer.stop();
    this.playback.close();
    this.#collector.close();
    await this.#options.endpoint.close();
  }

  #onPacket(packet: RtpPacket): void {
    const now = this.#options.clock.monotonic();
    this.#lastReceivedAt = now;
    this.#collector.note(this.#judge.packet(packet, now));
    const { payloadType, sending } = this.#negotiated;
    if (packet.payloadType !== payloadType) return;
    this.#listen(packet.payload);
    if (this.#options.mode === 'echo' && sending) this.#sender.echo(packet);
  }

  #listen(payload: Buffer): void {
    const count = this.#codec?.decode(payload, this.#samples) ?? 0;
    if (count > 0) this.#detector.push(this.#samples, count);
  }

  #tick(skipped: number): void {
    const { payloadType, sending } = this.#negotiated;
    const codec = this.#codec;
    // What plays goes on while the call is held, as a carrier's announcement does.
    const frame = this.playback.nextFrame();
    if (codec === undefined) return;
    this.#sender.skip(skipped * codec.unitsPerFrame);
    if (!sending) {
      this.#sender.pause();
      this.#sender.skip(codec.unitsPerFrame);
      return;
    }
    this.#sender.frame(payloadType, codec.encode(frame), codec.unitsPerFrame);
  }
}

function payloadTypes({ payloadType, eventPayloadType }: Negotiated): PayloadTypes {
  return { audioPayloadType: payloadType, eventPayloadType };
}

function judgeFor(negotiated: Negotiated): DtmfJudge {
  return new DtmfJudge({ ...payloadTypes(negotiated), clockRate: negotiated.clockRate });
}

function collectorFor(judge: DtmfJudge, options: MediaSessionOptions): DigitCollector {
  return new DigitCollector({
    judge,
    clock: options.clock,
    pauseMs: options.digitPauseMs,
    onDigit: options.onDigit,
    onComplete: options.onDigits,
  });
}
