import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { CopperlineError } from '../../kernel/errors.js';

/** Where the daemons send what they tell by themselves. */
export interface ListenAddress {
  host: string;
  port: number;
}

/** A UDP port for one kind of what the daemons tell. */
export class DatagramListener {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * @param what for the sentence, with the setting in brackets
   * @throws CopperlineError CL_START_PORT_IN_USE
   */
  static async open(
    address: ListenAddress,
    what: string,
    onDatagram: (datagram: Buffer) => void,
  ): Promise<DatagramListener> {
    const socket = createSocket(isIPv6(address.host) ? 'udp6' : 'udp4');
    socket.on('message', onDatagram);
    try {
      socket.bind(address.port, address.host);
      await once(socket, 'listening');
    } catch (error) {
      socket.close();
      throw new CopperlineError('CL_START_PORT_IN_USE', {
        sentence: `The UDP port ${address.port} of ${address.host} for rtpengine's ${what} ${whyNot(error)}.`,
        cause: error,
      });
    }
    socket.on('error', () => undefined);
    return new DatagramListener(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
  return code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be bound (${code})`;
}
