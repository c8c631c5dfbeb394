import type { Clock } from '../../kernel/clock.js';
import { BoundedMap } from './bounded-map.js';

interface Account {
  received: number;
  sent: number;
  successCopies: number;
  verified: boolean;
  at: number;
}

/** A refusal, with the challenge that it may carry. */
const FINAL_BYTES = 600;
const MAX_ACCOUNTS = 20_000;
/** Longer than any transaction; a verified source proves itself again with its next call. */
const FORGET_MS = 120_000;

/**
 * The source of a datagram may be forged, and what is sent there hits somebody else. So an address gets no more bytes
 * than came from it, until it has shown that it receives what is sent to it.
 */
export class UdpLedger {
  readonly #clock: Clock;
  readonly #successCopies: number;
  readonly #accounts = new BoundedMap<Account>(MAX_ACCOUNTS);

  constructor(clock: Clock, successCopies: number) {
    this.#clock = clock;
    this.#successCopies = successCopies;
  }

  /** A request came; each one is worth its bytes, and a few copies of a 2xx. */
  received(address: string, bytes: number): void {
    const account = this.#account(address);
    account.received += bytes;
    account.successCopies = 0;
  }

  /** Something came that has no 2xx. */
  heard(address: string, bytes: number): void {
    this.#account(address).received += bytes;
  }

  /** The address has repeated something that was only ever sent to it. */
  verify(address: string): void {
    this.#account(address).verified = true;
  }

  /** May a response of this status (0: none of SIP) and size go there? It is booked if so. */
  allows(address: string, status: number, bytes: number): boolean {
    const account = this.#account(address);
    if (account.verified) return true;
    if (status >= 200 && status < 300) {
      account.successCopies += 1;
      return account.successCopies <= this.#successCopies;
    }
    // A caller that has its 100 sends no further copy, so what is left must do for the final response.
    const kept = status === 100 ? FINAL_BYTES : 0;
    if (account.sent + bytes + kept > account.received) return false;
    account.sent += bytes;
    return true;
  }

  #account(address: string): Account {
    const now = this.#clock.monotonic();
    const known = this.#accounts.get(address);
    if (known !== undefined && now - known.at < FORGET_MS) {
      known.at = now;
      return known;
    }
    const fresh = { received: 0, sent: 0, successCopies: 0, verified: false, at: now };
    this.#accounts.set(address, fresh);
    return fresh;
  }
}
