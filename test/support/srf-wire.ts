import { createRequire } from 'node:module';
import { once, type EventEmitter } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

/** The parts of drachtio-srf that tests use; the package is CommonJS and its own types lack most of them. */
interface SrfMessage {
  readonly method: string;
  readonly uri: string;
  readonly status: number;
  readonly reason: string;
  readonly body: string;
  readonly source_address: string;
  readonly source_port: number;
  readonly protocol: string;
  readonly receivedOn: string | undefined;
  readonly source: string;
  get(name: string): string;
  has(name: string): boolean;
}

export interface SrfRequest extends SrfMessage, EventEmitter {
  cancel(options?: object, callback?: (error: unknown) => void): void;
}

export interface SrfResponse extends SrfMessage {
  send(status: number, ...rest: any[]): void;
}

export interface SrfDialog extends EventEmitter {
  readonly id: string;
  readonly sip: { callId: string; localTag: string; remoteTag: string };
  readonly local: { sdp: string; uri: string };
  readonly remote: { sdp: string; uri: string };
  destroy(options?: object): Promise<SrfRequest>;
  modify(sdp: string, options?: object): Promise<string>;
  request(options: object): Promise<SrfResponse>;
}

type Handler = (request: SrfRequest, response: SrfResponse) => void;

export interface SrfProxyResults {
  connected: boolean;
  finalStatus: number;
  responses: { address: string; port: number; msgs: { status: number }[] }[];
}

export interface SrfClient extends EventEmitter {
  connect(options: object): void;
  disconnect(): void;
  listen(options: object): Server;
  endSession(message: SrfMessage): void;
  invite(handler: Handler): void;
  register(handler: Handler): void;
  options(handler: Handler): void;
  message(handler: Handler): void;
  bye(handler: Handler): void;
  subscribe(handler: Handler): void;
  prack(handler: Handler): void;
  refer(handler: Handler): void;
  publish(handler: Handler): void;
  request(uri: string, options: object): Promise<SrfRequest>;
  proxyRequest(
    request: SrfRequest,
    destination: string | string[],
    options?: object,
  ): Promise<SrfProxyResults>;
  createUAS(request: SrfRequest, response: SrfResponse, options: object): Promise<SrfDialog>;
  createUAC(uri: string, options: object, callbacks?: object): Promise<SrfDialog>;
  createB2BUA(
    request: SrfRequest,
    response: SrfResponse,
    uri: string,
    options: object,
  ): Promise<{ uas: SrfDialog; uac: SrfDialog }>;
}

const require = createRequire(import.meta.url);
const Srf = require('drachtio-srf') as new () => SrfClient;

/**
 * Answers a call, and has `onDialog` listen before anything else is read: an ACK and a BYE may be in the same piece of
 * the connection as the word that the 200 went out, and a promise tells too late then.
 */
export function answerCall(
  [request, response]: [SrfRequest, SrfResponse],
  srf: SrfClient,
  how: { localSdp: string; onDialog: (dialog: SrfDialog) => void },
): void {
  const { localSdp, onDialog } = how;
  const answer = srf.createUAS.bind(srf) as CreateUasByCallback;
  answer(request, response, { localSdp }, (error, dialog) => {
    // The caller cancelled, or is gone.
    if (error === null && dialog !== undefined) onDialog(dialog);
  });
}

type CreateUasByCallback = (
  ...parts: [SrfRequest, SrfResponse, object, (error: unknown, dialog?: SrfDialog) => void]
) => void;

/** Resolves when the application is authenticated; the second value is what the server said of itself. */
export function connectSrf(options: {
  host: string;
  port: number;
  secret: string;
  tls?: object;
}): Promise<{ srf: SrfClient; greeting: string[] }> {
  const srf = new Srf();
  return new Promise((resolve, reject) => {
    srf.on('error', reject);
    srf.on('connect', (error: unknown, ...greeting: string[]) => {
      if (error instanceof Error) reject(error);
      else resolve({ srf, greeting });
    });
    srf.connect(options);
  });
}

/** An application that waits for the server to connect. */
export async function listenSrf(
  secret: string,
): Promise<{ srf: SrfClient; port: number; close: () => Promise<void> }> {
  const srf = new Srf();
  // It reports connections that the server closes.
  srf.on('error', () => undefined);
  const server = srf.listen({ host: '127.0.0.1', port: 0, secret });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  if (!server.listening) await once(server, 'listening');
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { srf, port: (server.address() as AddressInfo).port, close };
}
