import { randomBytes } from 'node:crypto';
import { Audio, PeerConnection, type Track } from 'node-datachannel';
import type { Histogram } from '../histogram.js';
import { CODEC_LINES, PAYLOAD_TYPES, TIMESTAMP_STEPS, type BenchCodec } from './bench-codec.js';
import { EPOCH_AT, PACKET_BYTES, STAMP_AT } from './bench-packet.js';

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
 * A browser as far as a gateway sees one: ICE, DTLS-SRTP, 50 packets of audio a second.
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
  readonly #codec: BenchCodec;
  readonly #packets: readonly Buffer[];
  /** Called with the first packet that comes back. */
  #onHeard: (() => void) | undefined;
  #connection: PeerConnection | undefined;
  #track: Track | undefined;
  #sequence = 0;
  #timestamp = 0;

  constructor(
    index: number,
    shared: {
      port: number;
      identity: PeerIdentity;
      roundTrips: Histogram;
      codec: BenchCodec;
      payloads: readonly Buffer[];
    },
  ) {
    this.#codec = shared.codec;
    this.#index = index;
    this.#identity = shared.identity;
    this.#roundTrips = shared.roundTrips;
    this.#port = shared.port;
    this.#ssrc = 0x0100_0000 + index;
    this.#packets = shared.payloads.map((payload) => {
      const packet = Buffer.concat([Buffer.alloc(12), payload]);
      packet[0] = 0x80;
      packet[1] = PAYLOAD_TYPES[shared.codec];
      packet.writeUInt32BE(this.#ssrc, 8);
      return packet;
    });
  }

  offer(): string {
    return [
      'v=0',
      `o=- ${this.#ssrc} 1 IN IP4 127.0.0.1`,
      's=-',
      't=0 0',
      'a=group:BUNDLE 0',
      `m=audio ${this.#port} UDP/TLS/RTP/SAVPF ${PAYLOAD_TYPES[this.#codec]} 126`,
      'c=IN IP4 127.0.0.1',
      'a=mid:0',
      'a=sendrecv',
      'a=rtcp-mux',
      ...CODEC_LINES[this.#codec],
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
    // The library passes whatever packets it is given; the codec is a formality.
    audio.addAudioCodec(0, 'PCMU/8000');
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
    this.#timestamp = (this.#timestamp + TIMESTAMP_STEPS[this.#codec]) >>> 0;
    const packet = this.#packets[this.#sequence % this.#packets.length];
    if (packet === undefined) return;
    packet.writeUInt16BE(this.#sequence, 2);
    packet.writeUInt32BE(this.#timestamp, 4);
    if (this.#codec === 'pcmu') packet.writeDoubleBE(performance.now(), STAMP_AT);
    if (this.#track?.sendMessageBinary(packet) === true) this.counts.sent += 1;
  }

  /** Sends, from when it may, until something comes back. */
  async heard(sdp: string): Promise<void> {
    await this.answer(sdp);
    await this.talk();
  }

  /** Sends until something comes back. */
  async talk(): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      this.#onHeard = resolve;
    });
    this.send();
    const again = setInterval(() => {
      this.send();
    }, 5);
    await heard;
    clearInterval(again);
  }

  /** Counts from 0; packets of the epoch before that still come are not counted. */
  reset(epoch: number): void {
    this.counts.sent = 0;
    this.counts.received = 0;
    if (this.#codec === 'pcmu') for (const packet of this.#packets) packet[EPOCH_AT] = epoch;
  }

  close(): void {
    this.#connection?.close();
  }

  #received(packet: Buffer): void {
    const type = (packet[1] ?? 0) & 0x7f;
    if (type !== PAYLOAD_TYPES[this.#codec]) return;
    this.#onHeard?.();
    this.#onHeard = undefined;
    if (this.#codec === 'pcmu') {
      if (packet.length !== PACKET_BYTES) return;
      if (packet[EPOCH_AT] !== this.#packets[0]?.[EPOCH_AT]) return;
      this.#roundTrips.add(performance.now() - packet.readDoubleBE(STAMP_AT));
    }
    this.counts.received += 1;
  }
}
