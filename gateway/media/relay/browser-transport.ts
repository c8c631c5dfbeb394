import type { Clock, Timer } from '../../kernel/clock.js';
import { CopperlineError } from '../../kernel/errors.js';
import { DtlsEndpoint } from '../dtls/dtls-endpoint.js';
import { beginsInTheClear } from '../dtls/record.js';
import type { IcePath } from '../ice/ice-paths.js';
import { isRtcp } from '../rtp/rtp-packet.js';
import type { DtlsParameters, IceParameters } from '../sdp/peer-description.js';
import { SrtpReceiver } from '../srtp/srtp-receiver.js';
import { SrtpSender } from '../srtp/srtp-sender.js';
import type { SrtpKey } from '../srtp/srtp-suite.js';
import type { BrowserEnd, EndUser } from './browser-end.js';
import type { MediaTransport, PacketReceiver, TransportHandlers } from './media-transport.js';
import type { Rejections } from './rejections.js';

export interface BrowserTransportOptions {
  end: BrowserEnd;
  clock: Clock;
  /** Our part in DTLS. */
  setup: 'active' | 'passive';
  remote: { ice: IceParameters; fingerprint: string };
  rejections: Rejections;
  handlers: TransportHandlers;
}

/**
 * Without ICE and DTLS after this long there is no connection; one that has had no check for as long is lost: a browser that has the
 * connection goes on asking for consent (RFC 7675 section 5.1). Peers that do not know consent live by their media.
 */
const PATIENCE_MS = 30_000;
const PATIENCE_SECONDS = PATIENCE_MS / 1000;

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
 * ICE, DTLS and SRTP with one browser; raw RTP and RTCP above. As the client of DTLS we say hello with the answer to the browser's first
 * check, before it has nominated anything: that is what makes the time from the answer to audio short.
 *
 *     waiting ──first check──▶ handshake ──keys──▶ open ──nothing for 30 s──▶ failed
 */
export class BrowserTransport implements MediaTransport, EndUser {
  readonly #end: BrowserEnd;
  readonly #clock: Clock;
  readonly #rejections: Rejections;
  readonly #handlers: TransportHandlers;
  readonly #leg: PacketReceiver;
  readonly #dtls: DtlsEndpoint;
  readonly #theirs: string;
  readonly #openedAt: number;
  #timer: Timer;
  #started = false;
  /** Of our first flight, the last datagram: until the browser has said anything. */
  #hello: Buffer | undefined;
  #heard = false;
  #sender: SrtpSender | undefined;
  #receiver: SrtpReceiver | undefined;
  /** Authentic media came since #look() looked last. */
  #hasMedia = false;
  #failed = false;
  #closed = false;

  constructor(options: BrowserTransportOptions) {
    const { end, clock, setup, remote } = options;
    this.#end = end;
    this.#clock = clock;
    this.#rejections = options.rejections;
    this.#handlers = options.handlers;
    this.#leg = options.handlers.receiver;
    this.#dtls = new DtlsEndpoint({
      role: setup === 'active' ? 'client' : 'server',
      certificate: end.certificate,
      remoteFingerprint: remote.fingerprint,
      clock,
      handlers: {
        send: (datagram) => {
          if (!this.#heard) this.#hello = datagram;
          end.send(datagram);
        },
        onConnected: (keys) => {
          this.#open(keys);
        },
        onFailed: (error) => {
          this.#fail(error);
        },
        // A browser that hung up: its BYE is on the way and says so better.
        onClosed: () => undefined,
      },
    });
    this.#openedAt = clock.monotonic();
    this.#timer = clock.setTimer(this.#look, PATIENCE_MS);
    this.#theirs = remote.ice.ufrag;
  }

  /** What came before is heard now, and handlers are called from now on. */
  begin(): void {
    this.#end.use(this, this.#theirs);
  }

  sendRtp(buffer: Buffer, start: number, end: number): void {
    const sealed = this.#sender?.rtp(buffer, start, end);
    if (sealed !== undefined) this.#end.send(sealed);
  }

  sendRtcp(packet: Buffer): void {
    const sealed = this.#sender?.rtcp(packet);
    if (sealed !== undefined) this.#end.send(sealed);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer.cancel();
    this.#sender = undefined;
    this.#receiver = undefined;
    this.#dtls.close();
    this.#end.release();
  }

  onDtls(datagram: Buffer, path?: IcePath): boolean {
    const isForeign = this.#sender !== undefined && beginsInTheClear(datagram);
    this.#heard = true;
    this.#hello = undefined;
    if (path !== undefined && this.#sender === undefined) this.#end.agent.handshakeFrom(path);
    // Also what may be another's: with a flight that comes again, our last one is asked for again.
    this.#dtls.receive(datagram);
    return !isForeign;
  }

  onMedia(packet: Buffer, path: IcePath): boolean {
    const receiver = this.#receiver;
    if (receiver === undefined) return false;
    const isReport = isRtcp(packet);
    const opened = isReport ? receiver.rtcp(packet) : receiver.rtp(packet);
    if (opened === undefined) return false;
    this.#hasMedia = true;
    this.#end.agent.mediaFrom(path);
    if (isReport) this.#leg.onRtcp(opened);
    else this.#leg.onRtp(opened);
    return true;
  }

  onUnwanted({ address, port }: IcePath): void {
    // Before the keys are there, SRTP may overtake the end of the handshake.
    if (this.#receiver === undefined || !this.#rejections.isFirst('unauthentic')) return;
    const sentence = `A packet from ${address}:${port} is not protected by the keys of its DTLS connection, or came twice.`;
    this.#rejections.name('unauthentic', sentence);
  }

  onTarget(): void {
    if (!this.#started) {
      this.#started = true;
      this.#dtls.start();
      return;
    }
    // The browser may not have been ready for it, or not have been reached where it was sent to.
    if (this.#hello !== undefined) this.#end.send(this.#hello);
  }

  #open(keys: { local: SrtpKey; remote: SrtpKey }): void {
    if (this.#closed) return;
    this.#sender = new SrtpSender(keys.local);
    this.#receiver = new SrtpReceiver(keys.remote);
    this.#handlers.onConnected();
  }

  readonly #look = (): void => {
    const since = this.#sender === undefined ? this.#openedAt : this.#end.agent.checkedAt;
    const left = (since ?? this.#openedAt) + PATIENCE_MS - this.#clock.monotonic();
    if (left > 0 || this.#hasMedia) {
      this.#hasMedia = false;
      this.#timer = this.#clock.setTimer(this.#look, left > 0 ? left : PATIENCE_MS);
      return;
    }
    this.#fail(new CopperlineError('CL_MEDIA_TRANSPORT_FAILED', { sentence: this.#missing() }));
  };

  #missing(): string {
    if (this.#sender !== undefined)
      return `The connection with the browser was lost: neither an ICE check nor media came for ${PATIENCE_SECONDS} s.`;
    if (this.#end.agent.target === undefined)
      return `No ICE check of the browser reached our UDP port ${this.#end.port} within ${PATIENCE_SECONDS} s.`;
    const what = this.#heard ? 'finish' : 'begin';
    return `The browser's ICE checks reach us, but it did not ${what} DTLS within ${PATIENCE_SECONDS} s.`;
  }

  /** Told once. */
  #fail(error: CopperlineError): void {
    if (this.#closed || this.#failed) return;
    this.#failed = true;
    this.#timer.cancel();
    this.#handlers.onFailed(error);
  }
}
