import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** A bare UDP socket on 127.0.0.1 that sends what it is told and keeps what it hears. */
export class UdpPeer {
  readonly #socket: Socket;
  readonly #heard: string[] = [];
  readonly #waiting: ((text: string) => void)[] = [];

  static async open(): Promise<UdpPeer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new UdpPeer(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (bytes: Buffer, _from: RemoteInfo) => {
      const text = bytes.toString('latin1');
      const waiter = this.#waiting.shift();
      if (waiter === undefined) this.#heard.push(text);
      else waiter(text);
    });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Datagrams that came and that nobody asked for. */
  get unread(): number {
    return this.#heard.length;
  }

  send(bytes: Buffer | string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, port, '127.0.0.1', (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  /** The next datagram; the test's own time limit is the only one. */
  next(): Promise<string> {
    const text = this.#heard.shift();
    if (text !== undefined) return Promise.resolve(text);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.close(() => {
        resolve();
      });
    });
  }
}
