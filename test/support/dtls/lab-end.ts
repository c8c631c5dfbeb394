import { EventEmitter } from 'node:events';
import { systemClock } from '../../../gateway/kernel/clock.js';
import type { CopperlineError } from '../../../gateway/kernel/errors.js';
import { DtlsEndpoint } from '../../../gateway/media/dtls/dtls-endpoint.js';
import { BrowserEnd, type EndUser } from '../../../gateway/media/relay/browser-end.js';
import type { BrowserPort } from '../../../gateway/media/relay/browser-port.js';
import { SrtpReceiver } from '../../../gateway/media/srtp/srtp-receiver.js';
import { isRtcp } from '../../../gateway/media/rtp/rtp-packet.js';

type Way = 'in' | 'out';

interface Events {
  connected: [];
  failed: [CopperlineError];
  heard: [];
  closed: [];
}

export interface LabEndOptions {
  port: BrowserPort;
  /** Its address. */
  host: string;
  role: 'client' | 'server';
  /** Instead of the fingerprint in the offer. */
  remoteFingerprint?: string;
  /** True for a DTLS datagram that is to be lost; both directions are counted from 0. */
  loses?: (way: Way, number: number) => boolean;
}

/** Our end of one connection with a browser: ICE as in the relay, DTLS in either part, and a look at the first packet of SRTP. */
export class LabEnd implements EndUser {
  /** Rejected with the error of a handshake that failed. */
  readonly heard: Promise<void>;
  readonly failed: Promise<CopperlineError>;
  readonly closed: Promise<void>;
  /** DTLS datagrams that came and went before the connection was there. */
  readonly count = { in: 0, out: 0 };
  readonly #events = new EventEmitter<Events>();
  readonly #loses: (way: Way, number: number) => boolean;
  readonly #role: 'client' | 'server';
  readonly #port: BrowserPort;
  readonly #host: string;
  readonly #end: BrowserEnd;
  readonly #dtls: DtlsEndpoint;
  #receiver: SrtpReceiver | undefined;
  #started = false;

  constructor(offer: string, options: LabEndOptions) {
    const { port, role } = options;
    this.#port = port;
    this.#host = options.host;
    this.#role = role;
    this.#loses = options.loses ?? (() => false);
    this.heard = new Promise((resolve, reject) => {
      this.#events.once('heard', resolve);
      this.#events.once('failed', reject);
    });
    // A test that waits for the failure does not wait for this one.
    this.heard.catch(() => undefined);
    this.failed = new Promise((resolve) => this.#events.once('failed', resolve));
    this.closed = new Promise((resolve) => this.#events.once('closed', resolve));
    const certificate = port.certificates.current();
    this.#end = new BrowserEnd({ port, clock: systemClock, certificate });
    this.#dtls = new DtlsEndpoint({
      ...{ role, certificate, clock: systemClock },
      remoteFingerprint: options.remoteFingerprint ?? line(offer, 'fingerprint'),
      handlers: {
        send: (datagram) => {
          if (!this.#loses('out', this.count.out++)) this.#end.send(datagram);
        },
        onConnected: ({ remote }) => (this.#receiver = new SrtpReceiver(remote)),
        onFailed: (error) => this.#events.emit('failed', error),
        onClosed: () => this.#events.emit('closed'),
      },
    });
    this.#end.use(this, line(offer, 'ice-ufrag'));
  }

  /** Our answer to the offer. @param fingerprint instead of ours */
  answer(fingerprint = this.#end.certificate.fingerprint): string {
    const { ufrag, pwd } = this.#end.credentials;
    return [
      ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0', 'a=ice-lite'],
      ...['m=audio 9 UDP/TLS/RTP/SAVPF 0', 'c=IN IP4 0.0.0.0', 'a=mid:0', 'a=sendrecv'],
      ...['a=rtcp-mux', 'a=rtpmap:0 PCMU/8000', `a=ice-ufrag:${ufrag}`, `a=ice-pwd:${pwd}`],
      ...[`a=fingerprint:${fingerprint}`],
      `a=setup:${this.#role === 'client' ? 'active' : 'passive'}`,
      `a=candidate:1 1 udp 2130706431 ${this.#host} ${this.#port.port} typ host`,
      ...['a=end-of-candidates', ''],
    ].join('\r\n');
  }

  onDtls(datagram: Buffer): boolean {
    if (!this.#loses('in', this.count.in++)) this.#dtls.receive(datagram);
    return true;
  }

  onMedia(packet: Buffer): boolean {
    const receiver = this.#receiver;
    if (receiver === undefined || isRtcp(packet)) return false;
    const opened = receiver.rtp(packet);
    if (opened !== undefined) this.#events.emit('heard');
    return opened !== undefined;
  }

  onUnwanted(): void {
    // SRTP that overtook the end of the handshake.
  }

  onTarget(): void {
    if (this.#started) return;
    this.#started = true;
    this.#dtls.start();
  }

  close(): void {
    this.#dtls.close();
    this.#end.release();
  }
}

/** The value of the first `a=` line of that name. */
function line(sdp: string, name: string): string {
  const found = new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(sdp)?.[1];
  if (found === undefined) throw new Error(`The offer has no a=${name}.`);
  return found;
}
