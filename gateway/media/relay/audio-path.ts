import { convertInPlace, lawConversion } from '../codecs/g711.js';
import type { CodecName } from '../media-engine.js';
import type { PacketSink } from './packet-writer.js';
import { Repacketiser } from './repacketiser.js';
import { Transcoder } from './transcoder.js';

/** What the audio of one leg has to become for the other. */
export interface AudioPathFormat {
  from: CodecName;
  to: CodecName;
  /** Of packets that are made anew. */
  ptimeMs: number;
  /** Whether audio that passes as it is has to come in packets of that length too. */
  fixedLength: boolean;
  /** Whether silence of the source may become comfort noise. */
  comfortNoise: boolean;
}

/** Codecs of which a byte is one unit of the RTP clock. */
const HAS_BYTE_CLOCK: ReadonlySet<CodecName> = new Set(['g722', 'pcmu', 'pcma']);

/** What the other leg's audio goes through on its way to a leg: nothing, another law, other packets, another codec. */
export class AudioPath {
  readonly #sink: PacketSink;
  readonly #noiseSink: PacketSink;
  #key = '';
  /** From one G.711 law to the other, when that is all that differs. */
  #conversion: Uint8Array | undefined;
  #transcoder: Transcoder | undefined;
  #repacketiser: Repacketiser | undefined;

  /**
   * @param sink takes each packet that comes out
   * @param noiseSink takes comfort noise, numbered among them
   */
  constructor(sink: PacketSink, noiseSink: PacketSink) {
    this.#sink = sink;
    this.#noiseSink = noiseSink;
  }

  /** Goes on as before when nothing has changed. */
  settle(format: AudioPathFormat | undefined): void {
    const key = format === undefined ? '' : Object.values(format).join(' ');
    if (key === this.#key) return;
    this.#key = key;
    this.#conversion = undefined;
    this.#transcoder = undefined;
    this.#repacketiser = undefined;
    if (format === undefined) return;
    const { from, to, ptimeMs, fixedLength, comfortNoise } = format;
    const sink = this.#sink;
    if (from !== to) this.#conversion = lawConversion(from, to);
    if (from !== to && this.#conversion === undefined) {
      this.#transcoder = new Transcoder({
        ...{ from, to, ptimeMs, sink },
        noiseSink: comfortNoise ? this.#noiseSink : undefined,
      });
    }
    // Opus is left as it is: whoever takes it takes packets of any length (RFC 7587 section 4.2). So is L16, between trunks.
    else if (fixedLength && HAS_BYTE_CLOCK.has(to))
      this.#repacketiser = new Repacketiser({ ptimeMs, sink });
  }

  /** Whether the audio is decoded on its way. */
  get transcodes(): boolean {
    return this.#transcoder !== undefined;
  }

  /** One audio packet; it may be kept and changed. */
  push(packet: Buffer, payload: { start: number; end: number }, now: number): void {
    if (this.#transcoder !== undefined) {
      this.#transcoder.push(packet, payload, now);
      return;
    }
    if (this.#conversion !== undefined) convertInPlace(packet, payload, this.#conversion);
    if (this.#repacketiser === undefined) this.#sink(packet, payload, now);
    else this.#repacketiser.push(packet, payload, now);
  }

  /** A packet did not go this way: what follows is not behind a loss. */
  skip(): void {
    this.#transcoder?.skip();
    this.#repacketiser?.skip();
  }
}
