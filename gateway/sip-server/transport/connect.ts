import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../kernel/clock.js';
import { bracketHost } from '../message/host-port.js';
import type { TlsKeys } from './tls-keys.js';
import type { RemoteTarget } from './transport.js';

export interface ConnectOptions {
  remote: RemoteTarget;
  /** The address to connect from; any when undefined. */
  from: string | undefined;
  keys: TlsKeys | undefined;
  clock: Clock;
  timeoutMs: number;
  /** Aborts the attempt. */
  signal: AbortSignal;
}

/** Opens a connection; rejects with a sentence that names the address and why not. */
export function connectSocket(options: ConnectOptions): Promise<Socket> {
  const { remote, clock, signal, timeoutMs } = options;
  const where = `${bracketHost(remote.host)}:${remote.port}`;
  return new Promise((resolve, reject) => {
    const socket = open(options);
    const fail = (why: string): void => {
      settle();
      socket.destroy();
      reject(new Error(`No connection to ${where}: ${why}.`));
    };
    const onError = (error: Error): void => {
      fail('code' in error ? `${error.message} (${String(error.code)})` : error.message);
    };
    const onClose = (): void => {
      fail('the peer closed it');
    };
    const onAbort = (): void => {
      fail('the SIP server is shutting down');
    };
    const timer = clock.setTimer(() => {
      fail(`nobody answered within ${timeoutMs} ms`);
    }, timeoutMs);
    const ready = options.keys === undefined ? 'connect' : 'secureConnect';
    const settle = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError).off('close', onClose);
      // A late error of a socket that was given up concerns nobody.
      socket.on('error', () => undefined);
    };
    socket.once('error', onError).once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once(ready, () => {
      settle();
      resolve(socket);
    });
  });
}

function open({ remote, from, keys }: ConnectOptions): Socket {
  const where = {
    host: remote.host,
    port: remote.port,
    ...(from === undefined ? {} : { localAddress: from }),
  };
  if (keys === undefined) return connectTcp(where);
  return connectTls({ ...where, ...keys.clientOptions(remote.serverName ?? remote.host) });
}
