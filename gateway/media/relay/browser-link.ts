import { toCopperlineError, type CopperlineError } from '../../kernel/errors.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import type { LocalWebrtc } from '../sdp/write-sdp.js';
import type { BrowserPort } from './browser-port.js';
import { BrowserTransport, setupTowards } from './browser-transport.js';
import { LegLink, type LinkOptions, type LinkText, type RemoteKind } from './leg-link.js';
import { newIceCredentials } from './random-numbers.js';
import type { DtlsCertificate } from '../dtls/self-signed-certificate.js';

/** Our end of ICE and DTLS, as an SDP of ours names it. */
interface OwnEnd {
  credentials: { ufrag: string; pwd: string };
  certificate: DtlsCertificate;
  /** Whether a transport has had it. */
  used: boolean;
}

/** A transport with both its ends. */
interface Way {
  end: OwnEnd;
  /** Identifies the remote end: another one is another browser, or an ICE restart (RFC 8839 section 4.4.3.1). */
  remoteKey: string;
  setup: 'active' | 'passive';
  transport: BrowserTransport;
}

/**
 * A browser: credentials of ours on the shared port; the transport opens when the browser's are known. A browser that restarts ICE,
 * or another one in its place, gets a second transport, and the first carries the media until the second is up.
 *
 *     none ──connect──▶ standing ──connect with another remote end──▶ standing + rising ──up──▶ standing
 */
export class BrowserLink extends LegLink {
  #end: OwnEnd;
  /** Named in an offer to a browser that has nothing of this call yet. */
  #endForRenewal: OwnEnd | undefined;
  #standing: Way | undefined;
  #rising: Way | undefined;

  readonly #port: BrowserPort;

  constructor(options: LinkOptions, port: BrowserPort) {
    super(options);
    this.#port = port;
    const { certificates } = port;
    this.#end = newEnd(options.ownCertificate ? certificates.another() : certificates.current());
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  connect(remote: PeerDescription, kind: RemoteKind): void {
    const { ice, dtls } = remote;
    if (ice === undefined || dtls === undefined) return;
    const remoteKey = `${ice.ufrag} ${ice.pwd} ${dtls.fingerprint}`;
    const latest = this.#rising ?? this.#standing;
    if (latest?.remoteKey === remoteKey) return;
    this.#stopRising();
    if (this.#standing?.remoteKey === remoteKey) {
      // The browser takes its restart back, or was never gone.
      this.#end = this.#standing.end;
      return;
    }
    const end = this.#endFor(kind);
    if (this.#standing?.end === end) this.#dropStanding();
    const way = this.#open(remote, end, remoteKey);
    this.#end = end;
    if (this.#standing === undefined) this.#stand(way);
    else this.#rise(way);
  }

  override writeAnew(text: Omit<LinkText, 'answering'>): string {
    this.#endForRenewal = newEnd(this.#end.certificate);
    return super.writeAnew(text);
  }

  protected local(
    answering: PeerDescription | undefined,
    anew: boolean,
  ): { address: string; port: number; webrtc: LocalWebrtc } {
    const { candidates, port } = this.#port;
    const { credentials, certificate } = (anew ? this.#endForRenewal : undefined) ?? this.#end;
    const setup = (this.#rising ?? this.#standing)?.setup;
    return {
      address: candidates[0]?.address ?? '0.0.0.0',
      port,
      webrtc: {
        ...credentials,
        fingerprint: certificate.fingerprint,
        // RFC 8842 section 5.2: an offer says actpass.
        setup: answering === undefined ? 'actpass' : (setup ?? 'active'),
        candidates,
        ssrc: this.options.leg.stream.ssrc,
      },
    };
  }

  /** The end that the browser was, or will be, told. */
  #endFor(kind: RemoteKind): OwnEnd {
    if (kind === 'renewal' && this.#endForRenewal !== undefined) {
      const end = this.#endForRenewal;
      this.#endForRenewal = undefined;
      return end;
    }
    if (kind === 'answer' || !this.#end.used) return this.#end;
    return newEnd(this.#port.certificates.another());
  }

  #open(remote: PeerDescription, end: OwnEnd, remoteKey: string): Way {
    const { ice, dtls } = remote;
    if (ice === undefined || dtls === undefined) throw new Error('no WebRTC peer');
    const { callId, onConnected } = this.options;
    // Chromium refuses to change its part in DTLS within a call.
    const setup = setupTowards(dtls.setup, this.#standing?.setup);
    try {
      const transport = new BrowserTransport({
        port: this.#port,
        name: callId,
        local: end.credentials,
        certificate: end.certificate,
        setup,
        remote: { ice, fingerprint: dtls.fingerprint },
        handlers: {
          ...this.handlers(),
          onConnected: () => {
            this.#cameUp(way);
            onConnected();
          },
          onFailed: (error) => {
            this.#failed(way, error);
          },
        },
      });
      const way: Way = { end, remoteKey, setup, transport };
      end.used = true;
      return way;
    } catch (error) {
      throw toCopperlineError(error, 'CL_MEDIA_TRANSPORT_FAILED');
    }
  }

  #stand(way: Way): void {
    this.#standing = way;
    this.options.leg.transport = way.transport;
  }

  #rise(way: Way): void {
    this.#rising = way;
    this.options.leg.rising = way.transport;
  }

  #cameUp(way: Way): void {
    if (way !== this.#rising) return;
    const { leg } = this.options;
    leg.dropTransport();
    leg.rising = undefined;
    this.#rising = undefined;
    this.#stand(way);
  }

  #failed(way: Way, error: CopperlineError): void {
    if (way === this.#rising) {
      this.#stopRising();
      if (this.options.leg.transport === undefined) this.options.onFailed(error);
      return;
    }
    if (way !== this.#standing) return;
    const coming = this.#rising !== undefined || this.#endForRenewal !== undefined;
    if (coming) this.#dropStanding();
    else this.options.onFailed(error);
  }

  #stopRising(): void {
    const { leg } = this.options;
    leg.rising?.close();
    leg.rising = undefined;
    this.#rising = undefined;
  }

  #dropStanding(): void {
    this.options.leg.dropTransport();
    this.#standing = undefined;
  }
}

function newEnd(certificate: DtlsCertificate): OwnEnd {
  return { credentials: newIceCredentials(), certificate, used: false };
}
