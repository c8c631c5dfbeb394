import type { Refusal } from './refusal.js';
import type { SipRequest } from './sip-request.js';

/** Which trunk an INVITE came from, and how that is known. */
export interface TrunkOrigin {
  /** Name of the trunk. */
  trunk: string;
  /** `registration`: it came to the contact that we had registered; `digest`: it knew the password; `network`: by its address. */
  by: 'registration' | 'digest' | 'network';
}

/** Who sent an INVITE that came on no WebSocket of ours. */
export type CallerVerdict =
  | {
      kind: 'trunk';
      origin: TrunkOrigin;
      /** Where the called number stands: a registrar puts our contact into the request-URI and leaves the number in To. */
      calledIn: 'request-uri' | 'to';
    }
  | { kind: 'refused'; refusal: Refusal };

/** Decides who a caller outside of our WebSockets is. Never throws. */
export type IdentifyTrunk = (request: SipRequest) => CallerVerdict;
