import type { Clock, Timer } from '../../kernel/clock.js';
import { getHeader, getList } from '../message/headers.js';
import { parseNameAddr, type NameAddr } from '../message/name-addr.js';
import { getParam } from '../message/params.js';
import type { SipRequest, SipResponse } from '../message/sip-message.js';
import { parseSipUri } from '../message/uri.js';
import type { Flow } from '../transport/transport.js';

interface Entry {
  flow: Flow;
  expiry: Timer;
  /** Clock.monotonic. */
  expiresAt: number;
}

/**
 * Contacts that one connection may have: an office exchange registers all its phones over one. Beyond, its oldest is
 * forgotten, so that a peer can make nobody but itself unreachable.
 */
const MAX_CONTACTS_PER_FLOW = 1_000;

/** A day: longer registrations exist on no real network, and a timer takes at most 2^31 ms. */
const MAX_EXPIRY_SECONDS = 86_400;

/**
 * How long a contact is still known, as gone, after its connection closed. Whoever reconnects under a new name each time
 * would else be remembered under all of them until their registrations expire.
 */
const GONE_SECONDS = 60;

/**
 * Which connection leads to a registered contact. The host of a browser's Contact is a random name under
 * `.invalid` (RFC 7118 section 5), so only the connection that it registered over can reach it.
 */
export class ConnectionCache {
  readonly #entries = new Map<string, Entry>();
  /** The keys of each connection, the oldest first. */
  readonly #keysOf = new Map<Flow, Set<string>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * The application accepted a REGISTER or SUBSCRIBE that came over a connection: remembers (or forgets, for
   * an expiry of 0) its contact for as long as the response says. A response without expiry says nothing.
   */
  onAccepted(request: SipRequest, response: SipResponse, flow: Flow): void {
    if (!flow.reliable) return;
    for (const value of getList(request, 'Contact')) {
      const contact = parseNameAddr(value);
      const key = contactKey(contact?.uri);
      if (contact === undefined || key === undefined) continue;
      const seconds = grantedSeconds(request, contact, response);
      if (seconds === undefined) continue;
      this.#forget(key);
      if (seconds > 0) this.#remember(key, flow, seconds);
    }
  }

  /** The connection for a request-URI, even if it closed a moment ago; undefined when there is none. */
  find(uri: string): Flow | undefined {
    const key = contactKey(uri);
    return key === undefined ? undefined : this.#entries.get(key)?.flow;
  }

  close(): void {
    for (const key of [...this.#entries.keys()]) this.#forget(key);
  }

  #remember(key: string, flow: Flow, seconds: number): void {
    const delayMs =
      Math.min(seconds, flow.closed.aborted ? GONE_SECONDS : MAX_EXPIRY_SECONDS) * 1000;
    const expiry = this.#clock.setTimer(() => {
      this.#forget(key);
    }, delayMs);
    this.#entries.set(key, { flow, expiry, expiresAt: this.#clock.monotonic() + delayMs });
    const keys = this.#keysOfOpen(flow);
    if (keys === undefined) return;
    keys.add(key);
    const [oldest] = keys;
    if (keys.size > MAX_CONTACTS_PER_FLOW && oldest !== undefined) this.#forget(oldest);
  }

  /** Undefined for a connection that is closed: nothing can be added there. */
  #keysOfOpen(flow: Flow): Set<string> | undefined {
    const known = this.#keysOf.get(flow);
    if (known !== undefined || flow.closed.aborted) return known;
    const keys = new Set<string>();
    this.#keysOf.set(flow, keys);
    const onClosed = (): void => {
      this.#keysOf.delete(flow);
      for (const key of keys) this.#shorten(key);
    };
    flow.closed.addEventListener('abort', onClosed, { once: true });
    return keys;
  }

  #shorten(key: string): void {
    const entry = this.#entries.get(key);
    const limit = this.#clock.monotonic() + GONE_SECONDS * 1000;
    if (entry === undefined || entry.expiresAt <= limit) return;
    entry.expiry.cancel();
    this.#remember(key, entry.flow, GONE_SECONDS);
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.expiry.cancel();
    this.#entries.delete(key);
    this.#keysOf.get(entry.flow)?.delete(key);
  }
}

function contactKey(uri: string | undefined): string | undefined {
  const parsed = uri === undefined ? undefined : parseSipUri(uri);
  return parsed === undefined ? undefined : `${parsed.user ?? ''}@${parsed.host.toLowerCase()}`;
}

/**
 * RFC 3261 section 10.2.4: the expiry that the response gives this contact, else its first contact (an
 * application may write it differently), else its Expires header.
 */
function grantedSeconds(
  request: SipRequest,
  contact: NameAddr,
  response: SipResponse,
): number | undefined {
  const asked = getParam(contact.params, 'expires') ?? getHeader(request, 'Expires');
  if (asked !== undefined && Number(asked) === 0) return 0;
  // The Contact of a 2xx to SUBSCRIBE is the notifier's own.
  const granted =
    request.method === 'REGISTER'
      ? getList(response, 'Contact').flatMap((value) => parseNameAddr(value) ?? [])
      : [];
  const key = contactKey(contact.uri);
  const own = granted.find(({ uri }) => contactKey(uri) === key) ?? granted[0];
  const value =
    (own === undefined ? undefined : getParam(own.params, 'expires')) ??
    getHeader(response, 'Expires');
  return value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : undefined;
}
