import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from '../kernel/clock.js';
import { CopperlineError, toCopperlineError } from '../kernel/errors.js';
import { newToken } from '../kernel/ids.js';
import type { Log } from '../kernel/log.js';
import { BrowserConnection } from './browser-connection.js';
import type { BrowserFlowRegistry } from './browser-flow-registry.js';
import { originDefect } from './origin-check.js';
import { browserAddress, plainAddress } from './peer-address.js';
import type { SipUplinkFactory } from './sip-uplink.js';
import { SIP_PATH } from './sip-path.js';
import { addressKey } from './tokens/address-key.js';
import type { OneCallTokens, RedeemedToken } from './tokens/one-call-tokens.js';
import type { WebSettings } from './web-options.js';

/** RFC 7118 section 4. */
const SUBPROTOCOL = 'sip';

/** Browsers cannot set headers of a WebSocket, and proxies log its URL: the token comes as a second subprotocol. */
const TOKEN_PROTOCOL = 'copperline.token.';

export interface SipWebSocketOptions {
  settings: WebSettings;
  tokens: OneCallTokens;
  uplinks: SipUplinkFactory;
  registry: BrowserFlowRegistry;
  clock: Clock;
  log: Log;
}

/** The browsers' door into the SIP server: checks who knocks, and counts who is inside. */
export class SipWebSocketEndpoint {
  readonly #options: SipWebSocketOptions;
  readonly #server: WebSocketServer;
  readonly #connections = new Map<BrowserConnection, string>();
  readonly #perAddress = new Map<string, number>();
  readonly #idleWaiters: (() => void)[] = [];
  #closing = false;

  constructor(options: SipWebSocketOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.settings.frameLimitBytes,
      handleProtocols: () => SUBPROTOCOL,
    });
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** For the HTTP server's `upgrade` event. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', ignoreSocketError);
    const address = browserAddress(request, this.#options.settings.trustProxy);
    const knock = { request, socket, head, address };
    const token = tokenOf(request);
    if (token === undefined) this.#admit(knock, undefined);
    else void this.#redeem(token, knock);
  }

  /** Never rejects. */
  async #redeem(token: string, knock: Knock): Promise<void> {
    const { address, request } = knock;
    const bearer = { origin: request.headers.origin ?? '', address: addressKey(address) };
    try {
      this.#admit(knock, await this.#options.tokens.redeem(token, bearer));
    } catch (thrown) {
      const error = toCopperlineError(thrown, 'CL_INTERNAL');
      this.#refuse(knock, { httpStatus: error.sipStatus, error });
    }
  }

  #admit(knock: Knock, redeemed: RedeemedToken | undefined): void {
    const { request, socket, head, address } = knock;
    const refusal = this.#refusal(request, address, redeemed);
    if (refusal !== undefined) this.#refuse(knock, refusal);
    const before = this.#connections.size;
    if (refusal === undefined) {
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        socket.removeListener('error', ignoreSocketError);
        this.#accept(webSocket, knock, redeemed);
      });
    }
    // A handshake that is none, or whose browser is gone, is answered by the library, which calls nobody back.
    if (this.#connections.size === before) redeemed?.release();
  }

  #refuse({ address, socket }: Knock, { httpStatus, error }: Refusal): void {
    const { code, sentence } = error;
    this.#options.log.info({ remoteAddress: address, httpStatus, code }, `refused: ${sentence}`);
    refuseUpgrade(socket, httpStatus, JSON.stringify({ code, sentence }));
  }

  /** Every browser is told that we go away (1001). Resolves when all are gone; idempotent. */
  close(): Promise<void> {
    this.#closing = true;
    for (const connection of this.#connections.keys()) connection.close(goingAway());
    if (this.#connections.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  #accept(
    socket: WebSocket,
    { request, address }: Knock,
    redeemed: RedeemedToken | undefined,
  ): void {
    const { settings, uplinks, registry, clock } = this.#options;
    const id = newToken();
    const log = this.#options.log.child({ flow: id, remoteAddress: address });
    const { remoteAddress, remotePort } = request.socket;
    const connection = new BrowserConnection({
      ...{ socket, id, remoteAddress: address, limits: settings, uplinks, registry, clock, log },
      pass: redeemed?.pass,
      peer: { host: plainAddress(remoteAddress), port: remotePort ?? 0 },
      onClosed: () => {
        redeemed?.release();
        this.#forget(connection);
      },
    });
    this.#connections.set(connection, address);
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    log.info({ site: redeemed?.pass.site }, 'browser connected');
    connection.start();
  }

  #forget(connection: BrowserConnection): void {
    const address = this.#connections.get(connection);
    if (address === undefined) return;
    this.#connections.delete(connection);
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
    if (this.#connections.size > 0) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  /** The page of a one-call token was looked at when the token was issued, and is the same. */
  #refusal(
    request: IncomingMessage,
    address: string,
    redeemed: RedeemedToken | undefined,
  ): Refusal | undefined {
    const { settings } = this.#options;
    if (request.url?.split('?')[0] !== SIP_PATH) {
      return refuse(404, 'CL_WEB_NOT_FOUND', `Only ${SIP_PATH} is a WebSocket.`);
    }
    const origin = originDefect(settings.origins, request.headers);
    if (origin !== undefined && redeemed === undefined) return refuse(403, 'CL_WEB_ORIGIN', origin);
    if (!subprotocolsOf(request).includes(SUBPROTOCOL)) {
      return refuse(400, 'CL_WEB_SUBPROTOCOL', 'The WebSocket subprotocol sip was not offered.');
    }
    if (this.#closing) return { httpStatus: 503, error: goingAway() };
    if (this.#connections.size >= settings.maxConnections) {
      const sentence = `All ${settings.maxConnections} WebSockets are in use.`;
      return refuse(503, 'CL_WEB_CONNECTION_LIMIT', sentence);
    }
    if ((this.#perAddress.get(address) ?? 0) >= settings.maxConnectionsPerAddress) {
      const sentence = `All ${settings.maxConnectionsPerAddress} WebSockets of ${address} are in use.`;
      return refuse(429, 'CL_WEB_CONNECTION_LIMIT', sentence);
    }
    return undefined;
  }
}

/** A browser at the door. */
interface Knock {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
  address: string;
}

interface Refusal {
  httpStatus: number;
  error: CopperlineError;
}

function refuse(httpStatus: number, code: CopperlineError['code'], sentence: string): Refusal {
  return { httpStatus, error: new CopperlineError(code, { sentence }) };
}

function goingAway(): CopperlineError {
  return new CopperlineError('CL_WEB_SHUTDOWN', { sentence: 'The gateway is being stopped.' });
}

function subprotocolsOf(request: IncomingMessage): string[] {
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').map((name) => name.trim());
}

function tokenOf(request: IncomingMessage): string | undefined {
  const found = subprotocolsOf(request).find((name) => name.startsWith(TOKEN_PROTOCOL));
  return found?.slice(TOKEN_PROTOCOL.length);
}

function ignoreSocketError(): void {
  // A browser that is gone before its answer: the socket closes itself.
}

function refuseUpgrade(socket: Duplex, status: number, body: string): void {
  socket.once('finish', () => {
    socket.destroy();
  });
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
