import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../kernel/clock.js';
import type { NetworkAddress } from '../transport/transport.js';

/** An application is near, or it is down. */
const CONNECT_MS = 2_000;

export interface DialTarget extends NetworkAddress {
  transport: 'tcp' | 'tls';
  /** TLS: false takes any certificate. */
  verifyPeer: boolean;
}

/** Connects to an application that listens; rejects with the reason why not. */
export function dialApplication(
  target: DialTarget,
  clock: Clock,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { host, port } = target;
    const socket =
      target.transport === 'tcp'
        ? connectTcp({ host, port })
        : connectTls({
            host,
            port,
            rejectUnauthorized: target.verifyPeer,
            // RFC 6066 section 3: no addresses in SNI.
            ...(isIP(host) === 0 ? { servername: host } : {}),
          });
    const settle = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
      socket.off('error', fail);
    };
    const fail = (error: Error): void => {
      settle();
      // A late error of a socket that was given up concerns nobody.
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const onAbort = (): void => {
      fail(new Error('The request is over.'));
    };
    const timer = clock.setTimer(() => {
      fail(new Error(`Nobody answered within ${CONNECT_MS} ms.`));
    }, CONNECT_MS);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', fail);
    socket.once(target.transport === 'tcp' ? 'connect' : 'secureConnect', () => {
      settle();
      resolve(socket);
    });
  });
}

/** `host:port`, `host:port;transport=tls`, `tcp://host:port`, `tls://host:port`; undefined for anything else. */
export function parseDialTarget(text: string, verifyPeer: boolean): DialTarget | undefined {
  const match =
    /^(?:(tcp|tls):\/\/)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+):(\d{1,5})(?:;transport=(tcp|tls))?\/?$/i.exec(
      text,
    );
  const port = Number(match?.[3] ?? 0);
  if (match === null || port < 1 || port > 65_535) return undefined;
  const transport = (match[4] ?? match[1] ?? 'tcp').toLowerCase() === 'tls' ? 'tls' : 'tcp';
  return { host: (match[2] ?? '').replace(/^\[|\]$/g, ''), port, transport, verifyPeer };
}
