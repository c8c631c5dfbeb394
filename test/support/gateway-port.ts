import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A UDP port of 127.0.0.1 that is free now. Below those that the system gives to whoever asks for port 0, so that nobody takes it by
 * chance, and apart from where rtpengine, sipp and TCP servers of tests look for theirs.
 */
export async function freeUdpPort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 20_000);
    const socket = createSocket('udp4');
    socket.bind(port, '127.0.0.1');
    const free = await once(socket, 'listening').then(
      () => true,
      () => false,
    );
    const closed = once(socket, 'close');
    socket.close();
    await closed;
    if (free) return port;
  }
}

/**
 * A TCP port of `host` that is free now. Below those that the system gives to connections and to whoever asks for port
 * 0, so that nobody takes it by chance.
 */
export async function freeTcpPort(host: string): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer().listen(port, host);
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
