import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

/** The application protocol by hand: raw frames out, payloads in. */
export class AppConnectionClient {
  readonly payloads: string[] = [];
  /** Every payload that ever came, in order. */
  readonly history: string[] = [];
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #waiting: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        resolve();
      });
    });
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#cut();
    });
  }

  static async open(where: { host: string; port: number }): Promise<AppConnectionClient> {
    const socket = connect(where);
    await once(socket, 'connect');
    return new AppConnectionClient(socket);
  }

  write(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  send(payload: string): void {
    this.write(`${Buffer.byteLength(payload)}#${payload}`);
  }

  /** The next payload that holds `text`; earlier others stay. */
  async next(text: string): Promise<string> {
    for (;;) {
      const index = this.payloads.findIndex((payload) => payload.includes(text));
      const found = index === -1 ? undefined : this.payloads.splice(index, 1)[0];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** Reads nothing more, and leaves it to the network. */
  pause(): void {
    this.#socket.pause();
  }

  /** Vanishes without a word. */
  destroy(): void {
    this.#socket.destroy();
  }

  #cut(): void {
    for (;;) {
      const hash = this.#bytes.indexOf('#');
      const end = hash + 1 + Number(this.#bytes.toString('latin1', 0, Math.max(0, hash)));
      if (hash === -1 || this.#bytes.length < end) break;
      const payload = this.#bytes.toString('utf8', hash + 1, end);
      this.payloads.push(payload);
      this.history.push(payload);
      this.#bytes = this.#bytes.subarray(end);
    }
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
