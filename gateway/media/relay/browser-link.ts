import type { CopperlineError } from '../../kernel/errors.js';
import type { DtlsCertificate } from '../dtls/self-signed-certificate.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import type { LocalWebrtc } from '../sdp/write-sdp.js';
import { BrowserEnd } from './browser-end.js';
import type { BrowserPort } from './browser-port.js';
import { BrowserTransport, setupTowards } from './browser-transport.js';
import { checkIce } from './check-peer.js';
import { LegLink, type LinkOptions, type LinkText, type RemoteKind } from './leg-link.js';

/** A transport with both its ends. */
interface Way {
  end: BrowserEnd;
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
  #end: BrowserEnd;
  /** Named in an offer to a browser that has nothing of this call yet. */
  #endForRenewal: BrowserEnd | undefined;
  #standing: Way | undefined;
  #rising: Way | undefined;

  readonly #port: BrowserPort;
  /** All that may be registered at the port. */
  readonly #ends = new Set<BrowserEnd>();

  constructor(options: LinkOptions, port: BrowserPort) {
    super(options);
    this.#port = port;
    const { certificates } = port;
    this.#end = this.#newEnd(
      options.ownCertificate ? certificates.another() : certificates.current(),
    );
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  override close(): void {
    super.close();
    for (const end of this.#ends) end.release();
    this.#ends.clear();
  }

  connect(remote: PeerDescription, kind: RemoteKind): void {
    const { ice, dtls } = remote;
    if (ice === undefined || dtls === undefined) return;
    checkIce(remote);
    const remoteKey = `${ice.ufrag} ${ice.pwd} ${dtls.fingerprint}`;
    const latest = this.#rising ?? this.#standing;
    if (latest?.remoteKey === remoteKey) return;
    this.#stopRising();
    if (this.#standing?.remoteKey === remoteKey) {
      // The browser takes its restart back, or was never gone.
      this.#end = this.#standing.end;
      this.#releaseOthers();
      return;
    }
    const end = this.#endFor(kind);
    if (this.#standing?.end === end) this.#dropStanding();
    const way = this.#open(remote, end, remoteKey);
    this.#end = end;
    if (this.#standing === undefined) this.#stand(way);
    else this.#rise(way);
    this.#releaseOthers();
    way.transport.begin();
  }

  override writeAnew(text: Omit<LinkText, 'answering'>): string {
    this.#endForRenewal = this.#newEnd(this.#end.certificate);
    this.#releaseOthers();
    return super.writeAnew(text);
  }

  protected local(
    answering: PeerDescription | undefined,
    anew: boolean,
  ): { address: string; port: number; webrtc: LocalWebrtc } {
    const { candidates, port } = this.#port;
    const end = (anew ? this.#endForRenewal : undefined) ?? this.#end;
    const { credentials, certificate } = end;
    end.announce();
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
  #endFor(kind: RemoteKind): BrowserEnd {
    if (kind === 'renewal' && this.#endForRenewal !== undefined) {
      const end = this.#endForRenewal;
      this.#endForRenewal = undefined;
      return end;
    }
    if (kind === 'answer' || !this.#end.used) return this.#end;
    return this.#newEnd(this.#port.certificates.another());
  }

  #open(remote: PeerDescription, end: BrowserEnd, remoteKey: string): Way {
    const { ice, dtls } = remote;
    if (ice === undefined || dtls === undefined) throw new Error('no WebRTC peer');
    const { leg, resources, onConnected } = this.options;
    // Chromium refuses to change its part in DTLS within a call.
    const setup = setupTowards(dtls.setup, this.#standing?.setup);
    const transport = new BrowserTransport({
      end,
      clock: resources.clock,
      setup,
      remote: { ice, fingerprint: dtls.fingerprint },
      rejections: leg.rejections,
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
    const way = { end, remoteKey, setup, transport };
    return way;
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

  #newEnd(certificate: DtlsCertificate): BrowserEnd {
    const { clock } = this.options.resources;
    const end = new BrowserEnd({ port: this.#port, clock, certificate });
    this.#ends.add(end);
    return end;
  }

  /** Ends that no SDP leads to any more, and no transport has. */
  #releaseOthers(): void {
    for (const end of this.#ends) {
      if (end === this.#end || end === this.#endForRenewal) continue;
      if (end === this.#standing?.end || end === this.#rising?.end) continue;
      end.release();
      this.#ends.delete(end);
    }
  }
}
