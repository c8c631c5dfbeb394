import type { Dialplan } from '../../dialplan/plan.js';
import type { LegName, MediaEngine } from '../media/media-engine.js';
import type { SipEndpoint } from '../signaling/sip-endpoint.js';
import type { FindUser } from '../signaling/users.js';
import type { UserDevices } from '../signaling/user-devices.js';
import type { TrunkBoard } from '../trunks/trunk-board.js';
import type { Trunk } from '../trunks/trunk.js';
import type { DialogId } from '../signaling/incoming-refer.js';
import type { BrowserLeg } from './call-party.js';
import type { Call } from './call.js';
import type { InboundNumbers } from './inbound-numbers.js';

/** What every call of this gateway is made with. */
export interface CallContext {
  endpoint: SipEndpoint;
  engine: MediaEngine;
  dialplan: Dialplan;
  trunks: ReadonlyMap<string, Trunk>;
  /** Knows which trunks are dead, at rest or full. */
  board: TrunkBoard;
  findUser: FindUser;
  /** How the browsers of a user are spoken to. */
  browserLeg: BrowserLeg;
  /** How tones of our own sound (ISO 3166), unless a trunk says otherwise. */
  toneCountry: string;
  /** WAV file for whoever a browser holds or leaves waiting, an absolute path; silence without one. */
  holdMusic?: string | undefined;
  timeouts: CallTimeouts;
  /** SIP domain of the browser users. */
  domain: string;
  devices: UserDevices;
  inbound: InboundNumbers;
  /** How long a user or a simultaneous group is rung, ms. */
  ringMs: number;
  /** How long a call waits for a called browser that lost its WebSocket, ms. */
  reconnectMs: number;
  /** The user behind a name, an extension or a caller id; undefined when it is none of one user alone. */
  userBehind: (dialled: string) => string | undefined;
  /** False when the user has as many calls as allowed. */
  mayTakeCall: (user: string) => boolean;
  /** The call in which a peer has this dialog. */
  findDialog: (id: DialogId) => FoundDialog | undefined;
  /** From 0 to below 1. */
  random: () => number;
}

export interface CallTimeouts {
  /** From the answer; 0 for no limit. */
  maxDurationMs: number;
  /** How long a call outlives its browser's WebSocket. */
  websocketGraceMs: number;
}

/** A leg of a call, found by its dialog. */
export interface FoundDialog {
  call: Call;
  leg: LegName;
}
