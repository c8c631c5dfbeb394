import type { CodecName, LegPolicy } from '../media-engine.js';
import { codecsToOffer, opusFor } from '../sdp/negotiate.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import type { BencodeDictionary } from './bencode.js';

/** What the daemon is told of the codecs of an offer. */
export interface CodecPlan {
  /** Of the offerer, as far as the daemon sees them, in the offerer's order. */
  kept: readonly CodecName[];
  /** For the other side, best first. */
  offered: readonly CodecName[];
  /** The `codec` dictionary of the ng protocol. */
  flags: BencodeDictionary;
  /** Whether the daemon decodes the audio in any case. */
  decodes: boolean;
  /** Whether it would lose nothing by it: Opus and G.722 that go straight through would be encoded a second time. */
  mayDecode: boolean;
}

/** Names of rtpengine; it knows G.722 and G.711 by their static numbers. */
const NAMES: Record<CodecName, string> = {
  opus: 'opus',
  g722: 'G722',
  pcmu: 'PCMU',
  pcma: 'PCMA',
  'l16-8000': 'L16/8000',
  'l16-16000': 'L16/16000',
};
const TELEPHONE_EVENT = 'telephone-event';

/**
 * A call whose legs share a codec shall go through the daemon untouched (and through the kernel where that is set up): then
 * the daemon sees the shared codecs only, and makes the others of the list when the other side takes none of them.
 * @param inUse the codec that the other side speaks already: a re-offer does not take it to another
 * @throws CopperlineError CL_MEDIA_NO_COMMON_CODEC
 */
export function planCodecs(
  offer: PeerDescription,
  policies: { from: LegPolicy; to: LegPolicy },
  inUse?: CodecName,
): CodecPlan {
  const { from, to } = policies;
  const able = codecsToOffer(offer, policies);
  const offered = inUse === undefined ? able : [inUse];
  const usable = offer.codecs
    .map(({ codec }) => codec)
    .filter((codec) => from.codecs.includes(codec));
  const opusOnly = opusFor(policies, 'from') && usable.includes('opus');
  const shared = opusOnly ? [] : usable.filter((codec) => offered.includes(codec));
  const kept = shared.length > 0 ? shared : [opusOnly ? 'opus' : best(usable)];
  const made = offered.filter((codec) => !kept.includes(codec));
  const hidden = kept.filter((codec) => !offered.includes(codec));
  return {
    kept,
    offered,
    decodes: shared.length === 0 || !takesEvents(to),
    mayDecode: shared.every((codec) => codec === 'pcmu' || codec === 'pcma'),
    flags: {
      ...(made.length === 0 ? {} : { transcode: made.map((codec) => NAMES[codec]) }),
      ...(hidden.length === 0 ? {} : { mask: hidden.map((codec) => NAMES[codec]) }),
      // Its events are taken from the offerer all the same, and are not offered to this side.
      ...(takesEvents(to) ? {} : { consume: [TELEPHONE_EVENT] }),
    },
  };
}

/** Whether telephone-event is offered to the leg. */
function takesEvents({ dtmf }: LegPolicy): boolean {
  return dtmf !== 'inband' && dtmf !== 'info';
}

/** The offerer's favourite. */
function best(usable: readonly CodecName[]): CodecName {
  return usable[0] ?? 'pcmu';
}
