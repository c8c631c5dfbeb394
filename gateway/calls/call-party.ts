import type { EndedBy } from '../kernel/end-reason.js';
import type { LegPolicy } from '../media/media-engine.js';
import type { BrowserFlow } from '../signaling/browser-flows.js';
import type { Trunk } from '../trunks/trunk.js';

/** A browser of one of our users. */
export interface BrowserParty {
  kind: 'browser';
  /** AOR user. */
  user: string;
  /** The WebSocket that its SIP goes over now. */
  flow: BrowserFlow | undefined;
  /** URI of its Contact, by which the same page is known on another WebSocket. */
  contact?: string | undefined;
  /** `+sip.instance`, when it registers with one. */
  instance?: string | undefined;
}

/** A carrier, a PBX, a phone behind a trunk. */
interface TrunkParty {
  kind: 'trunk';
  trunk: Trunk;
}

/** Who speaks on a leg of a call. */
export type CallParty = BrowserParty | TrunkParty;

/** `outbound`: a browser calls the phone network. `inbound`: the phone network calls us. `internal`: a browser calls a browser. */
export type CallDirection = 'outbound' | 'inbound' | 'internal';

/** Undefined for a trunk. */
export function userOf(party: CallParty | undefined): string | undefined {
  return party?.kind === 'browser' ? party.user : undefined;
}

export function sideOf(party: CallParty): EndedBy {
  return party.kind === 'browser' ? 'browser' : 'carrier';
}

/** For sentences: `carrier "one"`, `browser of bob`. */
export function describeParty(party: CallParty): string {
  return party.kind === 'browser' ? `browser of ${party.user}` : `carrier "${party.trunk.name}"`;
}

/** Tones sound as in the country that somebody behind a trunk is used to. */
export function toneCountryOf(party: CallParty | undefined, usual: string): string {
  return (party?.kind === 'trunk' ? party.trunk.country : undefined) ?? usual;
}

/** How the browsers of a user are spoken to. */
export type BrowserLeg = (user: string) => LegPolicy;

/** How the media engine speaks to a party. */
export function legPolicyOf(party: CallParty, browserLeg: BrowserLeg): LegPolicy {
  return party.kind === 'browser' ? browserLeg(party.user) : trunkLeg(party.trunk);
}

function trunkLeg(trunk: Trunk): LegPolicy {
  const {
    codecs,
    media,
    srtp,
    srtpSuites,
    rtcpMux,
    comfortNoise,
    dtmf,
    minToneMs,
    minGapMs,
    ptimeMs,
  } = trunk;
  const inMedia = dtmf === 'info-dtmf' ? 'info' : dtmf;
  return {
    ...{ kind: 'rtp', codecs, media, srtp, srtpSuites, rtcpMux, comfortNoise },
    ...{ dtmf: inMedia, minToneMs, minGapMs, ptimeMs },
  };
}
