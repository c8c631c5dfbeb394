import type { RemoteInfo, Socket } from 'node:dgram';
import type { Clock } from '../../kernel/clock.js';
import { isRtcp, payloadOffset, sequenceOf, ssrcOf } from '../rtp/rtp-packet.js';
import type { Protection } from './carrier-crypto.js';
import type { MediaTransport, PacketReceiver, TransportHandlers } from './media-transport.js';
import type { Rejections } from './rejections.js';
import { SourceLock, type Sighting } from './source-lock.js';
import type { UdpPortPair, UdpPortPairs } from './udp-port-pair.js';

export interface CarrierTransportOptions {
  pairs: UdpPortPairs;
  pair: UdpPortPair;
  clock: Clock;
  rejections: Rejections;
  handlers: TransportHandlers;
}

/** Of the packet in hand. */
const sighting: Sighting = { ssrc: 0, sequence: 0, now: 0, authentic: false };

/** RTP or SRTP on a pair of UDP ports, symmetric, with the source locked once it is learned. */
export class CarrierTransport implements MediaTransport {
  readonly port: number;
  readonly #pairs: UdpPortPairs;
  readonly #pair: UdpPortPair;
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  readonly #clock: Clock;
  readonly #handlers: TransportHandlers;
  readonly #leg: PacketReceiver;
  readonly #rejections: Rejections;
  readonly #source = new SourceLock();
  /** RTCP comes from another port, sometimes through another NAT mapping. */
  #rtcpAddress = '';
  #rtcpPort = 0;
  #protection: Protection | undefined;
  /** RTCP goes and comes on the port of RTP. */
  #muxed = false;
  #connected = false;
  #closed = false;

  constructor(options: CarrierTransportOptions) {
    this.#pairs = options.pairs;
    this.#pair = options.pair;
    this.#rtp = options.pair.rtp;
    this.#rtcp = options.pair.rtcp;
    this.port = options.pair.port;
    this.#clock = options.clock;
    this.#handlers = options.handlers;
    this.#leg = options.handlers.receiver;
    this.#rejections = options.rejections;
    this.#rtp.on('message', this.#onRtp);
    this.#rtcp.on('message', this.#onRtcp);
  }

  /** The peer's SDP: where it wants its packets, and how they are protected. */
  expect(
    remote: { address: string; port: number; rtcpPort: number },
    { protection, muxed = false }: { protection?: Protection | undefined; muxed?: boolean } = {},
  ): void {
    this.#muxed = muxed;
    this.#protection = protection;
    this.#source.expect(remote.address, remote.port);
    this.#rtcpAddress = remote.address;
    this.#rtcpPort = remote.rtcpPort;
  }

  sendRtp(buffer: Buffer, start: number, end: number): void {
    const { port, address } = this.#source;
    if (this.#closed || port === 0 || address === '0.0.0.0') return;
    if (this.#protection !== undefined) {
      const sealed = this.#protection.sender.rtp(buffer, start, end);
      if (sealed !== undefined) this.#rtp.send(sealed, port, address);
      return;
    }
    if (start === 0 && end === buffer.length) this.#rtp.send(buffer, port, address);
    else this.#rtp.send(buffer, start, end - start, port, address);
  }

  sendRtcp(packet: Buffer): void {
    const { address, port } = this.#source;
    const none = this.#muxed ? port === 0 : this.#rtcpPort === 0;
    if (this.#closed || none || this.#rtcpAddress === '0.0.0.0') return;
    const sealed = this.#protection?.sender.rtcp(packet) ?? packet;
    if (this.#muxed) this.#rtp.send(sealed, port, address);
    else this.#rtcp.send(sealed, this.#rtcpPort, this.#rtcpAddress);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rtp.off('message', this.#onRtp);
    this.#rtcp.off('message', this.#onRtcp);
    this.#pairs.release(this.#pair);
  }

  readonly #onRtp = (received: Buffer, from: RemoteInfo): void => {
    // Garbage must not be what the source is learned from, nor what was made without the key.
    if (this.#muxed && isRtcp(received)) {
      this.#onRtcp(received, from);
      return;
    }
    if (payloadOffset(received) < 0 || isRtcp(received)) {
      this.#rejectUnreadable(received, from);
      return;
    }
    const packet = this.#open(received);
    if (packet === undefined) {
      this.#rejectUnauthentic(from);
      return;
    }
    sighting.ssrc = ssrcOf(packet);
    sighting.sequence = sequenceOf(packet);
    sighting.now = this.#clock.monotonic();
    sighting.authentic = this.#protection !== undefined;
    if (!this.#source.accept(from.address, from.port, sighting)) {
      this.#rejectStranger(from);
      return;
    }
    if (!this.#connected) {
      this.#connected = true;
      this.#handlers.onConnected();
    }
    this.#leg.onRtp(packet);
  };

  #open(packet: Buffer): Buffer | undefined {
    return this.#protection === undefined ? packet : this.#protection.receiver.rtp(packet);
  }

  readonly #onRtcp = (received: Buffer, from: RemoteInfo): void => {
    const known = from.address === this.#source.address || from.address === this.#rtcpAddress;
    if (!known) {
      this.#rejectStranger(from);
      return;
    }
    const packet =
      this.#protection === undefined ? received : this.#protection.receiver.rtcp(received);
    if (packet === undefined) {
      this.#rejectUnauthentic(from);
      return;
    }
    if (from.address === this.#source.address && !this.#muxed) {
      this.#rtcpAddress = from.address;
      this.#rtcpPort = from.port;
    }
    this.#leg.onRtcp(packet);
  };

  #rejectStranger({ address, port }: RemoteInfo): void {
    if (!this.#rejections.isFirst('stranger')) return;
    const { address: own, port: ownPort } = this.#source;
    const from = own === '' ? 'is not known yet' : `comes from ${own}:${ownPort}`;
    this.#rejections.name(
      'stranger',
      `Packets come from ${address}:${port}, but the media of this side ${from}.`,
    );
  }

  #rejectUnreadable(packet: Buffer, { address, port }: RemoteInfo): void {
    if (!this.#rejections.isFirst('unreadable')) return;
    const what = `${packet.length} bytes from ${address}:${port} to port ${this.port}`;
    this.#rejections.name('unreadable', `What came is no RTP packet: ${what}.`);
  }

  #rejectUnauthentic({ address, port }: RemoteInfo): void {
    if (!this.#rejections.isFirst('unauthentic')) return;
    const sentence = `A packet from ${address}:${port} is not protected by the SRTP key that was agreed, or came twice.`;
    this.#rejections.name('unauthentic', sentence);
  }
}
