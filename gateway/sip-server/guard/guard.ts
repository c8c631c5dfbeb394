import type { Clock } from '../../kernel/clock.js';
import type { Log } from '../../kernel/log.js';
import type { DialogStore } from '../dialog/dialog-store.js';
import { getHeader, hasHeader } from '../message/headers.js';
import { tagOf } from '../message/name-addr.js';
import { createResponse } from '../message/response.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { SipMessage, SipRequest } from '../message/sip-message.js';
import type { Flow, NetworkAddress } from '../transport/transport.js';
import type { Countermeasure, GuardOptions, KnownCaller } from './guard-options.js';
import { addressKey, GuardedFlow } from './guarded-flow.js';
import { RateLimiter } from './rate-limiter.js';
import type { SourceCounts } from './source-counts.js';
import { TrustedNetworks } from './trusted-networks.js';
import { UdpLedger } from './udp-ledger.js';

/** IANA's registry of SIP methods. */
const METHODS: ReadonlySet<string> = new Set(
  'ACK BYE CANCEL INFO INVITE MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER SUBSCRIBE UPDATE'.split(
    ' ',
  ),
);

export interface GuardParts {
  options: GuardOptions;
  clock: Clock;
  log: Log;
  dialogs: DialogStore;
  counts: SourceCounts;
  /** Everybody is known when absent. */
  isKnown: KnownCaller | undefined;
}

/** Stands between the transports and the transactions: lets through what is worth a transaction. */
export class Guard {
  readonly #parts: GuardParts;
  readonly #trusted: TrustedNetworks;
  readonly #limiter: RateLimiter;
  readonly #ledger: UdpLedger;
  readonly #agents: readonly string[];

  /** @throws Error when a trusted network is none */
  constructor(parts: GuardParts) {
    const { options, clock } = parts;
    this.#parts = parts;
    this.#trusted = new TrustedNetworks(options.trusted);
    this.#limiter = new RateLimiter(clock, options);
    this.#ledger = new UdpLedger(clock, options.unverifiedSuccessCopies);
    this.#agents = options.scannerAgents.map((agent) => agent.toLowerCase());
  }

  /** The flow to handle the message with; undefined when it is not to be handled. */
  admit(message: SipMessage, flow: Flow): Flow | undefined {
    const source = flow.remote.host;
    if (this.#trusted.has(source)) return flow;
    if (this.#limiter.banned(source)) return undefined;
    if (message.kind === 'response') return flow;
    const guarded = flow.protocol === 'udp' ? this.#booked(message, flow) : flow;
    const inside = tagOf(getHeader(message, 'To')) !== undefined;
    // What belongs to a call, or ends one, is not held up by the rate of new ones.
    if (inside && METHODS.has(message.method)) return guarded;
    if (message.method === 'ACK' || message.method === 'CANCEL') return guarded;
    return this.#admitNew(message, guarded) ? guarded : undefined;
  }

  /** The flow to answer a malformed request over; undefined when it is to have no answer. */
  admitMalformed(flow: Flow, bytes: number): Flow | undefined {
    const source = flow.remote.host;
    if (this.#trusted.has(source)) return flow;
    if (this.#limiter.banned(source) || !this.#withinRate(source)) return undefined;
    if (flow.protocol !== 'udp') return flow;
    this.#ledger.received(addressKey(flow.remote), bytes);
    return new GuardedFlow(flow, this.#ledger, false);
  }

  /** May a STUN request be answered? A forged source gets no more bytes than it sent here, either. */
  admitStun(remote: NetworkAddress, received: number, answer: number): boolean {
    const source = remote.host;
    if (this.#trusted.has(source)) return true;
    if (this.#limiter.banned(source) || !this.#withinRate(source)) return false;
    const key = addressKey(remote);
    this.#ledger.heard(key, received);
    return this.#ledger.allows(key, 0, answer);
  }

  #withinRate(source: string): boolean {
    const rate = this.#limiter.take(source);
    if (rate === 'ban') this.#note(source, 'source banned for its rate of requests');
    return rate === 'pass';
  }

  #admitNew(request: SipRequest, flow: Flow): boolean {
    const source = flow.remote.host;
    const { options, counts } = this.#parts;
    if (!this.#withinRate(source)) return false;
    if (!METHODS.has(request.method) && !this.#tolerates(options.unknownMethods, request, flow))
      return false;
    if (this.#isScanner(request) && !this.#tolerates(options.scanners, request, flow)) return false;
    if (this.#isStranger(request, flow) && !this.#tolerates(options.strangers, request, flow))
      return false;
    if (counts.of(source) < options.transactionsPerSource) return true;
    this.#answer(request, flow, 503);
    return false;
  }

  /** Takes the countermeasure; true when that is none. */
  #tolerates(measure: Countermeasure, request: SipRequest, flow: Flow): boolean {
    if (measure === 'answer') return true;
    if (measure === 'forbid') this.#answer(request, flow, 403);
    if (measure === 'ban') {
      this.#limiter.ban(flow.remote.host);
      this.#note(flow.remote.host, 'source banned for what it sent');
    }
    return false;
  }

  #isStranger({ uri }: SipRequest, { protocol, remote }: Flow): boolean {
    const { isKnown, options } = this.#parts;
    if (isKnown === undefined || options.strangers === 'answer') return false;
    return protocol !== 'ws' && protocol !== 'wss' && !isKnown(uri, remote.host);
  }

  #isScanner(request: SipRequest): boolean {
    const agent = getHeader(request, 'User-Agent')?.toLowerCase();
    return agent !== undefined && this.#agents.some((known) => agent.includes(known));
  }

  #booked(request: SipRequest, flow: Flow): Flow {
    const key = addressKey(flow.remote);
    this.#ledger.received(key, lengthOf(request));
    // A tag of ours can only come from who has received it.
    if (this.#parts.dialogs.forRequest(request) !== undefined) this.#ledger.verify(key);
    const credentials = hasHeader(request, 'Authorization');
    return new GuardedFlow(
      flow,
      this.#ledger,
      credentials || hasHeader(request, 'Proxy-Authorization'),
    );
  }

  /** Without a transaction: each copy of the request gets the same answer. */
  #answer(request: SipRequest, flow: Flow, status: number): void {
    const response = createResponse(request, { status, toTag: 'guard' });
    flow.send(serializeSipMessage(response)).catch((error: unknown) => {
      this.#parts.log.debug({ err: error, status }, 'a refusal was not sent');
    });
  }

  #note(source: string, what: string): void {
    this.#parts.log.warn({ source, seconds: this.#parts.options.banSeconds }, what);
  }
}

/** About its size on the wire, and never more. */
function lengthOf({ method, uri, headers, body }: SipRequest): number {
  let length = method.length + uri.length + ' SIP/2.0 '.length + 4 + body.length;
  for (const { name, value } of headers) length += name.length + value.length + 3;
  return length;
}
