import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Clock, Timer } from '../kernel/clock.js';
import { CopperlineError } from '../kernel/errors.js';
import { plainAddress } from './peer-address.js';
import type { SipUplink, SipUplinkFactory, SipUplinkHandlers } from './sip-uplink.js';
import { frameOf, sendFrame } from './websocket-frames.js';

const OPEN_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 2_000;
/** Far above any SIP message; the server is ours, but a bug there must not fill our memory. */
const FRAME_LIMIT_BYTES = 1_048_576;
const BACKLOG_LIMIT_BYTES = 1_048_576;

export interface UpstreamOptions {
  /** `ws://host:port` of the drachtio-server (`sip.server.drachtio.websocket`). */
  url: string;
  clock: Clock;
}

/**
 * The way into a drachtio-server: one WebSocket per browser (RFC 7118), so that the server sees one
 * connection for each. It reports them by the address of our end, provided that no NAT lies between.
 */
export function upstreamWebSockets(options: UpstreamOptions): SipUplinkFactory {
  return {
    open: (_browser, handlers) =>
      new Promise((resolve, reject) => {
        new UpstreamWebSocket(options, handlers, { resolve, reject }).start();
      }),
  };
}

interface Opening {
  resolve(uplink: SipUplink): void;
  reject(error: CopperlineError): void;
}

class UpstreamWebSocket implements SipUplink {
  flowKey = '';
  readonly #options: UpstreamOptions;
  readonly #handlers: SipUplinkHandlers;
  readonly #socket: WebSocket;
  #opening: Opening | undefined;
  #deadline: Timer | undefined;
  #ours = false;
  /** The first thing that went wrong; what follows is only its consequence. */
  #failure: string | undefined;

  constructor(options: UpstreamOptions, handlers: SipUplinkHandlers, opening: Opening) {
    this.#options = options;
    this.#handlers = handlers;
    this.#opening = opening;
    this.#socket = new WebSocket(options.url, 'sip', {
      perMessageDeflate: false,
      maxPayload: FRAME_LIMIT_BYTES,
      followRedirects: false,
    });
  }

  start(): void {
    const socket = this.#socket;
    this.#setDeadline(OPEN_TIMEOUT_MS, `it did not answer within ${OPEN_TIMEOUT_MS / 1_000} s`);
    socket.on('upgrade', (response: IncomingMessage) => {
      const { localAddress, localPort } = response.socket;
      this.flowKey = `${plainAddress(localAddress)}:${localPort ?? 0}`;
    });
    socket.on('open', () => {
      this.#deadline?.cancel();
      this.#opening?.resolve(this);
      this.#opening = undefined;
    });
    socket.on('message', (data) => {
      if (!this.#ours) this.#handlers.onFrame(frameOf(data));
    });
    socket.on('error', (error) => {
      this.#failure ??= 'code' in error ? String(error.code) : error.message;
    });
    socket.on('close', () => {
      this.#onSocketClosed();
    });
  }

  send(frame: Buffer): void {
    const socket = this.#socket;
    if (this.#ours || socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount + frame.length > BACKLOG_LIMIT_BYTES) {
      this.#failure ??= `it leaves more than ${BACKLOG_LIMIT_BYTES} bytes unread`;
      socket.terminate();
      return;
    }
    sendFrame(socket, frame);
  }

  close(): void {
    if (this.#ours) return;
    this.#ours = true;
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    this.#socket.close(1000);
    this.#setDeadline(CLOSE_TIMEOUT_MS, 'it did not answer the close frame');
  }

  #setDeadline(delayMs: number, failure: string): void {
    this.#deadline?.cancel();
    this.#deadline = this.#options.clock.setTimer(() => {
      this.#failure ??= failure;
      this.#socket.terminate();
    }, delayMs);
  }

  #onSocketClosed(): void {
    this.#deadline?.cancel();
    const failure = this.#failure ?? 'it closed the connection';
    const sentence = `The SIP server at ${this.#options.url} is not available: ${failure}.`;
    if (this.#opening !== undefined) {
      this.#opening.reject(new CopperlineError('CL_SIP_SERVER_UNREACHABLE', { sentence }));
      this.#opening = undefined;
    } else if (!this.#ours) {
      this.#handlers.onClosed(sentence);
    }
  }
}
