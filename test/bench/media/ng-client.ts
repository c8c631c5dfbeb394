import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, type BencodeValue } from './bencode.js';

export type NgReply = Record<string, BencodeValue>;

const RETRY_MS = 500;
const TRIES = 10;

interface Waiting {
  resolve: (reply: NgReply) => void;
}

/** rtpengine's control protocol over UDP: a cookie, a space, a bencoded dictionary. */
export class NgClient {
  readonly #socket: Socket = createSocket('udp4');
  readonly #waiting = new Map<string, Waiting>();
  readonly #port: number;
  #cookie = 0;

  constructor(port: number) {
    this.#port = port;
    this.#socket.on('message', (datagram) => {
      const space = datagram.indexOf(' ');
      const cookie = datagram.toString('latin1', 0, space);
      const waiting = this.#waiting.get(cookie);
      this.#waiting.delete(cookie);
      waiting?.resolve(decode(datagram.subarray(space + 1)) as NgReply);
    });
  }

  /** @throws Error when the daemon refuses, or does not answer in 5 s */
  async request(command: string, fields: Record<string, BencodeValue> = {}): Promise<NgReply> {
    this.#cookie += 1;
    const cookie = `bench${this.#cookie}`;
    const datagram = Buffer.from(`${cookie} ${encode({ command, ...fields })}`);
    const reply = await this.#exchange(cookie, datagram);
    if (reply['result'] === 'error')
      throw new Error(`rtpengine refused ${command}: ${JSON.stringify(reply['error-reason'])}`);
    return reply;
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #exchange(cookie: string, datagram: Buffer): Promise<NgReply> {
    return new Promise((resolve, reject) => {
      let tries = 0;
      const send = (): void => {
        tries += 1;
        if (tries > TRIES) {
          clearInterval(timer);
          this.#waiting.delete(cookie);
          reject(new Error('rtpengine does not answer'));
          return;
        }
        this.#socket.send(datagram, this.#port, '127.0.0.1');
      };
      const timer = setInterval(send, RETRY_MS);
      this.#waiting.set(cookie, {
        resolve: (reply) => {
          clearInterval(timer);
          resolve(reply);
        },
      });
      send();
    });
  }
}
