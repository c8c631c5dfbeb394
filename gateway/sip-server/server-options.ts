import type { Clock } from '../kernel/clock.js';
import type { Log } from '../kernel/log.js';
import type { Secret } from '../kernel/secret.js';
import type { NetworkAddress } from './transport/transport.js';
import type { WebSocketHandlers, WebSocketPort } from './transport/websocket-flows.js';

export interface SipListenerOptions {
  protocol: 'udp';
  /** Address to bind. */
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** `host` or `host:port` written into Via and Contact where peers see another address than `host`. */
  advertised?: string;
}

export interface SipServerOptions {
  listeners: readonly SipListenerOptions[];
  /** What Via and Contact call the server on WebSockets; no socket is opened there. */
  websocket?: NetworkAddress;
  /** Where applications connect. */
  application: NetworkAddress & { secret: Secret };
  log: Log;
  clock: Clock;
}

/** What lives in the server; all zero once everything is over. */
export interface SipServerCounts {
  transactions: number;
  /** Requests that wait for a final response, in either direction. */
  waiting: number;
  dialogs: number;
  /** Open WebSockets. */
  flows: number;
  /** Registered contacts that are bound to a WebSocket. */
  bindings: number;
  /** Connected applications, authenticated or not. */
  applications: number;
  timers: number;
}

export interface SipServer {
  readonly applicationAddress: NetworkAddress;
  /** `udp/127.0.0.1:5060`, as advertised. */
  readonly contacts: readonly string[];
  /**
   * Begins a SIP connection for a browser's WebSocket that somebody else holds.
   * @throws Error (as a rejection) when the server is closed or full
   */
  openWebSocket(browser: NetworkAddress, handlers: WebSocketHandlers): Promise<WebSocketPort>;
  counts(): SipServerCounts;
  /** Sends nothing more and frees everything; idempotent. */
  close(): Promise<void>;
}
