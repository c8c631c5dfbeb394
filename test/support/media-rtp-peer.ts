import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { SrtpReceiver } from '../../gateway/media/srtp/srtp-receiver.js';
import type { SrtpSender } from '../../gateway/media/srtp/srtp-sender.js';

/** One received RTP packet, taken apart. */
export interface ReceivedRtp {
  marker: boolean;
  payloadType: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payload: Buffer;
  /** performance.now() of its arrival. */
  at: number;
}

export interface RtpToSend {
  payloadType: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payload: Buffer;
  marker?: boolean;
}

export function rtpPacket(packet: RtpToSend): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = (packet.marker === true ? 0x80 : 0) | packet.payloadType;
  header.writeUInt16BE(packet.sequence & 0xffff, 2);
  header.writeUInt32BE(packet.timestamp >>> 0, 4);
  header.writeUInt32BE(packet.ssrc >>> 0, 8);
  return Buffer.concat([header, packet.payload]);
}

export function readRtp(packet: Buffer): ReceivedRtp {
  return {
    marker: (packet.readUInt8(1) & 0x80) !== 0,
    payloadType: packet.readUInt8(1) & 0x7f,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payload: Buffer.from(packet.subarray(12)),
    at: performance.now(),
  };
}

/** RFC 5761 section 4. */
function isRtcp(packet: Buffer): boolean {
  const type = packet.readUInt8(1);
  return type >= 192 && type <= 223;
}

/** Received packets, with waits that end by an event and not by a sleep. */
export class Inbox<Item> {
  readonly items: Item[] = [];
  #waiting: { enough: () => boolean; resolve: () => void }[] = [];

  push(item: Item): void {
    this.items.push(item);
    const met = this.#waiting.filter((wait) => wait.enough());
    this.#waiting = this.#waiting.filter((wait) => !met.includes(wait));
    for (const wait of met) wait.resolve();
  }

  /** Resolves with the items once `count` of them match. */
  async waitFor(count: number, match: (item: Item) => boolean = () => true): Promise<Item[]> {
    const found = (): Item[] => this.items.filter(match);
    if (found().length < count) {
      await new Promise<void>((resolve) => {
        this.#waiting.push({ enough: () => found().length >= count, resolve });
      });
    }
    return found();
  }

  clear(): void {
    this.items.length = 0;
  }
}

/** A plain RTP endpoint on 127.0.0.1: RTP on one socket, RTCP on the next port. */
export class RtpPeer {
  readonly rtp = new Inbox<ReceivedRtp>();
  readonly rtcp = new Inbox<Buffer>();
  /** Where to send: set from the engine's SDP; else where the first packet comes from. */
  remotePort = 0;
  /** Sends back each packet as it came, under its own SSRC. */
  echo = false;
  /** SRTP, when the two have agreed on it. */
  protection: { sender: SrtpSender; receiver: SrtpReceiver } | undefined;
  readonly #socket: Socket;
  readonly #rtcpSocket: Socket;

  private constructor(socket: Socket, rtcpSocket: Socket) {
    this.#socket = socket;
    this.#rtcpSocket = rtcpSocket;
    socket.on('message', (received, from) => {
      if (this.protection !== undefined && isRtcp(received)) {
        const report = this.protection.receiver.rtcp(received);
        if (report !== undefined) this.rtcp.push(report);
        return;
      }
      const packet =
        this.protection === undefined ? received : this.protection.receiver.rtp(received);
      if (packet === undefined) return;
      if (this.remotePort === 0) this.remotePort = from.port;
      this.rtp.push(readRtp(packet));
      if (!this.echo) return;
      const back = Buffer.from(packet);
      back.writeUInt32BE(0x0e0c0e0c, 8);
      socket.send(back, from.port, from.address);
    });
    rtcpSocket.on('message', (received) => {
      const packet =
        this.protection === undefined ? received : this.protection.receiver.rtcp(received);
      if (packet !== undefined) this.rtcp.push(packet);
    });
  }

  static async open(): Promise<RtpPeer> {
    for (;;) {
      const socket = createSocket('udp4');
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
      const rtcpSocket = createSocket('udp4');
      rtcpSocket.bind(socket.address().port + 1, '127.0.0.1');
      const bound = await once(rtcpSocket, 'listening').then(
        () => true,
        () => false,
      );
      if (bound) return new RtpPeer(socket, rtcpSocket);
      socket.close();
      rtcpSocket.close();
    }
  }

  get port(): number {
    return this.#socket.address().port;
  }

  sdp(formats: {
    payloadTypes: string;
    lines?: string[] | undefined;
    direction?: string;
    protocol?: string;
  }): string {
    return [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      'c=IN IP4 127.0.0.1',
      't=0 0',
      `m=audio ${this.port} ${formats.protocol ?? 'RTP/AVP'} ${formats.payloadTypes}`,
      ...(formats.lines ?? []),
      `a=${formats.direction ?? 'sendrecv'}`,
      '',
    ].join('\r\n');
  }

  /** The port of the m=audio line of an SDP becomes where this peer sends to. */
  follow(sdp: string): void {
    this.remotePort = Number(/^m=audio (\d+)/m.exec(sdp)?.[1]);
  }

  send(packet: RtpToSend): void {
    const plain = rtpPacket(packet);
    const sealed = this.protection?.sender.rtp(plain, 0, plain.length);
    this.sendRaw(sealed ?? plain);
  }

  sendRaw(packet: Buffer): void {
    this.#socket.send(packet, this.remotePort, '127.0.0.1');
  }

  sendRtcp(packet: Buffer): void {
    const sealed = this.protection?.sender.rtcp(packet) ?? packet;
    this.#rtcpSocket.send(sealed, this.remotePort + 1, '127.0.0.1');
  }

  close(): void {
    this.#socket.close();
    this.#rtcpSocket.close();
  }
}
