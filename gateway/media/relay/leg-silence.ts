import type { MediaLeg } from './media-leg.js';

/** No packet for so long is worth a sentence; no receiver bridges it. */
const SILENCE_MS = 3000;
/** A sender that suppresses silence still reports by RTCP, at most 7.5 s apart (RFC 3550 section 6.2). */
const SILENCE_AFTER_AUDIO_MS = 8000;

/** One-way audio named: what to look at when a leg that should send was never heard. */
export function neverHeard({ policy, transport }: MediaLeg): string {
  if (transport?.peer !== undefined) return transport.peer.neverHeard;
  return policy.kind === 'rtp'
    ? "No packets from the carrier since the answer: check media.relay.carrier.advertised or the trunk's firewall."
    : 'No packets from the browser since the answer: check media.relay.browser.advertised, and that UDP to the port of media.relay.browser passes.';
}

/** @param span from when on the leg was expected to send */
export function silenceOf(
  leg: MediaLeg,
  { since, now }: { since: number; now: number },
): string | undefined {
  const { heardAt, policy, transport } = leg;
  if (heardAt === undefined) return now - since > SILENCE_MS ? neverHeard(leg) : undefined;
  const silentMs = now - Math.max(since, heardAt);
  if (silentMs <= SILENCE_AFTER_AUDIO_MS) return undefined;
  const peer = transport?.peer?.name ?? (policy.kind === 'rtp' ? 'carrier' : 'browser');
  return `No packets from the ${peer} for ${Math.round(silentMs / 1000)} s.`;
}
