import { ReorderWindow, type WindowPacket } from '../rtp/reorder-window.js';
import {
  RTP_HEADER_BYTES,
  ssrcOf,
  timestampDistance,
  timestampOf,
  writeHeader,
  type RtpHeader,
} from '../rtp/rtp-packet.js';
import { newSource, type PacketSink } from './packet-writer.js';

export interface RepacketiserOptions {
  /** Of the packets made. */
  ptimeMs: number;
  sink: PacketSink;
}

/** G.711 and G.722 alike: 64 kbit/s, and an RTP clock of 8000 Hz, so that a byte is one unit of the timestamp. */
const BYTES_PER_MS = 8;
/** A greater step of the timestamps is a sender's new beginning: 10 s. */
const MAX_GAP_UNITS = 80_000;

/**
 * Cuts and joins packets of G.711 or G.722 to one length without touching the audio. While packets have it anyway they pass as they
 * are; from the first other one on all are laid end to end, in order. What is lost stays a gap of the numbers and the time.
 */
export class Repacketiser {
  readonly #sink: PacketSink;
  readonly #frame: Buffer;
  /** Its length: nothing else of it is looked at for a packet that passes. */
  readonly #frameBytes: number;
  readonly #window: ReorderWindow;
  readonly #payload = { start: RTP_HEADER_BYTES, end: 0 };
  readonly #header: RtpHeader = {
    ...{ marker: true, payloadType: 0, sequence: 0, timestamp: 0, ssrc: 0 },
  };
  #active = false;
  #filled = 0;
  #ssrc = -1;
  /** Where the next packet's timestamp would be without a gap; undefined before the first. */
  #expected: number | undefined;
  #now = 0;

  constructor(options: RepacketiserOptions) {
    this.#sink = options.sink;
    this.#frameBytes = options.ptimeMs * BYTES_PER_MS;
    this.#frame = Buffer.alloc(this.#frameBytes);
    this.#window = new ReorderWindow((packet, lost) => {
      this.#take(packet, lost);
    });
  }

  push(packet: Buffer, payload: { start: number; end: number }, now: number): void {
    if (!this.#active) {
      if (payload.end - payload.start === this.#frameBytes) {
        this.#sink(packet, payload, now);
        return;
      }
      this.#active = true;
    }
    this.#now = now;
    const ssrc = ssrcOf(packet);
    if (ssrc !== this.#ssrc) this.#startAnew(ssrc);
    this.#window.push({ packet, start: payload.start, end: payload.end });
  }

  /** The source sent something else, or its audio is not wanted now: what follows is not behind a loss. */
  skip(): void {
    if (this.#active) this.#window.flush();
  }

  #startAnew(ssrc: number): void {
    this.#window.flush();
    this.#ssrc = ssrc;
    this.#expected = undefined;
    this.#filled = 0;
    this.#header.ssrc = newSource();
    this.#header.marker = true;
  }

  #take({ packet, start, end }: WindowPacket, lost: number): void {
    const timestamp = timestampOf(packet);
    const gap = this.#expected === undefined ? 0 : timestampDistance(timestamp, this.#expected);
    if (gap > 0 && gap < MAX_GAP_UNITS) this.#leap(gap, lost);
    this.#expected = (timestamp + end - start) >>> 0;
    for (let at = start; at < end;) {
      const count = Math.min(end - at, this.#frame.length - this.#filled);
      packet.copy(this.#frame, this.#filled, at, at + count);
      this.#filled += count;
      at += count;
      if (this.#filled === this.#frame.length) this.#send();
    }
  }

  /** What was begun leaves as a short packet. */
  #leap(units: number, lost: number): void {
    if (this.#filled > 0) this.#send();
    const header = this.#header;
    header.timestamp = (header.timestamp + units) >>> 0;
    if (lost === 0) header.marker = true;
    else {
      const missing = Math.max(1, Math.round(units / this.#frame.length));
      header.sequence = (header.sequence + missing) & 0xffff;
    }
  }

  #send(): void {
    // Not reused: whoever sends it may keep it until it is on its way.
    const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + this.#filled);
    this.#frame.copy(packet, RTP_HEADER_BYTES, 0, this.#filled);
    const header = this.#header;
    header.sequence = (header.sequence + 1) & 0xffff;
    writeHeader(packet, 0, header);
    header.marker = false;
    header.timestamp = (header.timestamp + this.#filled) >>> 0;
    this.#filled = 0;
    this.#payload.end = packet.length;
    this.#sink(packet, this.#payload, this.#now);
  }
}
