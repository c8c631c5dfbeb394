import type { LegQuality, StreamQuality } from '../media-engine.js';
import { meanOpinionScore } from '../rtp/e-model.js';
import { ntpMiddle } from '../rtp/rtcp-packet.js';
import type { PeerReport, StreamReport } from './peer-report.js';

type Measured = Omit<LegQuality, 'problem'>;

interface Counted {
  expected: number;
  lost: number;
}

/** More packets than that between two reports are those of a source that began anew. */
const MOST_PACKETS = 100_000;
/** A leg hears one stream, and another one after a change: it may claim any number. */
const MOST_STREAMS = 8;
const MAX_ROUND_TRIP_MS = 60_000;
/** The daemon's count is asked for when the report is here: so many packets may have come in between. */
const UNDER_WAY = 1;

/**
 * How one leg sounds: what it hears, from its own RTCP reports; and what is lost of what it sends, from the packets that its sender
 * reports count against those that the daemon has received. rtpengine tells no jitter of what it receives.
 */
export class ReportMeter {
  readonly #heard = new Tally();
  readonly #said = new Tally();
  readonly #streams = new Map<number, StreamReport>();
  #jitter: number | undefined;
  #roundTripMs: number | undefined;
  #counted: { ssrc: number; sent: number; received: number } | undefined;

  /** RTCP packets of the leg. */
  reports = 0;

  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** Packets of the leg that did not arrive, as far as it reports what it sends. */
  get lost(): number {
    return this.#said.total.lost;
  }

  take({ atMs, blocks }: PeerReport): void {
    for (const block of blocks) {
      this.#jitter = block.jitter;
      const before = this.#streams.get(block.ssrc);
      this.#keep(block);
      if (before !== undefined)
        this.#heard.add({
          expected: (block.highestSequence - before.highestSequence) | 0,
          lost: block.lost - before.lost,
        });
      this.#measureRoundTrip(block, atMs);
    }
  }

  /** @param received RTP packets of the leg that the daemon has counted when the report had come */
  count({ ssrc, packets }: { ssrc: number; packets: number }, received: number): void {
    const before = this.#counted;
    this.#counted = { ssrc, sent: packets, received };
    if (before?.ssrc !== ssrc) return;
    const expected = (packets - before.sent) | 0;
    this.#said.add({ expected, lost: expected - (received - before.received) });
  }

  interval(clockRate: number): Measured {
    return this.#measured(clockRate, this.#said.interval(), this.#heard.interval());
  }

  total(clockRate: number): Measured {
    return this.#measured(clockRate, this.#said.total, this.#heard.total);
  }

  #measured(clockRate: number, said: Counted, heard: Counted): Measured {
    const missing = Math.max(0, said.lost - UNDER_WAY);
    return {
      received: this.#rated({ ...said, lost: missing }, undefined),
      sent: this.#rated(heard, ((this.#jitter ?? 0) * 1000) / clockRate),
      roundTripMs: this.#roundTripMs,
    };
  }

  #rated({ expected, lost }: Counted, jitterMs: number | undefined): StreamQuality | undefined {
    if (expected === 0) return undefined;
    const lossPercent = Math.min(100, (100 * Math.max(0, lost)) / expected);
    const roundTripMs = this.#roundTripMs ?? 0;
    const mos = meanOpinionScore({ lossPercent, jitterMs: jitterMs ?? 0, roundTripMs });
    return {
      lossPercent: rounded(lossPercent),
      jitterMs: jitterMs === undefined ? undefined : rounded(jitterMs),
      mos: rounded(mos),
    };
  }

  /** The one that was reported on least recently makes room. */
  #keep(block: StreamReport): void {
    this.#streams.delete(block.ssrc);
    this.#streams.set(block.ssrc, block);
    const [oldest] = this.#streams.keys();
    if (this.#streams.size > MOST_STREAMS && oldest !== undefined) this.#streams.delete(oldest);
  }

  /** RFC 3550 section 6.4.1: arrival - LSR - DLSR, in 1/65536 s modulo 2^32; both by the daemon's clock. */
  #measureRoundTrip({ lastSenderReport, delay }: StreamReport, atMs: number): void {
    if (lastSenderReport === 0) return;
    const units = (ntpMiddle(atMs) - lastSenderReport - delay) | 0;
    const milliseconds = (units * 1000) / 65_536;
    if (milliseconds > MAX_ROUND_TRIP_MS || milliseconds < -1000) return;
    this.#roundTripMs = Math.max(0, milliseconds);
  }
}

/** Packets over the whole call, and since they were last asked for. */
class Tally {
  readonly total: Counted = { expected: 0, lost: 0 };
  #before: Counted = { expected: 0, lost: 0 };

  add({ expected, lost }: Counted): void {
    if (expected <= 0 || expected > MOST_PACKETS) return;
    this.total.expected += expected;
    this.total.lost += Math.min(lost, expected);
  }

  interval(): Counted {
    const { expected, lost } = this.total;
    const since = { expected: expected - this.#before.expected, lost: lost - this.#before.lost };
    this.#before = { expected, lost };
    return since;
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
