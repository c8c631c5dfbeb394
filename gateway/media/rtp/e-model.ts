/** What is known of a stream of packets when its sound has to be guessed. */
export interface StreamConditions {
  /** Packets that did not arrive, 0 to 100. */
  lossPercent: number;
  jitterMs: number;
  /** Between the gateway and the leg; 0 when it is not known. */
  roundTripMs: number;
}

/** R0 - Is with all parameters at their defaults: ITU-T G.107 (06/2015). */
const BEST_RATING = 93.2;
/**
 * Equipment impairment and robustness against loss: ITU-T G.113 Appendix I, G.711 with the packet loss concealment of its Appendix I,
 * random loss. G.113 has no values for Opus and for G.722 on this narrowband scale; both conceal loss at least as well.
 */
const EQUIPMENT_IMPAIRMENT = 0;
const LOSS_ROBUSTNESS = 25.1;
/** One packet is collected before it is sent. */
const PACKET_TIME_MS = 20;

/**
 * Mean opinion score, 1 to 4.5, of the E-model, ITU-T G.107: the effective equipment impairment is its equation 7-29, the score is that of
 * its Annex B. The delay impairment is simplified to R. G. Cole and J. H. Rosenbluth, "Voice over IP performance monitoring",
 * ACM SIGCOMM CCR 31 (2), 2001, with a receiver that buffers twice the jitter.
 */
export function meanOpinionScore({ lossPercent, jitterMs, roundTripMs }: StreamConditions): number {
  const delayMs = roundTripMs / 2 + 2 * jitterMs + PACKET_TIME_MS;
  const delayImpairment = 0.024 * delayMs + 0.11 * Math.max(0, delayMs - 177.3);
  const lossImpairment =
    EQUIPMENT_IMPAIRMENT +
    ((95 - EQUIPMENT_IMPAIRMENT) * lossPercent) / (lossPercent + LOSS_ROBUSTNESS);
  return scoreOf(BEST_RATING - delayImpairment - lossImpairment);
}

/** ITU-T G.107 Annex B, equation B-4. */
function scoreOf(rating: number): number {
  if (rating <= 0) return 1;
  const score = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6;
  return Math.min(4.5, Math.max(1, score));
}
