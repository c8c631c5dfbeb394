import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

/** A raw TCP or TLS connection to a SIP port; what comes is kept as text. */
export class StreamClient {
  readonly socket: Socket;
  received = '';
  readonly #waiting: { pattern: RegExp; resolve: (text: string) => void }[] = [];
  readonly gone: Promise<void>;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
      this.#look();
    });
    socket.on('error', () => undefined);
    this.gone = new Promise((resolve) => {
      if (socket.destroyed) resolve();
      socket.once('close', () => {
        resolve();
      });
    });
  }

  get port(): number {
    return this.socket.localPort ?? 0;
  }

  write(text: string): void {
    this.socket.write(text, 'latin1');
  }

  /** Resolves with all that has come once it matches, and forgets it. */
  until(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting.push({ pattern, resolve });
      this.#look();
    });
  }

  close(): Promise<void> {
    this.socket.destroy();
    return this.gone;
  }

  #look(): void {
    const next = this.#waiting[0];
    if (next?.pattern.test(this.received) !== true) return;
    this.#waiting.shift();
    const text = this.received;
    this.received = '';
    next.resolve(text);
    this.#look();
  }
}

export async function openTcp(place: { host: string; port: number }): Promise<StreamClient> {
  const socket = connectTcp(place);
  await once(socket, 'connect');
  return new StreamClient(socket);
}

/** Certificates are not checked unless `ca` is given. */
export async function openTls(
  place: { host: string; port: number },
  options: ConnectionOptions = {},
): Promise<StreamClient> {
  const check = options.ca !== undefined;
  const socket = connectTls({ ...place, rejectUnauthorized: check, ...options });
  await once(socket, 'secureConnect');
  return new StreamClient(socket);
}

let serial = 0;

/** OPTIONS as a peer writes it; `Content-Length` unless `length` says otherwise. */
export function optionsText(
  how: { via?: string; body?: string; length?: string; callId?: string } = {},
): string {
  const { body = '' } = how;
  serial += 1;
  return [
    'OPTIONS sip:server SIP/2.0',
    `Via: ${how.via ?? `SIP/2.0/TCP 192.0.2.9:5099;branch=z9hG4bKs${serial}`}`,
    'Max-Forwards: 70',
    'From: <sip:a@b>;tag=1',
    'To: <sip:c@d>',
    `Call-ID: ${how.callId ?? `stream-${serial}`}`,
    'CSeq: 1 OPTIONS',
    ...(how.length === '' ? [] : [how.length ?? `Content-Length: ${body.length}`]),
    '',
    body,
  ].join('\r\n');
}
