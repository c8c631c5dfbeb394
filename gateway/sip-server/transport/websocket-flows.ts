import { silentLog, type Log } from '../../kernel/log.js';
import { bracketHost } from '../message/host-port.js';
import { DEFAULT_MESSAGE_LIMITS, type MessageLimits } from '../message/limits.js';
import { DEFAULT_CONNECTION_LIMITS } from './connection-limits.js';
import { isKeepAlive, isPing, PONG } from './keep-alive.js';
import { Receiver } from './receiver.js';
import type { Flow, Listener, NetworkAddress, TransportHandlers } from './transport.js';
import { WebSocketFlow } from './websocket-flow.js';

/** What the owner of the real WebSocket gives. */
export interface WebSocketHandlers {
  /** One SIP message, or the pong of a keep-alive, to go out as one frame. */
  onFrame(frame: Buffer): void;
  /** The SIP server ends the connection. Not called after the owner's own close(). */
  onClosed(sentence: string): void;
}

/** What the owner of the real WebSocket gets. */
export interface WebSocketPort {
  /** `host:port` of the browser, an IPv6 host in brackets. */
  readonly flowKey: string;
  /** One frame of the browser; ignored once closed. Never throws. */
  send(frame: Buffer): void;
  /** The WebSocket is gone; idempotent. */
  close(): void;
}

export interface WebSocketFlowsOptions {
  handlers: TransportHandlers;
  /** Where browsers connect; no socket is opened here. */
  local: NetworkAddress;
  /** Written into Via and Contact; `local` when absent. */
  advertised?: NetworkAddress;
  /** The name in Via; `wss` when the owner's listener speaks TLS. Default `ws`. */
  protocol?: 'ws' | 'wss';
  limits?: Readonly<MessageLimits>;
  /** Connections at the same time. Default 10000. */
  maxFlows?: number;
  /** Malformed messages on one connection; the default is that of TCP. */
  maxMalformed?: number;
  log?: Log;
}

const DEFAULT_MAX_FLOWS = 10_000;

/**
 * SIP over WebSocket (RFC 7118) without a socket of its own: the web part owns the sockets, pushes
 * frames in and gets frames out. One frame is one message.
 */
export class WebSocketFlows implements Listener {
  readonly protocol: 'ws' | 'wss';
  readonly local: NetworkAddress;
  readonly advertised: NetworkAddress;
  readonly #receiver: Receiver;
  readonly #maxFlows: number;
  readonly #maxMalformed: number;
  readonly #flows = new Map<string, WebSocketFlow>();
  #open = true;

  constructor(options: WebSocketFlowsOptions) {
    this.protocol = options.protocol ?? 'ws';
    this.local = options.local;
    this.advertised = options.advertised ?? options.local;
    this.#maxFlows = options.maxFlows ?? DEFAULT_MAX_FLOWS;
    this.#maxMalformed = options.maxMalformed ?? DEFAULT_CONNECTION_LIMITS.maxMalformed;
    this.#receiver = new Receiver({
      handlers: options.handlers,
      limits: options.limits ?? DEFAULT_MESSAGE_LIMITS,
      log: options.log ?? silentLog,
    });
  }

  /** Open connections. */
  get size(): number {
    return this.#flows.size;
  }

  /**
   * Begins a connection. One that still stands under the same address is closed first: the browser's
   * address is unique per socket, so the old one must be dead.
   * @throws Error when the server is closed or full
   */
  open(browser: NetworkAddress, handlers: WebSocketHandlers): WebSocketPort {
    if (!this.#open) throw new Error('The SIP server is closed.');
    const flowKey = keyOf(browser);
    this.#flows.get(flowKey)?.end('Another connection came from the same address.');
    if (this.#flows.size >= this.#maxFlows)
      throw new Error(`The SIP server holds ${this.#maxFlows} WebSocket connections, its limit.`);
    const flow = new WebSocketFlow({
      listener: this,
      remote: browser,
      onFrame: handlers.onFrame.bind(handlers),
      onEnd: (sentence) => {
        this.#flows.delete(flowKey);
        if (sentence !== undefined) handlers.onClosed(sentence);
      },
    });
    this.#flows.set(flowKey, flow);
    return {
      flowKey,
      send: (frame) => {
        this.#onFrame(frame, flow);
      },
      close: () => {
        flow.end();
      },
    };
  }

  /** The connection of that browser; a browser cannot be connected to (RFC 7118 section 5). */
  flowTo(remote: NetworkAddress): Promise<Flow> {
    const flow = this.#flows.get(keyOf(remote));
    return flow === undefined
      ? Promise.reject(new Error(`No WebSocket connection from ${keyOf(remote)} is open.`))
      : Promise.resolve(flow);
  }

  close(): Promise<void> {
    this.#open = false;
    for (const flow of [...this.#flows.values()]) flow.end('The SIP server is shutting down.');
    return Promise.resolve();
  }

  #onFrame(frame: Buffer, flow: WebSocketFlow): void {
    if (flow.closed.aborted) return;
    if (!isKeepAlive(frame)) {
      if (!this.#receiver.receive(frame, flow)) flow.countMalformed(this.#maxMalformed);
      return;
    }
    // RFC 5626 section 4.4.1. A failure here means that the connection ends anyway.
    if (isPing(frame)) flow.send(PONG).catch(() => undefined);
  }
}

function keyOf(address: NetworkAddress): string {
  return `${bracketHost(address.host)}:${address.port}`;
}
