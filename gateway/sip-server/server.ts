import { setImmediate } from 'node:timers/promises';
import { newToken } from '../kernel/ids.js';
import { Secret } from '../kernel/secret.js';
import { ApplicationSide } from './app-protocol/application-side.js';
import { CountingClock } from './counting-clock.js';
import type { ApplicationCommands, Applications } from './dialog/application.js';
import { CallRecords } from './dialog/call-records.js';
import { ConnectionCache } from './dialog/connection-cache.js';
import { DialogStore } from './dialog/dialog-store.js';
import { FlowSelector } from './dialog/flow-selector.js';
import { hostPortOf } from './dialog/local-name.js';
import { OwnAddresses } from './dialog/own-addresses.js';
import { SipCore } from './dialog/sip-core.js';
import { DEFAULT_GUARD } from './guard/guard-options.js';
import { Guard } from './guard/guard.js';
import { SourceCounts } from './guard/source-counts.js';
import { DEFAULT_MESSAGE_LIMITS, type MessageLimits } from './message/limits.js';
import { DnsNextHop } from './next-hop/dns-next-hop.js';
import { systemResolver } from './next-hop/dns-resolver.js';
import type { NextHop } from './next-hop/next-hop.js';
import { openListener } from './open-listener.js';
import type {
  SipListenerOptions,
  SipServer,
  SipServerCounts,
  SipServerOptions,
} from './server-options.js';
import {
  createTransactionLayer,
  type RunningTransactionLayer,
} from './transaction/transaction-layer.js';
import { CertificateWatch } from './transport/certificate-watch.js';
import { OwnVia } from './transport/own-via.js';
import { TlsKeys } from './transport/tls-keys.js';
import type { Listener, NetworkAddress, TransportHandlers } from './transport/transport.js';
import { WebSocketFlows } from './transport/websocket-flows.js';

/** The protocol level of a drachtio-server whose applications this server serves; clients look at it. */
const PROTOCOL_VERSION = 'v0.9.10-copperline';
const DEFAULT_WEBSOCKET: NetworkAddress = { host: 'copperline.invalid', port: 80 };

/**
 * Starts the embedded SIP server: SIP below, the drachtio application protocol above. It knows nothing of
 * calls: whatever it does with a request, an application told it to.
 * @throws CopperlineError CL_START_PORT_IN_USE (as a rejection) when an address cannot be bound; nothing stays open then
 */
export async function startSipServer(options: SipServerOptions): Promise<SipServer> {
  const server = new EmbeddedSipServer(options);
  try {
    await server.start();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

class EmbeddedSipServer implements SipServer {
  readonly contacts: string[] = [];
  applicationAddress: NetworkAddress;
  applicationTlsAddress: NetworkAddress | undefined;
  readonly #options: SipServerOptions;
  readonly #messageLimits: MessageLimits;
  readonly #clock: CountingClock;
  readonly #websockets: WebSocketFlows;
  /** Filled by {@link start}; the parts that hold it see what is added. */
  readonly #listeners: Listener[] = [];
  readonly #ownVia: OwnVia;
  readonly #dialogs = new DialogStore();
  readonly #cache: ConnectionCache;
  readonly #nextHop: NextHop;
  readonly #certificates: CertificateWatch;
  readonly #endings = new Set<Promise<unknown>>();
  #core: SipCore | undefined;
  #guard: Guard | undefined;
  #transactions: RunningTransactionLayer | undefined;
  #applications: ApplicationSide | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: SipServerOptions) {
    this.#options = options;
    this.#messageLimits = { ...DEFAULT_MESSAGE_LIMITS, ...options.messageLimits };
    this.#clock = new CountingClock(options.clock);
    this.#ownVia = new OwnVia(this.#listeners, options.log);
    this.#cache = new ConnectionCache(this.#clock);
    this.#nextHop = new DnsNextHop({
      resolver: options.resolver ?? systemResolver(),
      clock: this.#clock,
      random: Math.random,
    });
    this.#certificates = new CertificateWatch(this.#clock, options.log);
    this.applicationAddress = options.application;
    this.#websockets = new WebSocketFlows({
      handlers: this.#handlers(),
      local: options.websocket ?? DEFAULT_WEBSOCKET,
      limits: this.#messageLimits,
      log: options.log,
    });
  }

  async start(): Promise<void> {
    for (const listener of this.#options.listeners)
      this.#listeners.push(await this.#listen(listener));
    const named = this.#options.websocket === undefined ? [] : [this.#websockets];
    this.contacts.push(
      ...[...this.#listeners, ...named].map(
        ({ protocol, advertised }) => `${protocol}/${hostPortOf(advertised)}`,
      ),
    );
    const locals = this.#listeners.map(({ protocol, local }) => `${protocol}/${hostPortOf(local)}`);
    this.#listeners.push(this.#websockets);
    const greeting = [this.contacts.join(','), PROTOCOL_VERSION, locals.join(',')];
    await this.#serveApplications(this.#assemble(), greeting);
  }

  openWebSocket(
    ...[browser, handlers]: Parameters<SipServer['openWebSocket']>
  ): ReturnType<SipServer['openWebSocket']> {
    try {
      return Promise.resolve(this.#websockets.open(browser, handlers));
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  get foreignResponses(): number {
    return this.#ownVia.dropped;
  }

  counts(): SipServerCounts {
    return {
      transactions: this.#transactions?.size ?? 0,
      waiting: this.#core?.waiting ?? 0,
      dialogs: this.#dialogs.size,
      flows: this.#openConnections(),
      bindings: this.#cache.size,
      applications: this.#applications?.size ?? 0,
      timers: this.#clock.pending,
    };
  }

  reloadCertificates(): Promise<void> {
    return this.#certificates.reload();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Applications first: what they leave behind is ended with a BYE or a refusal while there is a network. */
  async #close(): Promise<void> {
    this.#certificates.stop();
    await this.#applications?.close();
    await Promise.all(this.#endings);
    // The last datagrams reach the kernel in this turn of the event loop.
    await setImmediate();
    await this.#websockets.close();
    this.#core?.close();
    this.#transactions?.close();
    this.#nextHop.close();
    await Promise.all(this.#listeners.map((listener) => listener.close()));
  }

  #openConnections(): number {
    const open = this.#listeners.reduce((sum, { size = 0 }) => sum + size, 0);
    return this.#listeners.includes(this.#websockets) ? open : open + this.#websockets.size;
  }

  #handlers(): TransportHandlers {
    return {
      onMessage: (message, flow) => {
        if (message.kind === 'response' && !this.#ownVia.admits(message, flow)) return;
        const admitted = this.#guard?.admit(message, flow);
        if (admitted !== undefined) this.#transactions?.handleMessage(message, admitted);
      },
      admitMalformed: (flow, bytes) => this.#guard?.admitMalformed(flow, bytes),
      admitStun: (...asked) => this.#guard?.admitStun(...asked) ?? false,
      onMalformed: (flow, why) => {
        this.#options.log.info({ remote: flow.remote, why }, 'malformed SIP message');
      },
    };
  }

  async #listen(options: SipListenerOptions): Promise<Listener> {
    const parts = {
      handlers: this.#handlers(),
      messageLimits: this.#messageLimits,
      clock: this.#clock,
      log: this.#options.log,
    };
    const { listener, keys } = await openListener(options, parts);
    if (keys !== undefined) this.#certificates.add(keys);
    return listener;
  }

  #assemble(): ApplicationCommands {
    const { log } = this.#options;
    const applications: Applications = {
      pick: (method) => this.#applications?.pick(method),
      methods: () => this.#applications?.methods() ?? [],
      ask: (...asked) => this.#applications?.ask(...asked),
    };
    const core: SipCore = new SipCore({
      clock: this.#clock,
      log,
      applications,
      dialogs: this.#dialogs,
      cache: this.#cache,
      flows: new FlowSelector({
        listeners: this.#listeners,
        cache: this.#cache,
        nextHop: this.#nextHop,
        clock: this.#clock,
      }),
      own: new OwnAddresses(this.#listeners),
      records: new CallRecords(applications),
      defaultRefresher: this.#options.defaultRefresher,
      routeKey: this.#options.routeKey ?? new Secret(newToken(32)),
      fallbackName: {
        ...(this.#listeners[0]?.advertised ?? DEFAULT_WEBSOCKET),
        transportParam: '',
      },
      transactions: () => layer,
      endings: this.#endings,
    });
    const counts = new SourceCounts(core);
    const layer = createTransactionLayer({ clock: this.#clock, transactionUser: counts, log });
    const options = { ...DEFAULT_GUARD, ...this.#options.guard };
    this.#guard = new Guard({
      ...{ options, clock: this.#clock, log, dialogs: this.#dialogs, counts },
      isKnown: this.#options.isKnown,
    });
    this.#core = core;
    this.#transactions = layer;
    return core;
  }

  async #serveApplications(commands: ApplicationCommands, greeting: string[]): Promise<void> {
    const { application, applicationTls, log, requestHandlers = [] } = this.#options;
    const { secret } = application;
    const services = { secret, greeting, commands, clock: this.#clock, log };
    const side = new ApplicationSide({ services, handlers: requestHandlers });
    this.#applications = side;
    this.applicationAddress = await side.listen(application);
    if (applicationTls === undefined) return;
    const keys = await TlsKeys.load(applicationTls.tls);
    this.#certificates.add(keys);
    this.applicationTlsAddress = await side.listen(applicationTls, keys);
  }
}
