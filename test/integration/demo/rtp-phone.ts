import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { emptyRtpPacket, readRtp, writeRtp } from '../../../gateway/demo/rtp-packet.js';
import type { RtpPacket } from '../../../gateway/demo/rtp-packet.js';
import { delay, systemClock } from '../../../gateway/kernel/clock.js';
import type { Sent } from './event-script.js';

const HOST = '127.0.0.1';
const WAIT_MS = 10_000;

/** A socket that speaks RTP with the carrier and keeps everything it hears. */
export class RtpPhone {
  readonly heard: RtpPacket[] = [];
  readonly #socket: Socket;
  #remotePort = 0;
  #onHeard: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram: Buffer, _from: RemoteInfo) => {
      const packet = emptyRtpPacket();
      if (readRtp(datagram, packet)) this.heard.push(packet);
      this.#onHeard();
    });
  }

  static async open(): Promise<RtpPhone> {
    const socket = createSocket('udp4');
    socket.bind(0, HOST);
    await once(socket, 'listening');
    return new RtpPhone(socket);
  }

  /** An offer of these formats: `['0', '101 telephone-event/8000']`. */
  offer(formats: readonly string[], direction = 'sendrecv'): string {
    const types = formats.map((format) => format.split(' ')[0]);
    return [
      'v=0',
      `o=- 1 1 IN IP4 ${HOST}`,
      's=-',
      `c=IN IP4 ${HOST}`,
      't=0 0',
      `m=audio ${this.#socket.address().port} RTP/AVP ${types.join(' ')}`,
      ...formats.filter((format) => format.includes(' ')).map((format) => `a=rtpmap:${format}`),
      `a=${direction}`,
      '',
    ].join('\r\n');
  }

  /** Takes the port of an answer. */
  connect(answer: string): void {
    this.#remotePort = Number(/m=audio (\d+)/.exec(answer)?.[1]);
  }

  get remotePort(): number {
    return this.#remotePort;
  }

  send(packet: RtpPacket): void {
    this.#socket.send(writeRtp(packet), this.#remotePort, HOST);
  }

  /** Sends a script in real time. */
  async perform(sent: readonly Sent[]): Promise<void> {
    const startedAt = systemClock.monotonic() - (sent[0]?.at ?? 0);
    for (const { packet, at } of sent) {
      const wait = at - (systemClock.monotonic() - startedAt);
      if (wait > 0) await delay(systemClock, wait);
      this.send(packet);
    }
  }

  /** Resolves when `count` packets were heard since the start. */
  async hear(count: number): Promise<RtpPacket[]> {
    const deadline = AbortSignal.timeout(WAIT_MS);
    while (this.heard.length < count) {
      await new Promise<void>((resolve, reject) => {
        this.#onHeard = resolve;
        deadline.onabort = () => {
          reject(new Error(`Heard ${this.heard.length} of ${count} packets.`));
        };
      });
    }
    return this.heard.slice(0, count);
  }

  /** All audio heard so far, one byte per sample for G.711. */
  audio(): Buffer {
    return Buffer.concat(this.heard.map(({ payload }) => payload));
  }

  close(): void {
    this.#socket.close();
  }
}
