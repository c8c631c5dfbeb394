import { Audio, cleanup, PeerConnection, type Track } from 'node-datachannel';
import { CopperlineError } from '../../kernel/errors.js';
import { isRtcp } from '../rtp/rtp-packet.js';
import type { DtlsParameters, IceParameters } from '../sdp/peer-description.js';
import type { BrowserPort } from './browser-port.js';
import type { MediaTransport, TransportHandlers } from './media-transport.js';
import type { DtlsCertificate } from '../dtls/self-signed-certificate.js';

export interface BrowserTransportOptions {
  port: BrowserPort;
  /** For the library's log. */
  name: string;
  local: { ufrag: string; pwd: string };
  certificate: DtlsCertificate;
  /** Our part in DTLS. */
  setup: 'active' | 'passive';
  remote: { ice: IceParameters; fingerprint: string };
  handlers: TransportHandlers;
}

/** Ends the library's threads; nothing of it may be used afterwards. */
export function endLibrary(): void {
  cleanup();
}

/**
 * RFC 5763 section 5: we are active unless the browser is, so that DTLS starts at once.
 * @param before our part in the transport that this one follows
 */
export function setupTowards(
  remote: DtlsParameters['setup'],
  before: 'active' | 'passive' | undefined,
): 'active' | 'passive' {
  if (remote === 'actpass') return before ?? 'active';
  return remote === 'active' ? 'passive' : 'active';
}

/**
 * ICE, DTLS and SRTP with one browser; raw RTP and RTCP above. node-datachannel is given a description that
 * we wrote, never the peer's text, and always as an offer: then the library has the fingerprint before the
 * first packet, whichever side really offered (as an offerer it refuses a DTLS hello that overtakes the answer).
 * It is told none of the peer's candidates: see parseIce.
 */
export class BrowserTransport implements MediaTransport {
  readonly #peer: PeerConnection;
  readonly #track: Track;
  readonly #handlers: TransportHandlers;
  #open = false;
  #closed = false;

  /** @throws Error when the library refuses the parameters */
  constructor(options: BrowserTransportOptions) {
    const { port, local, certificate, handlers } = options;
    this.#handlers = handlers;
    this.#peer = new PeerConnection(options.name, {
      iceServers: [],
      enableIceUdpMux: true,
      portRangeBegin: port.port,
      portRangeEnd: port.port,
      certificatePemFile: certificate.certificatePem,
      keyPemFile: certificate.keyPem,
      disableAutoNegotiation: true,
      forceMediaTransport: true,
      ...(port.bindAddress === undefined ? {} : { bindAddress: port.bindAddress }),
    });
    const audio = new Audio('0', 'SendRecv');
    audio.addAudioCodec(0, 'PCMU/8000');
    this.#track = this.#peer.addTrack(audio);
    this.#listen();
    this.#peer.setRemoteDescription(remoteDescription(options), 'offer');
    this.#peer.setLocalDescription('answer', { iceUfrag: local.ufrag, icePwd: local.pwd });
  }

  sendRtp(buffer: Buffer, start: number, end: number): void {
    const whole = start === 0 && end === buffer.length;
    this.sendRtcp(whole ? buffer : buffer.subarray(start, end));
  }

  sendRtcp(packet: Buffer): void {
    if (!this.#open) return;
    try {
      this.#track.sendMessageBinary(packet);
    } catch {
      // The track closed underneath us; onStateChange tells the owner.
      this.#open = false;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#open = false;
    this.#peer.close();
  }

  #listen(): void {
    this.#track.onOpen(() => {
      if (this.#closed) return;
      this.#open = true;
      this.#handlers.onConnected();
    });
    this.#track.onMessage((packet) => {
      if (this.#closed) return;
      if (isRtcp(packet)) this.#handlers.onRtcp(packet);
      else this.#handlers.onRtp(packet);
    });
    this.#peer.onStateChange((state) => {
      // `closed` is a browser that hung up: its BYE is on the way and says so better.
      if (state !== 'failed' || this.#closed) return;
      const stage = this.#open ? 'was lost' : 'could not be set up';
      this.#handlers.onFailed(
        new CopperlineError('CL_MEDIA_TRANSPORT_FAILED', {
          sentence: `The ICE and DTLS connection with the browser ${stage}.`,
        }),
      );
    });
  }
}

function remoteDescription({ remote, setup }: BrowserTransportOptions): string {
  const { ice, fingerprint } = remote;
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 0',
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=rtpmap:0 PCMU/8000',
    `a=ice-ufrag:${ice.ufrag}`,
    `a=ice-pwd:${ice.pwd}`,
    `a=fingerprint:${fingerprint}`,
    `a=setup:${setup === 'active' ? 'passive' : 'active'}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}
