import {
  EmitterImpl,
  TransportState,
  type Core,
  type Transport,
  type UserAgentOptions,
} from 'sip.js';
import type { PhoneOptions } from './phone-types.js';

const CONNECT_TIMEOUT_MS = 10_000;
const NORMAL_CLOSURE = 1000;

/**
 * SIP over a WebSocket (RFC 7118) that signs in by a one-call token. The token is a second subprotocol, because pages cannot set headers
 * and proxies log URLs; sip.js's own transport offers `sip` only. Opens once: a token is used up by that.
 */
class TokenTransport implements Transport {
  onConnect: (() => void) | undefined;
  onDisconnect: ((error?: Error) => void) | undefined;
  onMessage: ((message: string) => void) | undefined;
  readonly protocol: string;
  readonly stateChange = new EmitterImpl<TransportState>();
  readonly #server: string;
  readonly #token: string;
  #state = TransportState.Disconnected;
  #socket: WebSocket | undefined;
  #timeout: ReturnType<typeof setTimeout> | undefined;

  constructor(server: string, token: string) {
    this.#server = server;
    this.#token = token;
    this.protocol = server.startsWith('wss:') ? 'WSS' : 'WS';
  }

  get state(): TransportState {
    return this.#state;
  }

  isConnected(): boolean {
    return this.#state === TransportState.Connected;
  }

  connect(): Promise<void> {
    if (this.#socket !== undefined)
      return Promise.reject(new Error('A token opens one WebSocket.'));
    this.#become(TransportState.Connecting);
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(this.#server, ['sip', `copperline.token.${this.#token}`]);
      this.#socket = socket;
      this.#timeout = setTimeout(() => {
        socket.close(NORMAL_CLOSURE);
      }, CONNECT_TIMEOUT_MS);
      socket.addEventListener('open', () => {
        clearTimeout(this.#timeout);
        this.#become(TransportState.Connected);
        this.onConnect?.();
        resolve();
      });
      socket.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') this.onMessage?.(data);
        else void (data as Blob).text().then((text) => this.onMessage?.(text));
      });
      socket.addEventListener('close', () => {
        this.#closed();
        reject(new Error('The WebSocket was closed.'));
      });
    });
  }

  disconnect(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || socket.readyState >= WebSocket.CLOSING) return Promise.resolve();
    this.#become(TransportState.Disconnecting);
    return new Promise((resolve) => {
      socket.addEventListener('close', () => {
        resolve();
      });
      socket.close(NORMAL_CLOSURE);
    });
  }

  async dispose(): Promise<void> {
    await this.disconnect();
    this.stateChange.removeAllListeners();
  }

  send(message: string): Promise<void> {
    if (!this.isConnected()) return Promise.reject(new Error('Not connected.'));
    this.#socket?.send(message);
    return Promise.resolve();
  }

  #closed(): void {
    clearTimeout(this.#timeout);
    const was = this.#state;
    this.#become(TransportState.Disconnected);
    // As sip.js has it: an error only for an end that nobody here asked for.
    if (was === TransportState.Connected)
      this.onDisconnect?.(new Error('The WebSocket was closed.'));
    else if (was === TransportState.Disconnecting) this.onDisconnect?.();
  }

  #become(state: TransportState): void {
    this.#state = state;
    this.stateChange.emit(state);
  }
}

/** What makes sip.js sign in by the token; nothing without one. */
export function transportOf({
  server,
  token = '',
}: Pick<PhoneOptions, 'server' | 'token'>): Pick<UserAgentOptions, 'transportConstructor'> {
  if (token === '') return {};
  return {
    transportConstructor: class extends TokenTransport {
      constructor(_logger: Core.Logger) {
        super(server, token);
      }
    },
  };
}
