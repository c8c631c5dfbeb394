import { MAX_PACKET_MS, samplesIn } from '../codecs/audio-codec.js';
import type { AudioDecoder, AudioEncoder } from '../codecs/audio-codec.js';
import { createDecoder, createEncoder } from '../codecs/create-codec.js';
import { Resampler } from '../codecs/resampler.js';
import { rtpClockRate } from '../dtmf/telephone-event-choice.js';
import type { CodecName } from '../media-engine.js';
import { ReorderWindow, type WindowPacket } from '../rtp/reorder-window.js';
import { ssrcOf, timestampDistance, timestampOf } from '../rtp/rtp-packet.js';
import { noiseLevelOf } from '../sounds/noise-source.js';
import { packetTimeOf, PacketWriter, type PacketSink } from './packet-writer.js';

export interface TranscoderOptions {
  from: CodecName;
  to: CodecName;
  /** Of the packets made; any length is taken. */
  ptimeMs: number;
  /** Takes each packet made, as if a source had sent it. */
  sink: PacketSink;
  /** Takes comfort noise where the receiver knows it; a source that pauses is told so. */
  noiseSink?: PacketSink | undefined;
}

/** Lost audio is made up for this long; the rest of a gap stays a gap. */
const MAX_CONCEALED_MS = 60;
/** RFC 7587 section 3.1.3: what Opus sends at the beginning of its silence. */
const MAX_DTX_BYTES = 2;
/** A source that sends all through its silence is told again after so long, as libopus would. */
const NOISE_INTERVAL_MS = 400;
/** A greater step of the timestamps is a sender's new beginning. */
const MAX_GAP_SECONDS = 30;

/**
 * One direction of a call from one codec to another, packet by packet: there is no jitter buffer, the receiver has one.
 * Loss is concealed for a while; longer gaps and a sender's silence go through as steps of the timestamp.
 */
export class Transcoder {
  readonly #decoder: AudioDecoder;
  readonly #resampler: Resampler | undefined;
  readonly #window: ReorderWindow;
  readonly #writer: PacketWriter;
  readonly #fromClock: number;
  readonly #pcm: Int16Array;
  readonly #resampled: Int16Array;
  readonly #range = { samples: 0 };
  #ssrc = -1;
  /** Where the next packet's timestamp would be without a gap; undefined before the first. */
  #expected: number | undefined;
  #unreadable = false;
  readonly #noiseSink: PacketSink | undefined;
  /** Since comfort noise was sent, while the source is silent. */
  #silentMs: number | undefined;
  #now = 0;

  constructor(options: TranscoderOptions) {
    const { from, to, ptimeMs, sink } = options;
    this.#noiseSink = from === 'opus' ? options.noiseSink : undefined;
    this.#decoder = createDecoder(from, to);
    const encoder: AudioEncoder = createEncoder(to, from);
    this.#fromClock = rtpClockRate(from);
    const [fromRate, toRate] = [this.#decoder.sampleRate, encoder.sampleRate];
    this.#pcm = new Int16Array(samplesIn(MAX_PACKET_MS, fromRate));
    this.#resampler = fromRate === toRate ? undefined : new Resampler(fromRate, toRate);
    this.#resampled = new Int16Array(this.#resampler?.outputFor(this.#pcm.length) ?? 0);
    this.#writer = new PacketWriter({
      encoder,
      clockRate: rtpClockRate(to),
      ptimeMs: packetTimeOf(to, ptimeMs),
      sink,
    });
    this.#window = new ReorderWindow((packet, lost) => {
      this.#take(packet, lost);
    });
  }

  /** One audio packet of the source; `packet` is kept for a while. */
  push(packet: Buffer, payload: { start: number; end: number }, now: number): void {
    this.#now = now;
    const ssrc = ssrcOf(packet);
    if (ssrc !== this.#ssrc) this.#startAnew(ssrc);
    this.#window.push({ packet, start: payload.start, end: payload.end });
  }

  /** The source sent something else, or its audio is not wanted now: what follows is not behind a loss. */
  skip(): void {
    this.#window.flush();
  }

  #startAnew(ssrc: number): void {
    this.#window.flush();
    this.#ssrc = ssrc;
    this.#expected = undefined;
    this.#writer.startAnew();
  }

  #take({ packet, start, end }: WindowPacket, lost: number): void {
    const timestamp = timestampOf(packet);
    if (this.#expected !== undefined) {
      this.#bridge(timestampDistance(timestamp, this.#expected), lost > 0 || this.#unreadable);
    }
    const samples = this.#decoder.decode(packet.subarray(start, end), this.#pcm);
    this.#unreadable = samples === 0;
    this.#expected = (timestamp + this.#unitsOf(samples)) >>> 0;
    if (this.#noiseSink !== undefined && end - start <= MAX_DTX_BYTES && samples > 0) {
      this.#silence(samples, this.#noiseSink);
      return;
    }
    this.#silentMs = undefined;
    this.#write(samples);
  }

  #silence(samples: number, sink: PacketSink): void {
    const seconds = samples / this.#decoder.sampleRate;
    if (this.#silentMs === undefined || this.#silentMs >= NOISE_INTERVAL_MS) {
      this.#writer.noise(noiseLevelOf(this.#pcm, samples), sink, this.#now);
      this.#silentMs = 0;
    }
    this.#silentMs += seconds * 1000;
    this.#writer.pause(seconds, this.#now);
  }

  /** Fills the gap before a packet: with made up audio when packets were lost, else by a step in time. */
  #bridge(units: number, lost: boolean): void {
    if (units <= 0 || units > this.#fromClock * MAX_GAP_SECONDS) return;
    let left = units;
    if (lost) {
      const wanted = Math.min(units, samplesIn(MAX_CONCEALED_MS, this.#fromClock));
      const samples = Math.round((wanted * this.#decoder.sampleRate) / this.#fromClock);
      const made = this.#decoder.conceal(samples, this.#pcm);
      left -= this.#unitsOf(made);
      this.#write(made);
    }
    if (left > 0) this.#writer.pause(left / this.#fromClock, this.#now);
  }

  #write(samples: number): void {
    this.#range.samples = samples;
    if (this.#resampler === undefined) {
      this.#writer.write(this.#pcm, this.#range, this.#now);
      return;
    }
    this.#range.samples = this.#resampler.convert(this.#pcm, samples, this.#resampled);
    this.#writer.write(this.#resampled, this.#range, this.#now);
  }

  /** Samples of the decoder in units of the source's RTP clock. */
  #unitsOf(samples: number): number {
    return Math.round((samples * this.#fromClock) / this.#decoder.sampleRate);
  }
}
