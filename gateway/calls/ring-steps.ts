import type { Device } from '../signaling/user-devices.js';
import type { MediaSession } from '../media/media-engine.js';
import type { Call } from './call.js';
import type { CallContext } from './call-context.js';
import type { CallParty } from './call-party.js';

/** What ringing somebody needs of the call that they are rung for. */
export interface RingSteps {
  readonly call: Call;
  readonly context: CallContext;
  /** True for a browser that is in the call already. */
  hasDevice(device: Device): boolean;
  /** A session for one way to whoever is rung; undefined when the call is over. */
  openMedia(): Promise<MediaSession | undefined>;
  /** What that session offers them. @throws CopperlineError CL_MEDIA_SDP_*, CL_MEDIA_NO_COMMON_CODEC, CL_CALL_NO_OFFER */
  offerFor(media: MediaSession, party: CallParty): Promise<string>;
  /** Before each INVITE to somebody. */
  onInviting(): void;
  /** Somebody is rung, over that session; may be called again. */
  onRinging(media: MediaSession): void;
  /** A way led to nobody: its session is closed, unless the caller hears it. */
  release(media: MediaSession): void;
}
