import type { AudioEncoder } from '../codecs/audio-codec.js';
import { samplesIn } from '../codecs/audio-codec.js';
import type { CodecName } from '../media-engine.js';
import { RTP_HEADER_BYTES, writeHeader, type RtpHeader } from '../rtp/rtp-packet.js';

/** Takes a packet whose payload is `packet[start, end)`; may keep and change it. */
export type PacketSink = (
  packet: Buffer,
  payload: { start: number; end: number },
  now: number,
) => void;

export interface PacketWriterOptions {
  encoder: AudioEncoder;
  /** RTP clock of the codec, Hz. */
  clockRate: number;
  ptimeMs: number;
  sink: PacketSink;
}

/** Numbers of streams that exist only between a transcoder and the leg's stream. */
let lastSource = 0;

/** Makes packets of one length from samples of any number, and numbers them as a source of RTP does. */
export class PacketWriter {
  readonly #options: PacketWriterOptions;
  readonly #frame: Int16Array;
  readonly #unitsPerFrame: number;
  readonly #payload = { start: RTP_HEADER_BYTES, end: 0 };
  readonly #header: RtpHeader = {
    marker: true,
    payloadType: 0,
    sequence: 0,
    timestamp: 0,
    ssrc: newSource(),
  };
  #filled = 0;

  constructor(options: PacketWriterOptions) {
    this.#options = options;
    this.#frame = new Int16Array(samplesIn(options.ptimeMs, options.encoder.sampleRate));
    this.#unitsPerFrame = samplesIn(options.ptimeMs, options.clockRate);
  }

  /** Another source: what was begun of the old one is dropped. */
  startAnew(): void {
    this.#filled = 0;
    this.#header.ssrc = newSource();
    this.#header.marker = true;
  }

  /** Writes `pcm[0, samples)`; a packet leaves as soon as it is full. */
  write(pcm: Int16Array, range: { samples: number }, now: number): void {
    const frame = this.#frame;
    for (let at = 0; at < range.samples;) {
      const count = Math.min(range.samples - at, frame.length - this.#filled);
      for (let index = 0; index < count; index += 1) {
        frame[this.#filled + index] = pcm[at + index] ?? 0;
      }
      this.#filled += count;
      at += count;
      if (this.#filled === frame.length) this.#send(now);
    }
  }

  /** Nothing was said for a while: the packet that was begun ends with silence, the next begins a talkspurt. */
  pause(seconds: number, now: number): void {
    let units = Math.round(seconds * this.#options.clockRate);
    if (this.#filled > 0) {
      const rest = this.#frame.length - this.#filled;
      units -= Math.round((rest * this.#options.clockRate) / this.#options.encoder.sampleRate);
      this.#frame.fill(0, this.#filled);
      this.#send(now);
    }
    this.#header.timestamp = (this.#header.timestamp + Math.max(0, units)) >>> 0;
    this.#header.marker = true;
  }

  /** One packet of comfort noise (RFC 3389 section 3): it ends what was begun, and a pause follows. */
  noise(levelDb: number, sink: PacketSink, now: number): void {
    this.pause(0, now);
    const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + 1);
    packet[RTP_HEADER_BYTES] = levelDb;
    const header = this.#header;
    header.sequence = (header.sequence + 1) & 0xffff;
    header.marker = false;
    writeHeader(packet, 0, header);
    header.marker = true;
    this.#payload.end = packet.length;
    sink(packet, this.#payload, now);
  }

  #send(now: number): void {
    const { encoder, sink } = this.#options;
    const encoded = encoder.encode(this.#frame);
    // Not reused: whoever sends it may keep it until it is on its way.
    const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + encoded.length);
    packet.set(encoded, RTP_HEADER_BYTES);
    const header = this.#header;
    header.sequence = (header.sequence + 1) & 0xffff;
    writeHeader(packet, 0, header);
    header.marker = false;
    header.timestamp = (header.timestamp + this.#unitsPerFrame) >>> 0;
    this.#filled = 0;
    this.#payload.end = packet.length;
    sink(packet, this.#payload, now);
  }
}

/**
 * RFC 6716 section 2.1.4: Opus has frames of 10, 20, 40 and 60 ms, of those that an SDP may ask for here. 60 ms of L16 at 16 kHz would be
 * more than an Ethernet frame.
 */
export function packetTimeOf(codec: CodecName, ptimeMs: number): number {
  if (codec === 'l16-16000') return Math.min(ptimeMs, 40);
  return codec === 'opus' && ptimeMs === 30 ? 20 : ptimeMs;
}

/** The SSRC of a stream that only exists in here. */
export function newSource(): number {
  lastSource = (lastSource + 1) >>> 0;
  return lastSource;
}
