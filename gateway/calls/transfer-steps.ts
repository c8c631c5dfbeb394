import type { LegName, MediaSession } from '../media/media-engine.js';
import type { DialogHandlers, SipDialog } from '../signaling/sip-endpoint.js';
import type { Call, LegSdp } from './call.js';
import type { CallContext } from './call-context.js';
import type { CallParty } from './call-party.js';

/** What a transfer needs of the call's own steps. */
export interface TransferSteps {
  call: Call;
  context: CallContext;
  /** A further media session of the call; undefined when the call is over. */
  openMedia: () => Promise<MediaSession | undefined>;
  handlersFor: (leg: LegName) => DialogHandlers;
  /** The parties have changed. */
  onParties: () => void;
  /** The remaining party is no longer to hear what the transfer played. */
  restoreSound: (leg: LegName) => Promise<void>;
}

/** Who takes the place of the transferring party, bridged with the one that remains. */
export interface Joined {
  party: CallParty;
  dialog: SipDialog;
  media: MediaSession;
  /** Of the new party. */
  sdp: LegSdp;
  /** Of the party that remains. */
  remaining: LegSdp;
  /** For the record: the number. */
  to: string;
  /** Called when the call has its new party. */
  finish(): void;
}
