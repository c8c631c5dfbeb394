import { Inviter, SessionState, URI, type UserAgent } from 'sip.js';
import { CallMedia } from './call-media.js';
import { isActive, reduceCall, type CallInput, type CallState } from './call-state.js';
import { DigitQueue } from './digit-queue.js';
import { toDigits, type DigitTiming } from './digits.js';
import { DTMF_RELAY, parseDtmfRelay } from './dtmf-relay.js';
import { failureFromResponse, failureOf, PhoneError, type Failure } from './failure.js';
import { MediaSession } from './media-session.js';
import type { Call, CallEvents } from './phone-types.js';
import { bestReason } from './reason-header.js';
import type { Timers } from './timers.js';
import { TypedEvents } from './typed-events.js';

export interface OutgoingCallOptions {
  userAgent: UserAgent;
  number: string;
  domain: string;
  digitTiming: DigitTiming;
  timers: Timers;
}

/** The part of a sip.js message that decides something here. */
interface Message {
  statusCode?: number | undefined;
  body: string;
  getHeader(name: string): string | undefined;
  getHeaders(name: string): string[];
}

/** A call that this browser placed: one sip.js Inviter, its media and its digits. */
export class OutgoingCall extends TypedEvents<CallEvents> implements Call {
  readonly number: string;
  readonly #options: OutgoingCallOptions;
  readonly #inviter: Inviter;
  readonly #media: CallMedia;
  readonly #digits: DigitQueue;
  #state: CallState = { name: 'idle' };

  constructor(options: OutgoingCallOptions) {
    super();
    this.number = options.number;
    this.#options = options;
    const target = new URI('sip', encodeURIComponent(options.number), options.domain);
    this.#inviter = new Inviter(options.userAgent, target, { earlyMedia: true });
    this.#media = new CallMedia({
      onRemoteAudio: (stream) => {
        this.emit('remote-audio', stream);
      },
      onConnected: () => {
        this.#openDigits();
      },
      onLost: () => {
        this.#end(failureOf('media-lost'));
      },
    });
    this.#digits = new DigitQueue({
      timing: options.digitTiming,
      sender: () => this.#media.digitSender(this.#inviter, options.timers),
      onProgress: (progress) => {
        this.emit('digit', progress);
      },
    });
    this.#listen();
  }

  get state(): CallState {
    return this.#state;
  }

  get muted(): boolean {
    return this.#media.muted;
  }

  get remoteAudio(): MediaStream | undefined {
    return this.#media.remoteAudio;
  }

  get peerConnection(): RTCPeerConnection | undefined {
    return this.#media.peerConnection;
  }

  /** Sends the INVITE. */
  start(): void {
    this.#apply({ type: 'dialled' });
    const refused = ({ message }: { message: Message }): void => {
      this.#fail(failureFromResponse(message.statusCode ?? 500, message.getHeaders('reason')));
    };
    this.#inviter
      .invite({
        requestDelegate: {
          onTrying: () => {
            this.#apply({ type: 'trying' });
          },
          onProgress: ({ message }) => {
            this.#progress(message);
          },
          onReject: refused,
          onRedirect: refused,
        },
      })
      .catch((thrown: unknown) => {
        this.#fail(thrown instanceof PhoneError ? thrown.failure : failureOf('media-failed'));
      });
  }

  hangUp(): void {
    this.#end(undefined);
  }

  /** The WebSocket is gone. An answered call keeps its audio; one that is not answered cannot be completed. */
  signallingLost(): void {
    if (this.#state.name !== 'in-call') this.#fail(failureOf('connection-lost'));
  }

  setMuted(muted: boolean): void {
    if (muted === this.#media.muted) return;
    this.#media.setMuted(muted);
    this.emit('muted', muted);
  }

  sendDigits(digits: string): void {
    if (isActive(this.#state)) this.#digits.push(toDigits(digits));
  }

  #listen(): void {
    this.#inviter.delegate = {
      onSessionDescriptionHandler: (handler) => {
        if (handler instanceof MediaSession) this.#media.use(handler);
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
    this.#inviter.stateChange.addListener((state) => {
      if (state === SessionState.Established) {
        this.#apply({ type: 'answered', at: this.#options.timers.now() });
      }
      // sip.js reports the end before its reason. When none follows, the answer's media could not be set up.
      if (state === SessionState.Terminated) {
        this.#options.timers.after(0, () => {
          this.#fail(failureOf('media-failed'));
        });
      }
    });
  }

  #progress(message: Message): void {
    if (message.body !== '') this.#apply({ type: 'early-media' });
    else if (message.statusCode === 180) this.#apply({ type: 'ringing' });
  }

  #remoteHungUp(bye: Message): void {
    const reason = bestReason(bye.getHeaders('reason'));
    // RFC 3326 section 2: a cause of 300 or more in a BYE says why the call broke, anything else is a plain end.
    if (reason?.protocol === 'SIP' && (reason.cause ?? 200) >= 300) {
      this.#fail(failureFromResponse(reason.cause ?? 500, bye.getHeaders('reason')));
      return;
    }
    const sentence = reason?.text === undefined ? {} : { sentence: reason.text };
    this.#finish({ how: 'remote-hung-up', ...sentence });
  }

  #incomingInfo(info: Message): void {
    const type = info.getHeader('content-type')?.split(';')[0]?.trim().toLowerCase();
    const digit = type === DTMF_RELAY ? parseDtmfRelay(info.body) : undefined;
    if (digit !== undefined) this.emit('incoming-digit', digit);
  }

  /** Our own end: tells the far end, whatever state it knows us in. */
  #end(failure: Failure | undefined): void {
    if (!isActive(this.#state)) return;
    const answered = this.#state.name === 'in-call';
    if (failure === undefined) this.#finish({ how: answered ? 'hung-up' : 'cancelled' });
    else this.#fail(failure);
    const farewell =
      this.#inviter.state === SessionState.Established
        ? this.#inviter.bye()
        : this.#inviter.cancel();
    farewell.catch(() => {
      // The session ended by itself in the same moment, or the WebSocket is gone; there is nobody to tell.
    });
  }

  #fail(failure: Failure): void {
    this.#finish({ how: 'failed', failure });
  }

  #finish(end: Extract<CallInput, { type: 'ended' }>['end']): void {
    if (!isActive(this.#state)) return;
    this.#digits.close();
    this.#apply({ type: 'ended', end, at: this.#options.timers.now() });
  }

  #apply(input: CallInput): void {
    const next = reduceCall(this.#state, input);
    if (next === this.#state) return;
    this.#state = next;
    this.emit('state', next);
    this.#openDigits();
  }

  /** A tone that is sent before DTLS is done is lost; an INFO before the answer has no dialog to travel in. */
  #openDigits(): void {
    const early = this.#state.name === 'early-media' && this.#media.takesTelephoneEvents;
    if (this.#media.connected && (early || this.#state.name === 'in-call')) this.#digits.open();
  }
}
