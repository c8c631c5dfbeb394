/** Counters of a call at one moment, as getStats() tells them. */
export interface QualityCounters {
  /** ms, any epoch. */
  at: number;
  packetsReceived: number;
  packetsLost: number;
  /** Inter-arrival jitter (RFC 3550 section 6.4.1) in ms. */
  jitterMs: number;
  /** Of the last report of the peer, in ms; undefined before the first one. */
  roundTripMs: number | undefined;
  /** Time that audio waits in the jitter buffer: seconds over all emitted samples, as counted. */
  bufferSeconds: number;
  bufferSamples: number;
  codec: string | undefined;
  /** 0 to 1. */
  inputLevel: number;
  outputLevel: number;
}

/** What the last interval was like. */
export interface CallQuality {
  /** Packets that did not arrive, in percent. */
  lossPercent: number;
  jitterMs: number;
  roundTripMs: number | undefined;
  /** 1 (bad) to 4.5; undefined while nothing was received. */
  mos: number | undefined;
  /** Such as `opus`. */
  codec: string | undefined;
  /** Loudness of the microphone and of the other side, 0 to 1. */
  inputLevel: number;
  outputLevel: number;
}

/** Equipment impairment and robustness against loss (ITU-T G.113 appendix I; Opus as later work estimates it). */
const CODECS: Readonly<Record<string, { impairment: number; robustness: number }>> = {
  opus: { impairment: 0, robustness: 20 },
  g722: { impairment: 7, robustness: 14 },
  pcmu: { impairment: 0, robustness: 25 },
  pcma: { impairment: 0, robustness: 25 },
};
const PLAIN = { impairment: 5, robustness: 15 };

/** What happened between two readings. */
export function qualityBetween(before: QualityCounters, now: QualityCounters): CallQuality {
  const received = Math.max(0, now.packetsReceived - before.packetsReceived);
  const lost = Math.max(0, now.packetsLost - before.packetsLost);
  const samples = now.bufferSamples - before.bufferSamples;
  const bufferMs =
    samples > 0 ? ((now.bufferSeconds - before.bufferSeconds) / samples) * 1000 : now.jitterMs * 2;
  const lossPercent = received + lost === 0 ? 0 : (100 * lost) / (received + lost);
  const delayMs = (now.roundTripMs ?? 0) / 2 + bufferMs;
  return {
    lossPercent,
    jitterMs: now.jitterMs,
    roundTripMs: now.roundTripMs,
    mos: received === 0 ? undefined : meanOpinion({ lossPercent, delayMs, codec: now.codec }),
    ...{ codec: now.codec, inputLevel: now.inputLevel, outputLevel: now.outputLevel },
  };
}

/** Mean opinion score by the E-model (ITU-T G.107): rating R from delay and loss, then its annex B. */
export function meanOpinion(of: {
  lossPercent: number;
  delayMs: number;
  codec: string | undefined;
}): number {
  const { impairment, robustness } = CODECS[of.codec?.toLowerCase() ?? ''] ?? PLAIN;
  const delay = 0.024 * of.delayMs + (of.delayMs > 177.3 ? 0.11 * (of.delayMs - 177.3) : 0);
  const loss = impairment + (95 - impairment) * (of.lossPercent / (of.lossPercent + robustness));
  const rating = Math.min(100, Math.max(0, 93.2 - delay - loss));
  const mos = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6;
  return Math.min(4.5, Math.max(1, mos));
}
