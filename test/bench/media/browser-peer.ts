import { randomBytes } from 'node:crypto';
import { Audio, PeerConnection, type Track } from 'node-datachannel';
import type { Histogram } from '../histogram.js';
import { EPOCH_AT, PACKET_BYTES, PCMU, STAMP_AT } from './bench-packet.js';

const SAMPLES = 160;

export interface PeerCounts {
  sent: number;
  received: number;
}

/** What all peers of a generator share. */
export interface PeerIdentity {
  certificatePem: string;
  keyPem: string;
  fingerprint: string;
}

/**
 * A browser as far as a gateway sees one: ICE, DTLS-SRTP, 50 packets of PCMU a second.
 *
 * The offer is written here and the library told to answer once the engine's answer is known: as the one
 * that offers it fails now and then when the engine's checks overtake the answer on loopback.
 */
export class BrowserPeer {
  readonly counts: PeerCounts = { sent: 0, received: 0 };
  readonly #index: number;
  readonly #identity: PeerIdentity;
  readonly #roundTrips: Histogram;
  readonly #port: number;
  readonly #ssrc: number;
  readonly #ufrag = randomBytes(6).toString('hex');
  readonly #pwd = randomBytes(16).toString('hex');
  readonly #packet = Buffer.alloc(PACKET_BYTES, 0xff);
  #connection: PeerConnection | undefined;
  #track: Track | undefined;
  #sequence = 0;
  #timestamp = 0;

  constructor(
    index: number,
    shared: { port: number; identity: PeerIdentity; roundTrips: Histogram },
  ) {
    this.#index = index;
    this.#identity = shared.identity;
    this.#roundTrips = shared.roundTrips;
    this.#port = shared.port;
    this.#ssrc = 0x0100_0000 + index;
    this.#packet[0] = 0x80;
    this.#packet[1] = PCMU;
    this.#packet.writeUInt32BE(this.#ssrc, 8);
  }

  offer(): string {
    return [
      'v=0',
      `o=- ${this.#ssrc} 1 IN IP4 127.0.0.1`,
      's=-',
      't=0 0',
      'a=group:BUNDLE 0',
      `m=audio ${this.#port} UDP/TLS/RTP/SAVPF ${PCMU} 126`,
      'c=IN IP4 127.0.0.1',
      'a=mid:0',
      'a=sendrecv',
      'a=rtcp-mux',
      `a=rtpmap:${PCMU} PCMU/8000`,
      'a=rtpmap:126 telephone-event/8000',
      `a=ssrc:${this.#ssrc} cname:bench`,
      'a=setup:actpass',
      `a=ice-ufrag:${this.#ufrag}`,
      `a=ice-pwd:${this.#pwd}`,
      `a=fingerprint:${this.#identity.fingerprint}`,
      `a=candidate:1 1 UDP 2130706431 127.0.0.1 ${this.#port} typ host`,
      'a=end-of-candidates',
      '',
    ].join('\r\n');
  }

  /** Resolves when media can flow. */
  answer(sdp: string): Promise<void> {
    const connection = new PeerConnection(`peer${this.#index}`, {
      iceServers: [],
      bindAddress: '127.0.0.1',
      portRangeBegin: this.#port,
      portRangeEnd: this.#port,
      certificatePemFile: this.#identity.certificatePem,
      keyPemFile: this.#identity.keyPem,
      disableAutoNegotiation: true,
    });
    this.#connection = connection;
    const audio = new Audio('0', 'SendRecv');
    audio.addAudioCodec(PCMU, 'PCMU/8000');
    audio.addSSRC(this.#ssrc, 'bench', 'bench', 'bench');
    const track = connection.addTrack(audio);
    this.#track = track;
    track.onMessage((packet) => {
      this.#received(packet);
    });
    const connected = new Promise<void>((resolve, reject) => {
      track.onOpen(resolve);
      connection.onStateChange((state) => {
        if (state === 'failed') reject(new Error('the peer connection failed'));
      });
    });
    connection.setRemoteDescription(sdp, 'offer');
    connection.setLocalDescription('answer', { iceUfrag: this.#ufrag, icePwd: this.#pwd });
    return connected;
  }

  send(): void {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#timestamp = (this.#timestamp + SAMPLES) >>> 0;
    this.#packet.writeUInt16BE(this.#sequence, 2);
    this.#packet.writeUInt32BE(this.#timestamp, 4);
    this.#packet.writeDoubleBE(performance.now(), STAMP_AT);
    if (this.#track?.sendMessageBinary(this.#packet) === true) this.counts.sent += 1;
  }

  /** Counts from 0; packets of the epoch before that still come are not counted. */
  reset(epoch: number): void {
    this.counts.sent = 0;
    this.counts.received = 0;
    this.#packet[EPOCH_AT] = epoch;
  }

  close(): void {
    this.#connection?.close();
  }

  #received(packet: Buffer): void {
    if (packet.length !== PACKET_BYTES || ((packet[1] ?? 0) & 0x7f) !== PCMU) return;
    if (packet[EPOCH_AT] !== this.#packet[EPOCH_AT]) return;
    this.counts.received += 1;
    this.#roundTrips.add(performance.now() - packet.readDoubleBE(STAMP_AT));
  }
}
