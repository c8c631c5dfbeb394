import { SessionState, type Session, type URI } from 'sip.js';
import { CallMedia } from './call-media.js';
import { isActive, reduceCall, type CallInput, type CallState } from './call-state.js';
import { DigitQueue } from './digit-queue.js';
import { DTMF_REPORT, digitsInReport } from './dtmf-report.js';
import { DTMF_RELAY, parseDtmfRelay } from './dtmf-relay.js';
import { failureFromResponse, failureOf, PhoneError, type Failure } from './failure.js';
import { isHeldBy } from './media-direction.js';
import { MediaSession } from './media-session.js';
import type { Call, CallEvents } from './phone-types.js';
import { QualityMonitor } from './quality-monitor.js';
import { bestReason } from './reason-header.js';
import type { RemoteParty } from './remote-party.js';
import type { Message, SipCallOptions } from './sip-call-options.js';
import { SessionOffers } from './session-offers.js';
import type { Timers } from './timers.js';
import { requestTransfer } from './transfer-request.js';
import { TypedEvents } from './typed-events.js';

/** What calls have in common, whoever placed them: a sip.js session, its media, its digits, its offers. */
export abstract class SipCall extends TypedEvents<CallEvents> implements Call {
  abstract readonly direction: Call['direction'];
  readonly remote: RemoteParty;
  protected readonly timers: Timers;
  protected readonly digits: DigitQueue;
  readonly #options: SipCallOptions;
  readonly #session: Session;
  readonly #media: CallMedia;
  readonly #offers: SessionOffers;
  readonly #quality: QualityMonitor;
  /** Aborted with the end of the call. */
  readonly #over = new AbortController();
  #state: CallState = { name: 'idle' };
  #held = false;
  #remoteHeld = false;

  constructor(options: SipCallOptions) {
    super();
    const { session, timers } = options;
    this.remote = options.remote;
    this.timers = timers;
    this.#options = options;
    this.#session = session;
    this.#offers = new SessionOffers(session, timers);
    this.#media = new CallMedia({
      ...{ timers, canRestart: () => options.signalling() && this.state.name === 'in-call' },
      onRemoteAudio: (stream) => {
        this.emit('remote-audio', stream);
      },
      onConnected: () => {
        this.#openDigits();
      },
      onBroken: options.pathBroken,
      onMicrophone: (change) => {
        this.emit('microphone', change);
      },
      restart: () => {
        this.#offers.restart(this.#held).catch(() => undefined);
      },
      onLost: () => {
        this.end(failureOf('media-lost'));
      },
    });
    this.#quality = new QualityMonitor({
      ...{ timers, connection: () => this.peerConnection },
      onQuality: (quality) => {
        this.emit('quality', quality);
      },
    });
    this.digits = new DigitQueue({
      ...{ timing: options.digitTiming, timers },
      sender: () => this.#media.digitSender(session, timers),
      onProgress: (progress) => {
        this.emit('digit', progress);
      },
    });
    this.#listen();
  }

  get number(): string {
    return this.remote.number;
  }

  get state(): CallState {
    return this.#state;
  }

  get muted(): boolean {
    return this.#media.muted;
  }

  get held(): boolean {
    return this.#held;
  }

  get remoteHeld(): boolean {
    return this.#remoteHeld;
  }

  get remoteAudio(): MediaStream | undefined {
    return this.#media.remoteAudio;
  }

  get peerConnection(): RTCPeerConnection | undefined {
    return this.#media.peerConnection;
  }

  /** Says goodbye to the other side, in the way that the state of the session asks for. */
  protected abstract leave(): Promise<unknown>;

  answer(): void {
    // Only a call that came in can be answered.
  }

  reject(): void {
    this.hangUp();
  }

  hangUp(): void {
    this.end(undefined);
  }

  setMuted(muted: boolean): void {
    if (muted === this.#media.muted) return;
    this.#media.setMuted(muted);
    this.emit('muted', muted);
  }

  sendDigits(digits: string): void {
    if (isActive(this.#state)) this.digits.push(digits);
  }

  async setHeld(held: boolean): Promise<void> {
    if (this.#state.name !== 'in-call' || held === this.#held) return;
    await this.#offers.hold(held);
    this.#held = held;
    this.#media.setPaused(held);
    this.emit('held', held);
  }

  /** The call was on hold before this page was loaded again. */
  protected stayHeld(): void {
    this.#held = true;
    this.#media.setPaused(true);
  }

  async transfer(number: string): Promise<void> {
    await this.#transfer(this.#options.targetOf(number));
  }

  async transferTo(other: Call): Promise<void> {
    if (!(other instanceof SipCall) || other === this || other.state.name !== 'in-call')
      throw new PhoneError(failureOf('rejected'));
    await this.#transfer(other.#session);
  }

  useMicrophone(constraints: MediaTrackConstraints): Promise<void> {
    return this.#media.useMicrophone(constraints);
  }

  /** The WebSocket is gone. An answered call keeps its audio; one that is not answered cannot be completed. */
  signallingLost(): void {
    if (this.#state.name !== 'in-call') this.fail(failureOf('connection-lost'));
  }

  /** The server knows us again, perhaps on another network: the audio may need another path. */
  signallingBack(): void {
    this.#media.checkPath();
  }

  /** Our own end: tells the far end, whatever state it knows us in. */
  protected end(failure: Failure | undefined): void {
    if (!isActive(this.#state)) return;
    const answered = this.#state.name === 'in-call';
    if (failure === undefined) this.finish({ how: answered ? 'hung-up' : this.#unansweredEnd });
    else this.fail(failure);
    this.leave().catch(() => {
      // The session ended by itself in the same moment, or the WebSocket is gone; there is nobody to tell.
    });
  }

  protected fail(failure: Failure): void {
    this.finish({ how: 'failed', failure });
  }

  protected finish(end: Extract<CallInput, { type: 'ended' }>['end']): void {
    if (!isActive(this.#state)) return;
    this.digits.close();
    this.#quality.stop();
    this.#media.close();
    this.apply({ type: 'ended', end, at: this.timers.now() });
    this.#over.abort();
  }

  protected apply(input: CallInput): void {
    const next = reduceCall(this.#state, input);
    if (next === this.#state) return;
    this.#state = next;
    if (next.name === 'in-call') this.#quality.start();
    this.emit('state', next);
    this.#openDigits();
  }

  get #unansweredEnd(): 'cancelled' | 'rejected' {
    return this.direction === 'incoming' ? 'rejected' : 'cancelled';
  }

  #transfer(target: URI | Session): Promise<void> {
    if (this.#state.name !== 'in-call')
      return Promise.reject(new PhoneError(failureOf('rejected')));
    return requestTransfer(this.#session, target, this.#over.signal);
  }

  #listen(): void {
    this.#session.delegate = {
      onSessionDescriptionHandler: (handler) => {
        if (handler instanceof MediaSession) this.#media.use(handler);
      },
      onInvite: (request, _response, status) => {
        if (status < 300 && request.body !== '') this.#reoffered(request.body);
      },
      onCancel: ({ request }) => {
        this.#cancelled(request);
      },
      onBye: (bye) => {
        void bye.accept();
        this.#remoteHungUp(bye.request);
      },
      onInfo: (info) => {
        void info.accept();
        this.#incomingInfo(info.request);
      },
    };
    this.#session.stateChange.addListener((state) => {
      if (state === SessionState.Established) {
        this.apply({ type: 'answered', at: this.timers.now() });
      }
      // sip.js reports the end before its reason. When none follows, the answer's media could not be set up.
      if (state === SessionState.Terminated) {
        this.timers.after(0, () => {
          this.fail(failureOf('media-failed'));
        });
      }
    });
  }

  #reoffered(sdp: string): void {
    const held = isHeldBy(sdp);
    if (held === this.#remoteHeld) return;
    this.#remoteHeld = held;
    this.emit('remote-held', held);
  }

  /** RFC 3326 section 2: a 200 in the Reason of a CANCEL says that somebody else answered. */
  #cancelled(cancel: Message): void {
    const reason = bestReason(cancel.getHeaders('reason'));
    const elsewhere = reason?.protocol === 'SIP' && reason.cause === 200;
    this.finish({ how: elsewhere ? 'elsewhere' : 'missed' });
  }

  #remoteHungUp(bye: Message): void {
    const reason = bestReason(bye.getHeaders('reason'));
    // RFC 3326 section 2: a cause of 300 or more in a BYE says why the call broke, anything else is a plain end.
    if (reason?.protocol === 'SIP' && (reason.cause ?? 200) >= 300) {
      this.fail(failureFromResponse(reason.cause ?? 500, bye.getHeaders('reason')));
      return;
    }
    const sentence = reason?.text === undefined ? {} : { sentence: reason.text };
    this.finish({ how: 'remote-hung-up', ...sentence });
  }

  #incomingInfo(info: Message): void {
    const type = info.getHeader('content-type')?.split(';')[0]?.trim().toLowerCase();
    const digit = type === DTMF_RELAY ? parseDtmfRelay(info.body) : undefined;
    if (digit !== undefined) this.emit('incoming-digit', digit);
    const heard = type === DTMF_REPORT ? digitsInReport(info.body) : '';
    if (heard !== '') this.emit('confirmed-digits', heard);
  }

  /** A tone that is sent before DTLS is done is lost; an INFO before the answer has no dialog to travel in. */
  #openDigits(): void {
    const early = this.#state.name === 'early-media' && this.#media.takesTelephoneEvents;
    if (this.#media.connected && (early || this.#state.name === 'in-call')) this.digits.open();
  }
}
