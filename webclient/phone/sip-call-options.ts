import type { Session, URI } from 'sip.js';
import type { DigitTiming } from './digits.js';
import type { RemoteParty } from './remote-party.js';
import type { Timers } from './timers.js';

export interface SipCallOptions {
  session: Session;
  remote: RemoteParty;
  digitTiming: DigitTiming;
  timers: Timers;
  /** False while the WebSocket is down: nothing can be asked of the server then. */
  signalling: () => boolean;
  /** The audio has no path any more: ask the server whether it hears us, then call signallingBack() of every call. */
  pathBroken: () => void;
  targetOf: (number: string) => URI;
}

/** The part of a sip.js message that decides something here. */
export interface Message {
  statusCode?: number | undefined;
  body: string;
  getHeader(name: string): string | undefined;
  getHeaders(name: string): string[];
}
