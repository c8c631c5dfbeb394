import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { systemClock } from '../../gateway/kernel/clock.js';
import { DtlsEndpoint } from '../../gateway/media/dtls/dtls-endpoint.js';
import {
  selfSignedCertificate,
  type DtlsCertificate,
} from '../../gateway/media/dtls/self-signed-certificate.js';
import { SrtpReceiver } from '../../gateway/media/srtp/srtp-receiver.js';
import { SrtpSender } from '../../gateway/media/srtp/srtp-sender.js';
import { Inbox, readRtp, rtpPacket, type ReceivedRtp, type RtpToSend } from './media-rtp-peer.js';
import { stunCheck, type CheckToSend } from './stun-check.js';

/** What a browser is told of the gateway's end. */
export interface GatewayEnd {
  port: number;
  ufrag: string;
  pwd: string;
  fingerprint: string;
}

const HOST = '127.0.0.1';

/**
 * A browser of which the test decides when it checks, from where it sends, and what it sends: what no library lets it. DTLS and SRTP are
 * the gateway's own; that they are those of others show the tests with real browsers.
 */
export class BareBrowser {
  readonly ufrag: string;
  readonly pwd = 'a password of 22 chars';
  readonly certificate: DtlsCertificate;
  /** Answers to checks. */
  readonly stun = new Inbox<Buffer>();
  readonly dtls = new Inbox<Buffer>();
  readonly rtp = new Inbox<ReceivedRtp>();
  readonly rtcp = new Inbox<Buffer>();
  readonly connected: Promise<void>;
  #socket: Socket;
  #endpoint: DtlsEndpoint | undefined;
  #sender: SrtpSender | undefined;
  #receiver: SrtpReceiver | undefined;
  #gateway: GatewayEnd | undefined;
  #onConnected: () => void = () => undefined;

  private constructor(socket: Socket, options: { ufrag: string; certificate: DtlsCertificate }) {
    this.#socket = socket;
    this.ufrag = options.ufrag;
    this.certificate = options.certificate;
    this.connected = new Promise((resolve) => {
      this.#onConnected = resolve;
    });
    this.#listen();
  }

  static async open(
    ufrag = 'theirs',
    certificate = selfSignedCertificate(Date.now()),
  ): Promise<BareBrowser> {
    return new BareBrowser(await bound(0), { ufrag, certificate });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** What the gateway is told of it. */
  get remote(): { ice: { ufrag: string; pwd: string }; fingerprint: string } {
    const { ufrag, pwd, certificate } = this;
    return { ice: { ufrag, pwd }, fingerprint: certificate.fingerprint };
  }

  /** Takes the gateway's end, with a part in DTLS, or none, so that no hello is answered. */
  follow(gateway: GatewayEnd, role: 'client' | 'server' | 'none' = 'server'): void {
    this.#gateway = gateway;
    if (role === 'none') return;
    this.#endpoint = new DtlsEndpoint({
      role,
      certificate: this.certificate,
      remoteFingerprint: gateway.fingerprint,
      clock: systemClock,
      handlers: {
        send: (datagram) => {
          this.sendRaw(datagram);
        },
        onConnected: ({ local, remote }) => {
          this.#sender = new SrtpSender(local);
          this.#receiver = new SrtpReceiver(remote);
          this.#onConnected();
        },
        onFailed: () => undefined,
        onClosed: () => undefined,
      },
    });
  }

  /** As the client of DTLS: says hello. */
  startDtls(): void {
    this.#endpoint?.start();
  }

  /** Sends a check; resolves with the answer. */
  async check(check: Partial<CheckToSend> = {}): Promise<Buffer> {
    const before = this.stun.items.length;
    this.sendRaw(this.makeCheck(check));
    return (await this.stun.waitFor(before + 1))[before]!;
  }

  makeCheck(check: Partial<CheckToSend> = {}): Buffer {
    const { ufrag = '', pwd = '' } = this.#gateway ?? {};
    return stunCheck({ username: `${ufrag}:${this.ufrag}`, pwd, ...check });
  }

  send(packet: RtpToSend): void {
    const plain = rtpPacket(packet);
    const sealed = this.#sender?.rtp(plain, 0, plain.length);
    if (sealed === undefined) throw new Error('nothing can be sent yet, or not again');
    this.sendRaw(sealed);
  }

  sendRtcp(packet: Buffer): void {
    if (this.#sender === undefined) throw new Error('nothing can be sent yet');
    this.sendRaw(this.#sender.rtcp(packet));
  }

  sendRaw(packet: Buffer): void {
    this.#socket.send(packet, this.#gateway?.port ?? 0, HOST);
  }

  /** Sends from another port from now on, as behind a NAT that forgot it; nothing comes to the old one any more. */
  async move(port = 0): Promise<void> {
    const before = this.#socket;
    before.close();
    await once(before, 'close');
    this.#socket = await bound(port);
    this.#listen();
  }

  close(): void {
    this.#endpoint?.close();
    this.#socket.close();
  }

  #listen(): void {
    this.#socket.on('message', (packet) => {
      const first = packet.readUInt8(0);
      if (first < 4) this.stun.push(packet);
      else if (first < 64) {
        this.dtls.push(packet);
        this.#endpoint?.receive(Buffer.from(packet));
      } else this.#media(packet);
    });
  }

  #media(packet: Buffer): void {
    const isReport = packet.readUInt8(1) >= 192 && packet.readUInt8(1) <= 223;
    const opened = isReport ? this.#receiver?.rtcp(packet) : this.#receiver?.rtp(packet);
    if (opened === undefined) return;
    if (isReport) this.rtcp.push(opened);
    else this.rtp.push(readRtp(opened));
  }
}

async function bound(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(port, HOST);
  await once(socket, 'listening');
  return socket;
}
