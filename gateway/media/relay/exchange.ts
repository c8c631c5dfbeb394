import type { CodecName, LegName, LegPolicy } from '../media-engine.js';
import type { Direction } from '../sdp/direction.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import type { OfferedFormats } from './leg-description.js';
import type { LegLink } from './leg-link.js';
import type { MediaLeg } from './media-leg.js';

/** One leg of a call, with the way to its peer. */
export interface Side {
  leg: MediaLeg;
  link: LegLink;
  /** The offer that the leg was called with, while no other was made: the same again is the next route. */
  calledWith: string | undefined;
  /** The last SDP of the peer that took effect. */
  remote: PeerDescription | undefined;
}

/** What an answer of ours says. */
export interface OwnAnswer {
  codec: CodecName;
  direction: Direction;
  comfortNoise: boolean;
}

/** An offer on its way: who made it, what we made of it, and how it was answered first. */
export interface Exchange {
  to: LegName;
  offer: PeerDescription;
  offerText: string;
  offered: OfferedFormats & { direction: Direction };
  policies: { from: LegPolicy; to: LegPolicy };
  /** Empty when the offer is the answer that offerAlone() asked for: it has taken effect, and nobody waits. */
  answered: string | undefined;
}
