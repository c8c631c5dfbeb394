import type { Clock } from '../kernel/clock.js';
import type { Log } from '../kernel/log.js';
import type { Secret } from '../kernel/secret.js';
import type { RequestHandler } from './app-protocol/request-handlers.js';
import type { GuardOptions, KnownCaller } from './guard/guard-options.js';
import type { MessageLimits } from './message/limits.js';
import type { DnsResolver } from './next-hop/dns-resolver.js';
import type { ConnectionLimits } from './transport/connection-limits.js';
import type { TlsSettings } from './transport/tls-keys.js';
import type { NetworkAddress } from './transport/transport.js';
import type { WebSocketHandlers, WebSocketPort } from './transport/websocket-flows.js';

interface ListenerPlace {
  /** Address to bind, IPv4 or IPv6; `0.0.0.0` and `::` stand for all of their family. */
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** `host` or `host:port` written into Via and Contact where peers see another address than `host`. */
  advertised?: string;
}

interface ConnectionListener extends ListenerPlace {
  limits?: Partial<ConnectionLimits>;
}

export type SipListenerOptions =
  | (ListenerPlace & { protocol: 'udp' })
  | (ConnectionListener & { protocol: 'tcp' | 'ws' })
  | (ConnectionListener & { protocol: 'tls' | 'wss'; tls: TlsSettings });

export interface SipServerOptions {
  listeners: readonly SipListenerOptions[];
  /** What Via and Contact call the server on WebSockets; no socket is opened there. */
  websocket?: NetworkAddress;
  /** Where applications connect. */
  application: NetworkAddress & { secret: Secret };
  /** Where applications connect over TLS, besides; the secret is the same. */
  applicationTls?: NetworkAddress & { tls: TlsSettings };
  /** Who decides on new requests instead of the applications' own `route` commands. Default: nobody. */
  requestHandlers?: readonly RequestHandler[];
  /**
   * Who refreshes a session (RFC 4028) when the peer's offer leaves that open: `uac`, the peer, or `uas`, the server.
   * Without it such an offer gets no session timer.
   */
  defaultRefresher?: 'uac' | 'uas';
  /**
   * Signs the Record-Routes of proxied dialogs; give one that stays the same, and they survive a restart of the
   * server. Random when absent.
   */
  routeKey?: Secret;
  /** Against floods and scanners; what is not named keeps its default (`guard/guard-options.ts`). */
  guard?: Partial<GuardOptions>;
  /** Who is no stranger to the guard; everybody when absent. */
  isKnown?: KnownCaller | undefined;
  /** What peers may make us hold for one message; what is not named keeps its default (`message/limits.ts`). */
  messageLimits?: Partial<MessageLimits>;
  /** Who is asked for host names (RFC 3263); DNS as this machine is configured when absent. */
  resolver?: DnsResolver;
  log: Log;
  clock: Clock;
}

/** What lives in the server; all zero once everything is over. */
export interface SipServerCounts {
  transactions: number;
  /** Requests that wait for a final response, in either direction. */
  waiting: number;
  dialogs: number;
  /** Open connections: TCP, TLS, WebSockets. */
  flows: number;
  /** Registered contacts that are bound to a WebSocket. */
  bindings: number;
  /** Connected applications, authenticated or not. */
  applications: number;
  timers: number;
}

export interface SipServer {
  readonly applicationAddress: NetworkAddress;
  /** Undefined when applications are not served over TLS. */
  readonly applicationTlsAddress: NetworkAddress | undefined;
  /** `udp/127.0.0.1:5060`, as advertised. */
  readonly contacts: readonly string[];
  /**
   * Begins a SIP connection for a browser's WebSocket that somebody else holds.
   * @throws Error (as a rejection) when the server is closed or full
   */
  openWebSocket(browser: NetworkAddress, handlers: WebSocketHandlers): Promise<WebSocketPort>;
  counts(): SipServerCounts;
  /** Responses dropped since the start because their Via named an address that is not ours (RFC 3261 section 18.1.2). */
  readonly foreignResponses: number;
  /**
   * Reads the certificate files of all TLS and WSS listeners again; it also happens by itself within a minute
   * after a file has changed.
   * @throws CopperlineError CL_START_CERTIFICATE (as a rejection); the certificates before it stay in use
   */
  reloadCertificates(): Promise<void>;
  /** Sends nothing more and frees everything; idempotent. */
  close(): Promise<void>;
}
