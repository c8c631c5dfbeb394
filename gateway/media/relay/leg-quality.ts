import type { LegQuality, StreamQuality } from '../media-engine.js';
import { meanOpinionScore } from '../rtp/e-model.js';
import type { Reception } from '../rtp/reception.js';
import type { HeardByPeer, RtcpSession } from '../rtp/rtcp-session.js';

type Measured = Omit<LegQuality, 'problem'>;

/** Measures how a leg sounds, from our counters and from the reports of the leg: over an interval, and over the whole call. */
export class LegQualityMeter {
  readonly #reception: Reception;
  readonly #rtcp: RtcpSession;
  #received = { packets: 0, lost: 0 };
  #reported: HeardByPeer | undefined;

  constructor(reception: Reception, rtcp: RtcpSession) {
    this.#reception = reception;
    this.#rtcp = rtcp;
  }

  /** Since the last call of this. */
  interval(): Measured {
    const { received, lost } = this.#reception;
    const packets = received - this.#received.packets;
    const missing = Math.max(0, lost - this.#received.lost);
    this.#received = { packets: received, lost };
    return {
      received: this.#here(packets, missing),
      sent: this.#thereSince(),
      roundTripMs: this.#rtcp.roundTripMs,
    };
  }

  total(): Measured {
    const { received, lost } = this.#reception;
    const heard = this.#rtcp.heardByPeer;
    return {
      received: this.#here(received, lost),
      sent: heard && this.#there(heard, heard.lost, heard.expected),
      roundTripMs: this.#rtcp.roundTripMs,
    };
  }

  #here(received: number, lost: number): StreamQuality | undefined {
    if (received === 0) return undefined;
    return this.#rated((100 * lost) / (received + lost), this.#reception.jitterMs);
  }

  /** Undefined when no report came since. */
  #thereSince(): StreamQuality | undefined {
    const [before, heard] = [this.#reported, this.#rtcp.heardByPeer];
    this.#reported = heard;
    if (heard === undefined || heard === before) return undefined;
    if (before === undefined) return this.#there(heard, heard.lost, heard.expected);
    const expected = heard.highestSequence - before.highestSequence;
    return this.#there(heard, heard.lost - before.lost, expected);
  }

  #there({ jitterMs }: HeardByPeer, lost: number, expected: number): StreamQuality {
    // A peer that starts to count anew (a page that was loaded again) shows up as less than before.
    const percent = expected > 0 ? (100 * Math.max(0, lost)) / expected : 0;
    return this.#rated(Math.min(100, percent), jitterMs);
  }

  #rated(lossPercent: number, jitterMs: number): StreamQuality {
    const roundTripMs = this.#rtcp.roundTripMs ?? 0;
    const mos = meanOpinionScore({ lossPercent, jitterMs, roundTripMs });
    return { lossPercent: rounded(lossPercent), jitterMs: rounded(jitterMs), mos: rounded(mos) };
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
