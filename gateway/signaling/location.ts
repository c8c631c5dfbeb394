/** Where a user can be reached: one binding per device (RFC 3261 section 10). */
export interface Binding {
  /** AOR user. */
  user: string;
  /** Contact URI as the device wrote it; the key within its user. */
  contact: string;
  /** The WebSocket it registered on. */
  flowId: string;
  /** Call-ID and CSeq of the REGISTER, for its order. */
  callId: string;
  cseq: number;
  /** Monotonic ms of the gateway's clock. */
  expiresAt: number;
  /** `+sip.instance` (RFC 5626), to recognise a device after a page reload. */
  instance: string | undefined;
  userAgent: string | undefined;
}

/**
 * Remembers bindings. Asynchronous because a store may be elsewhere; the registrar serialises its
 * changes, so an implementation need not.
 */
export interface LocationStore {
  /** Bindings of a user, oldest first; expired ones are never returned. */
  find(user: string): Promise<readonly Binding[]>;
  /** Adds a binding or replaces the one with the same user and contact. */
  save(binding: Binding): Promise<void>;
  remove(user: string, contact: string): Promise<void>;
  /** All bindings that have not expired. */
  count(): Promise<number>;
}
