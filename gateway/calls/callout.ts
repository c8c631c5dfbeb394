import type { EndReason } from '../kernel/end-reason.js';
import type { MediaSession } from '../media/media-engine.js';
import type { SipDialog } from '../signaling/sip-endpoint.js';
import type { CallParty } from './call-party.js';

/** The callee's 200, with everything that was set up on the way to it. */
export interface Answered {
  kind: 'answered';
  party: CallParty;
  dialog: SipDialog;
  /** SDP of the 200. */
  answer: string;
  /** The session that made the offer which was answered. */
  media: MediaSession;
  /** That offer; or our answer, when the callee made the offer. */
  offered: string;
}

/** How the search for somebody who answers ended: routes of trunks one after another, or browsers. */
export type Callout = Answered | { kind: 'refused'; end: EndReason } | { kind: 'cancelled' };

/** A provisional response of somebody who is called, 180 and above. */
export interface CalloutProgress {
  status: number;
  sdp: string | undefined;
}
