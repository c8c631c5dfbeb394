import { getList } from '../message/headers.js';
import type { SipHeader, SipRequest, SipResponse } from '../message/sip-message.js';
import { parseVia, topVia, viaBranch } from '../message/via.js';
import type { CoreContext } from '../dialog/core-context.js';
import { passedHeaders } from '../dialog/draft-headers.js';
import type { FlowChoice } from '../dialog/flow-choice.js';
import { answerTransaction } from '../dialog/incoming-request.js';
import type { Refusal } from '../dialog/inside-refusal.js';
import { localNameOf } from '../dialog/local-name.js';
import { serializeSipMessage } from '../message/serialize.js';
import type { ServerTransaction, ServerTransactionHandlers } from '../transaction/transaction.js';
import type { Flow } from '../transport/transport.js';
import { ChallengeMemory } from './challenge-memory.js';
import { FlowTokens } from './flow-tokens.js';
import { asRequestUri, forwardedCopy, hopsLeft, withoutOwnRoutes } from './forward-request.js';
import type { ProxyPlan, ProxyReporter } from './proxy-command.js';
import { ProxySearch } from './proxy-search.js';
import { ProxyRecords } from './proxy-records.js';
import { relayRoute, type RelayRoute } from './relay-route.js';

/** With room for Via and Record-Route. */
const ADDED_BYTES = 300;
/** What belongs to the request itself; an application cannot overwrite it. */
const OWN: ReadonlySet<string> = new Set(
  'from to call-id cseq max-forwards contact content-type path'.split(' '),
);
/** Requests in whose path a proxy can stay: they form dialogs, or bindings (RFC 3327). */
const RECORDED: ReadonlySet<string> = new Set('INVITE SUBSCRIBE REFER REGISTER'.split(' '));

/** The stateful proxy (RFC 3261 section 16): what applications hand over, and dialogs that it stays in the path of. */
export class Proxy {
  readonly #context: CoreContext;
  readonly #tokens: FlowTokens;
  readonly #challenges: ChallengeMemory;
  readonly #records: ProxyRecords;
  readonly #searches = new Set<ProxySearch>();
  /** Copies under way: the branch of our Via, and the request-URI that we were asked for. */
  readonly #branches = new Map<string, string>();

  constructor(context: CoreContext) {
    this.#context = context;
    this.#tokens = new FlowTokens(context.routeKey.reveal());
    this.#challenges = new ChallengeMemory(context.clock);
    this.#records = new ProxyRecords(context.records);
  }

  /** Requests whose targets have not all answered. */
  get size(): number {
    return this.#searches.size;
  }

  /** Why the request cannot be forwarded (RFC 3261 section 16.3); undefined when it can. */
  refusal(request: SipRequest): Refusal | undefined {
    if (hopsLeft(request) === 0) return { status: 483 };
    const [, ...below] = getList(request, 'Via').map(parseVia);
    const loops = below.some(
      (via) => via !== undefined && this.#branches.get(viaBranch(via)) === request.uri,
    );
    if (loops) return { status: 482 };
    // No extension asks anything of proxies that this one would do.
    const unknown = getList(request, 'Proxy-Require');
    if (unknown.length === 0) return undefined;
    return { status: 420, headers: [{ name: 'Unsupported', value: unknown.join(', ') }] };
  }

  /** Takes over a request that an application wants proxied; the caller must have asked {@link refusal}. */
  begin(
    transaction: ServerTransaction,
    plan: ProxyPlan,
    report: ProxyReporter,
  ): ServerTransactionHandlers {
    const { own, cache, flows } = this.#context;
    const { request } = withoutOwnRoutes(transaction.request, (uri) => own.has(uri));
    const planned = new Set(plan.targets);
    const bytes = (): number => serializeSipMessage(request).length + ADDED_BYTES;
    return this.#run(transaction, {
      plan: { ...plan, targets: this.#challengedFirst(request, plan.targets) },
      report,
      choose: (target) => flows.outside(target, undefined, bytes),
      build: (target, flow) => {
        // A contact that is registered, or that a redirection named, is the request's new address.
        const moved =
          own.has(request.uri) || !planned.has(target) || cache.find(target) !== undefined;
        return this.#copy(request, {
          uri: moved ? asRequestUri(target) : request.uri,
          from: transaction.flow,
          to: flow,
          plan,
        });
      },
    });
  }

  /** Proxies a new request that no application has seen. */
  take(transaction: ServerTransaction, plan: ProxyPlan): ServerTransactionHandlers | undefined {
    const refusal = this.refusal(transaction.request);
    if (refusal === undefined) return this.begin(transaction, plan, () => undefined);
    answerTransaction(this.#context, transaction, refusal);
    return undefined;
  }

  /** Relays a request in a dialog that we stay in the path of; undefined when it is no such request. */
  relay(transaction: ServerTransaction): ServerTransactionHandlers | undefined {
    const route = relayRoute(transaction.request, transaction.flow, this.#tokens);
    if (route === undefined) return undefined;
    return this.#run(transaction, {
      plan: { ...SINGLE, targets: [route.nextHop] },
      report: () => undefined,
      choose: () => this.#chooseFor(route),
      build: () =>
        forwardedCopy(route.request, { uri: route.request.uri, recordRoutes: [], headers: [] }),
    });
  }

  /** The same for the ACK of a 2xx, which has no transaction. */
  relayAck(ack: SipRequest, from: Flow): boolean {
    const route = relayRoute(ack, from, this.#tokens);
    if (route === undefined) return false;
    if (hopsLeft(ack) === 0) return true;
    const { request } = route;
    this.#chooseFor(route)
      .then((choice) => {
        if (choice.kind !== 'flow') return;
        const copy = forwardedCopy(request, { uri: request.uri, recordRoutes: [], headers: [] });
        this.#context.transactions().sendStateless(copy, choice.flow);
      })
      .catch((error: unknown) => {
        this.#context.log.error({ err: error }, 'an ACK was not relayed: bug');
      });
    return true;
  }

  close(): void {
    for (const search of this.#searches) search.close();
    this.#searches.clear();
    this.#branches.clear();
    this.#challenges.close();
    this.#tokens.close();
  }

  #run(
    transaction: ServerTransaction,
    how: {
      plan: Pick<ProxyPlan, 'targets' | 'followRedirects' | 'simultaneous'> & Timeouts;
      report: ProxyReporter;
      choose(target: string): Promise<FlowChoice>;
      build(target: string, flow: Flow): SipRequest;
    },
  ): ProxySearch {
    const branches: string[] = [];
    const search = new ProxySearch({
      context: this.#context,
      transaction,
      ...how,
      onSent: (request) => {
        this.#records.sent(request);
        const via = topVia(request);
        if (via === undefined) return;
        branches.push(viaBranch(via));
        this.#branches.set(viaBranch(via), transaction.request.uri);
      },
      onAnswer: (target, response) => {
        this.#learn(transaction, target, response);
      },
      onDecided: (response) => {
        this.#records.decided(transaction.request, response);
      },
      onOver: () => {
        this.#searches.delete(search);
        for (const branch of branches) this.#branches.delete(branch);
      },
    });
    this.#searches.add(search);
    search.start();
    return search;
  }

  #learn({ request, flow }: ServerTransaction, target: string, response: SipResponse): void {
    const { status } = response;
    if (status === 401 || status === 407) this.#challenges.remember(response, target);
    if (request.method === 'REGISTER' && status < 300)
      this.#context.cache.onAccepted(request, response, flow);
  }

  #challengedFirst(request: SipRequest, targets: readonly string[]): readonly string[] {
    const challenger = this.#challenges.find(request);
    if (challenger === undefined || !targets.includes(challenger)) return targets;
    return [challenger, ...targets.filter((target) => target !== challenger)];
  }

  #chooseFor(route: RelayRoute): Promise<FlowChoice> {
    return route.flow === undefined
      ? this.#context.flows.outside(route.nextHop, undefined)
      : Promise.resolve({ kind: 'flow', flow: route.flow });
  }

  #copy(
    request: SipRequest,
    how: { uri: string; from: Flow; to: Flow; plan: ProxyPlan },
  ): SipRequest {
    const { uri, from, to, plan } = how;
    const stays = plan.remainInDialog && RECORDED.has(request.method);
    const headers: SipHeader[] = passedHeaders(plan.headers, localNameOf(to), OWN);
    const recordRoutes = stays ? this.#tokens.recordRoutes(request, from, to) : [];
    return forwardedCopy(request, { uri, recordRoutes, headers });
  }
}

interface Timeouts {
  provisionalTimeoutMs: number | undefined;
  finalTimeoutMs: number | undefined;
}

const SINGLE = {
  followRedirects: false,
  simultaneous: false,
  provisionalTimeoutMs: undefined,
  finalTimeoutMs: undefined,
};
