import { G711Decoder, G711Encoder } from '../codecs/g711-codec.js';
import { Resampler } from '../codecs/resampler.js';
import type { PipePeer, RtpPipe } from '../rtp/rtp-pipe.js';
import { COMFORT_NOISE } from '../sdp/codec-table.js';
import { NoiseSource } from '../sounds/noise-source.js';
import {
  payloadEnd,
  payloadOffset,
  payloadTypeOf,
  RTP_HEADER_BYTES,
  writeHeader,
  type RtpHeader,
} from '../rtp/rtp-packet.js';

type Law = 'pcmu' | 'pcma';

const SAMPLE_RATE = 8000;
const PACKET_SAMPLES = 160;
/** 10 ms, what libwebrtc takes at a time. */
const FRAME_SAMPLES = 80;
/** Two packets of 20 ms: what a timer that is late by 10 ms and a packet that is late by 20 ms ask for. */
const START_FRAMES = 4;
/** Beyond it the oldest goes: delay that came in a burst does not stay. */
const MOST_FRAMES = 12;
const PAYLOAD_TYPES: Record<Law, number> = { pcmu: 0, pcma: 8 };
/** RFC 3551: 120 ms are the most that anybody puts into one packet. */
const LONGEST_PACKET = 960;

const BROWSER: PipePeer = {
  name: 'browser',
  neverHeard:
    'No packets from the browser since the answer: check media.wrtc.browser.advertised, and that UDP to media.wrtc.browser.ports passes.',
};

export interface SoundPipeOptions {
  ssrc: number;
  /** 10 ms of 8000 Hz for the browser; valid during the call. */
  say: (samples: Int16Array) => void;
}

/** Between the samples of libwebrtc and the G.711 of a call: RTP of 20 ms one way, frames of 10 ms on the clock the other. */
export class SoundPipe implements RtpPipe {
  readonly peer = BROWSER;
  onRtp: (packet: Buffer) => void = () => undefined;
  readonly #options: SoundPipeOptions;
  readonly #header: RtpHeader;
  readonly #packetPcm = new Int16Array(PACKET_SAMPLES);
  readonly #decoded = new Int16Array(LONGEST_PACKET);
  readonly #frame = new Int16Array(FRAME_SAMPLES);
  readonly #waiting = new Int16Array((MOST_FRAMES + 1) * FRAME_SAMPLES + LONGEST_PACKET);
  #resampled = new Int16Array(0);
  #resampler: Resampler | undefined;
  #resamplerRate = SAMPLE_RATE;
  #filled = 0;
  #held = 0;
  #playing = false;
  /** What the other leg tells of its silence, until it talks again. */
  #noise: NoiseSource | undefined;
  #encoder: G711Encoder | undefined;
  #decoder: G711Decoder | undefined;
  #law: Law | undefined;

  constructor(options: SoundPipeOptions) {
    this.#options = options;
    this.#header = { marker: true, payloadType: 0, sequence: 0, timestamp: 0, ssrc: options.ssrc };
  }

  /** Of the packets in both directions. */
  speak(law: Law): void {
    if (law === this.#law) return;
    this.#law = law;
    this.#encoder = new G711Encoder(law);
    this.#decoder = new G711Decoder(law);
    this.#header.payloadType = PAYLOAD_TYPES[law];
  }

  /** 10 ms of the browser. */
  hear(samples: Int16Array, sampleRate: number): void {
    if (this.#encoder === undefined) return;
    if (sampleRate === SAMPLE_RATE) this.#collect(samples, samples.length);
    else this.#collect(this.#resampled, this.#resample(samples, sampleRate));
  }

  /** A packet of the call for the browser. */
  sendRtp(buffer: Buffer, start: number, end: number): void {
    const packet = buffer.subarray(start, end);
    const from = payloadOffset(packet);
    const to = from < 0 ? -1 : payloadEnd(packet, from);
    if (to < 0 || this.#decoder === undefined) return;
    if (payloadTypeOf(packet) === COMFORT_NOISE) {
      if (to > from) this.#noise = new NoiseSource((packet[from] ?? 0) & 0x7f);
      return;
    }
    this.#noise = undefined;
    const samples = this.#decoder.decode(packet.subarray(from, to), this.#decoded);
    const room = this.#waiting.length - this.#held;
    if (samples > room) this.#drop(samples - room);
    this.#waiting.set(this.#decoded.subarray(0, samples), this.#held);
    this.#held += samples;
    const most = MOST_FRAMES * FRAME_SAMPLES;
    if (this.#held > most) this.#drop(this.#held - START_FRAMES * FRAME_SAMPLES);
  }

  /** Every 10 ms: the next frame, or silence, which keeps libwebrtc's timestamps in step with time. */
  tick(): void {
    const frame = this.#frame;
    if (!this.#playing && this.#held >= START_FRAMES * FRAME_SAMPLES) this.#playing = true;
    if (this.#playing && this.#held < FRAME_SAMPLES) this.#playing = false;
    if (this.#playing) {
      frame.set(this.#waiting.subarray(0, FRAME_SAMPLES));
      this.#drop(FRAME_SAMPLES);
    } else if (this.#noise === undefined) frame.fill(0);
    else this.#noise.fill(frame);
    this.#options.say(frame);
  }

  #drop(samples: number): void {
    const count = Math.min(samples, this.#held);
    this.#waiting.copyWithin(0, count, this.#held);
    this.#held -= count;
  }

  #resample(samples: Int16Array, sampleRate: number): number {
    if (this.#resampler === undefined || sampleRate !== this.#resamplerRate) {
      this.#resampler = new Resampler(sampleRate, SAMPLE_RATE);
      this.#resamplerRate = sampleRate;
      this.#resampled = new Int16Array(this.#resampler.outputFor(samples.length) + FRAME_SAMPLES);
    }
    return this.#resampler.convert(samples, samples.length, this.#resampled);
  }

  #collect(pcm: Int16Array, samples: number): void {
    for (let index = 0; index < samples; index += 1) {
      this.#packetPcm[this.#filled] = pcm[index] ?? 0;
      this.#filled += 1;
      if (this.#filled === PACKET_SAMPLES) this.#sendPacket();
    }
  }

  #sendPacket(): void {
    this.#filled = 0;
    if (this.#encoder === undefined) return;
    const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + PACKET_SAMPLES);
    packet.set(this.#encoder.encode(this.#packetPcm), RTP_HEADER_BYTES);
    const header = this.#header;
    writeHeader(packet, 0, header);
    header.marker = false;
    header.sequence = (header.sequence + 1) & 0xffff;
    header.timestamp = (header.timestamp + PACKET_SAMPLES) >>> 0;
    this.onRtp(packet);
  }
}
