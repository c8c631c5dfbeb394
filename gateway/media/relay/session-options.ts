import type { LegName, MediaSessionHandlers } from '../media-engine.js';
import type { RtpPipe } from '../rtp/rtp-pipe.js';
import type { LinkResources } from './leg-link.js';
import type { PromptWatch } from './prompt-watch.js';

export interface RelaySessionOptions {
  callId: string;
  resources: LinkResources;
  /** No packet for this long from a leg that is not on hold ends the session, ms. */
  timeoutMs: number;
  handlers: MediaSessionHandlers;
  /** As in MediaSessionOptions. */
  ownCertificate?: boolean;
  /** Hears prompts in the audio of the legs. */
  prompts?: PromptWatch;
  /** The pipe of a leg that has no sockets of its own. */
  pipeOf?: (leg: LegName) => RtpPipe | undefined;
}
