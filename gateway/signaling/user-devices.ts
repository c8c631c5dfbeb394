import type { BrowserFlow } from './browser-flows.js';
import { parseSipUri } from './sip-text.js';

/** A browser that can be called now. */
export interface Device {
  /** AOR user. */
  user: string;
  /** Where an INVITE to it goes. */
  contact: string;
  /** `+sip.instance` (RFC 5626): the same after a page reload. */
  instance: string | undefined;
  flow: BrowserFlow;
}

/** Which browsers of a user can be called, and when one comes back. */
export interface UserDevices {
  /** Oldest first; only those whose WebSocket is open. */
  find(user: string): Promise<readonly Device[]>;
  /** Called for each device of the user that registers from now on, refreshes included. Returns the function that stops it. */
  onRegistered(user: string, listener: (device: Device) => void): () => void;
  /** Did the WebSocket of a device of the user close within that time, ms, without another coming since? */
  lostWithin(user: string, withinMs: number): boolean;
}

/** Whether two Contact URIs are of the same page: it makes up its user part and its host (RFC 7118 section 5), and adds parameters. */
export function sameContact(one: string, two: string | undefined): boolean {
  const [first, second] = [parseSipUri(one), two === undefined ? undefined : parseSipUri(two)];
  if (first === undefined || second === undefined) return false;
  return (
    first.user === second.user && first.hostPort.toLowerCase() === second.hostPort.toLowerCase()
  );
}
