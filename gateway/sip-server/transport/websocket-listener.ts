import { isUtf8 } from 'node:buffer';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import {
  openConnectionListener,
  type ConnectionListenerOptions,
  type ConnectionPort,
  type SocketTaker,
} from './connection-listener.js';
import { Deadline } from './deadline.js';
import type { Flow, Listener, NetworkAddress, RemoteTarget } from './transport.js';
import { WebSocketFlows, type WebSocketPort } from './websocket-flows.js';

/** RFC 7118 section 4. */
const SUBPROTOCOL = 'sip';
/** RFC 6455 section 7.4.1. */
const GOING_AWAY = 1001;

/**
 * SIP over WebSocket (RFC 7118) on a port of the server's own, any path, any origin: who may come is for the
 * application to decide by authentication.
 * @throws CopperlineError CL_START_PORT_IN_USE (as a rejection) when the address cannot be bound
 */
export function listenWebSocket(options: ConnectionListenerOptions): Promise<Listener> {
  return openConnectionListener(options, (port) => new WebSocketListener(port));
}

class WebSocketListener implements Listener, SocketTaker {
  readonly protocol: 'ws' | 'wss';
  readonly local: NetworkAddress;
  readonly advertised: NetworkAddress;
  readonly #port: ConnectionPort;
  readonly #http: Server;
  readonly #upgrader: WebSocketServer;
  readonly #flows: WebSocketFlows;
  /** From the accepted connection to its first SIP message; then to its next. */
  readonly #deadlines = new Map<Socket, Deadline>();
  #closing: Promise<void> | undefined;

  constructor(port: ConnectionPort) {
    const { messageLimits } = port;
    this.#port = port;
    this.protocol = port.keys === undefined ? 'ws' : 'wss';
    this.local = port.local;
    this.advertised = port.advertised;
    this.#flows = new WebSocketFlows({
      handlers: port.handlers,
      local: this.local,
      advertised: this.advertised,
      protocol: this.protocol,
      limits: messageLimits,
      maxFlows: port.limits.maxConnections,
      maxMalformed: port.limits.maxMalformed,
      log: port.log,
    });
    this.#upgrader = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: messageLimits.maxMessageBytes,
      handleProtocols: () => SUBPROTOCOL,
    });
    this.#http = this.#createHttp();
  }

  get size(): number {
    return this.#flows.size;
  }

  accept(socket: Socket): void {
    const deadline = new Deadline(this.#port.clock, () => {
      this.#port.log.debug({ remote: socket.remoteAddress }, 'a silent WebSocket was closed');
      socket.destroy();
    });
    this.#deadlines.set(socket, deadline);
    socket.once('close', () => {
      deadline.clear();
      this.#deadlines.delete(socket);
    });
    socket.setKeepAlive(true, 60_000);
    deadline.set(this.#port.limits.firstMessageMs);
    // HTTP on a socket that has been let in already; for WSS, behind its handshake.
    this.#http.emit('connection', socket);
  }

  flowTo(remote: RemoteTarget): Promise<Flow> {
    return this.#flows.flowTo(remote);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = this.#port.gate.close();
    await this.#flows.close();
    // Those that are still asking for their upgrade; the others end by their close frames, or by the time limit.
    const linger = this.#port.clock.setTimer(() => {
      this.#port.gate.destroyAll();
    }, this.#port.limits.lingerMs);
    for (const [socket, deadline] of this.#deadlines) {
      deadline.clear();
      socket.destroySoon();
    }
    await closed;
    linger.cancel();
  }

  #createHttp(): Server {
    const http = createServer({ requestTimeout: 0, headersTimeout: 0, keepAlive: false });
    http.on('upgrade', (request, socket, head) => {
      socket.on('error', () => undefined);
      if (offersSip(request))
        this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => {
          this.#serve(webSocket, request);
        });
      else
        socket.end(
          'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n' +
            `Sec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`,
        );
    });
    http.on('request', (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(426, { Upgrade: 'websocket', Connection: 'close' }).end();
    });
    http.on('clientError', (_error, socket) => {
      socket.destroy();
    });
    return http;
  }

  #serve(webSocket: WebSocket, request: IncomingMessage): void {
    const { remoteAddress: host = '', remotePort: port = 0 } = request.socket;
    const deadline = this.#deadlines.get(request.socket);
    webSocket.on('error', (error) => {
      this.#port.log.debug({ err: error, remote: host }, 'a WebSocket broke the protocol');
    });
    const uplink = this.#open(webSocket, { host, port });
    if (uplink === undefined) return;
    webSocket.on('message', (data) => {
      deadline?.set(this.#port.limits.idleMs);
      uplink.send(bytesOf(data));
    });
    webSocket.on('ping', () => deadline?.set(this.#port.limits.idleMs));
    webSocket.on('close', () => {
      uplink.close();
    });
  }

  #open(webSocket: WebSocket, remote: NetworkAddress): WebSocketPort | undefined {
    try {
      return this.#flows.open(remote, {
        onFrame: (frame) => {
          this.#write(webSocket, frame);
        },
        onClosed: (sentence) => {
          webSocket.close(GOING_AWAY, sentence);
        },
      });
    } catch (error) {
      this.#port.log.info({ err: error, remote }, 'a WebSocket was refused');
      webSocket.close(GOING_AWAY, 'The SIP server takes no connection.');
      return undefined;
    }
  }

  #write(webSocket: WebSocket, frame: Buffer): void {
    if (webSocket.bufferedAmount + frame.length > this.#port.limits.maxQueuedBytes) {
      webSocket.terminate();
      throw new Error(`The peer left more than ${this.#port.limits.maxQueuedBytes} bytes unread.`);
    }
    // RFC 7118 section 5: either type will do; a text frame must be UTF-8.
    webSocket.send(frame, { binary: !isUtf8(frame) }, () => undefined);
  }
}

function offersSip(request: IncomingMessage): boolean {
  const offered = request.headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').some((name) => name.trim().toLowerCase() === SUBPROTOCOL);
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
