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
  /** From now on the call is carried by this one; it may have failed already. */
  useMedia: (media: MediaSession) => void;
  handlersFor: (leg: LegName) => DialogHandlers;
  /** The parties have changed. */
  onParties: () => void;
  /** The remaining party is no longer to hear what the transfer played. */
  restoreSound: (leg: LegName) => Promise<void>;
}

/** What becomes of the call's media, and who is told what, once the new party is bridged in. */
export interface Bridged {
  /** Of the new party. */
  sdp: LegSdp;
  /** Of the party that remains. */
  remaining: LegSdp;
}

/** Who takes the place of the transferring party, bridged with the one that remains. */
export interface Joined extends Bridged {
  party: CallParty;
  dialog: SipDialog;
  media: MediaSession;
  /** For the record: the number, or the user. */
  to: string;
  /** Called when the call gets its new party; what is returned gives the channel of a trunk back. */
  finish(): () => void;
  /** Called instead when the call ended meanwhile. */
  abandon(): void;
}
