import type { Timer } from '../../kernel/clock.js';
import type { SipRequest } from '../message/sip-message.js';
import type { ServerTransaction } from '../transaction/transaction.js';
import type { Flow } from '../transport/transport.js';

/** An INVITE of the peer in a dialog, from its arrival to its ACK. */
interface IncomingInvite {
  transaction: ServerTransaction;
  sequence: number;
  /** The id under which its response is awaited. */
  requestId: string;
  /** The id under which its ACK is reported. */
  ackTransactionId: string;
  /** True from our 2xx to the ACK. */
  answered: boolean;
}

/** An INVITE of ours in a dialog. */
export interface OutgoingInvite {
  sequence: number;
  /** `answered`: a 2xx came and waits for the application's ACK. `over`: refused. */
  state: 'pending' | 'answered' | 'acknowledged' | 'over';
  /** The application cancelled it: should a 2xx win the race, its ACK is followed by BYE. */
  cancelled: boolean;
  /** While pending. */
  cancel?: (() => void) | undefined;
  /** While answered: the application must acknowledge in time. */
  patience?: Timer | undefined;
  /** The ACK, without its Via, to repeat for each retransmitted 2xx (RFC 3261 section 13.2.2.4). */
  ack?: { request: SipRequest; flow: Flow };
}

export interface InviteState {
  incoming?: IncomingInvite | undefined;
  outgoing?: OutgoingInvite | undefined;
  /** Requests held back until the ACK of our 2xx is here: BYE must not overtake it (RFC 3261 section 15). */
  afterAck?: (() => void) | undefined;
}

/** True while neither side may start an INVITE (RFC 3261 section 14.1). */
export function inviteInProgress(invites: InviteState): boolean {
  return (
    invites.incoming !== undefined ||
    invites.outgoing?.state === 'pending' ||
    invites.outgoing?.state === 'answered'
  );
}
