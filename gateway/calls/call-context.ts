import type { Dialplan } from '../../dialplan/plan.js';
import type { LegPolicy, MediaEngine } from '../media/media-engine.js';
import type { SipEndpoint } from '../signaling/sip-endpoint.js';
import type { FindUser } from '../signaling/users.js';
import type { Trunk } from '../trunks/trunk.js';

/** What every call of this gateway is made with. */
export interface CallContext {
  endpoint: SipEndpoint;
  engine: MediaEngine;
  dialplan: Dialplan;
  trunks: ReadonlyMap<string, Trunk>;
  findUser: FindUser;
  /** How browsers are spoken to. */
  browserLeg: LegPolicy;
  timeouts: CallTimeouts;
}

export interface CallTimeouts {
  /** From the answer; 0 for no limit. */
  maxDurationMs: number;
  /** How long a call outlives its browser's WebSocket. */
  websocketGraceMs: number;
}
