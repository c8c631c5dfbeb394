import { UserAgent, URI } from 'sip.js';
import { keepAnswerableChallenges } from './challenge-filter.js';
import { isActive } from './call-state.js';
import { Connection } from './connection.js';
import { DEFAULT_DIGIT_TIMING } from './digits.js';
import { MediaSession } from './media-session.js';
import { OutgoingCall } from './outgoing-call.js';
import type {
  Call,
  ConnectionState,
  Phone,
  PhoneEvents,
  PhoneOptions,
  RegistrationState,
} from './phone-types.js';
import { Registration } from './registration.js';
import { browserTimers, type Timers } from './timers.js';
import { transportOf } from './token-transport.js';
import { TypedEvents } from './typed-events.js';

/** A phone for one user on one SIP server. Nothing happens until connect(). */
export function createPhone(options: PhoneOptions): Phone {
  return new SipPhone(options);
}

class SipPhone extends TypedEvents<PhoneEvents> implements Phone {
  readonly #options: PhoneOptions;
  readonly #timers: Timers;
  readonly #userAgent: UserAgent;
  readonly #connection: Connection;
  readonly #registration: Registration;
  #connectionState: ConnectionState = { name: 'disconnected' };
  #registrationState: RegistrationState = { name: 'unregistered' };
  #call: OutgoingCall | undefined;

  constructor(options: PhoneOptions) {
    super();
    this.#options = options;
    this.#timers = options.timers ?? browserTimers;
    this.#userAgent = createUserAgent(options);
    this.#connection = new Connection({
      userAgent: this.#userAgent,
      timers: this.#timers,
      onState: (state) => {
        this.#connectionChanged(state);
      },
    });
    this.#registration = new Registration({
      userAgent: this.#userAgent,
      seconds: options.registrationSeconds ?? 300,
      timers: this.#timers,
      onState: (state) => {
        this.#registrationState = state;
        this.emit('registration', state);
      },
      onSilence: () => {
        this.#connection.renew();
      },
    });
  }

  get connection(): ConnectionState {
    return this.#connectionState;
  }

  get registration(): RegistrationState {
    return this.#registrationState;
  }

  get activeCall(): Call | undefined {
    return this.#call !== undefined && isActive(this.#call.state) ? this.#call : undefined;
  }

  connect(): void {
    this.#connection.open();
  }

  call(number: string): Call {
    if (this.activeCall !== undefined) throw new Error('A call is active; hang up first.');
    const call = new OutgoingCall({
      userAgent: this.#userAgent,
      number,
      domain: this.#options.domain,
      digitTiming: this.#options.digitTiming ?? DEFAULT_DIGIT_TIMING,
      timers: this.#timers,
    });
    this.#call = call;
    this.emit('call', call);
    call.start();
    return call;
  }

  disconnect(): void {
    this.#call?.hangUp();
    this.#registration.stop();
    this.#connection.close();
  }

  #connectionChanged(state: ConnectionState): void {
    const wasConnected = this.#connectionState.name === 'connected';
    this.#connectionState = state;
    this.emit('connection', state);
    const byToken = this.#options.token !== undefined;
    if (state.name === 'connected' && !byToken) this.#registration.start();
    else if (wasConnected && state.name === 'waiting') {
      this.#registration.lost();
      this.#call?.signallingLost();
    }
    if (state.name === 'waiting' && byToken) this.#connection.close();
  }
}

function createUserAgent(options: PhoneOptions): UserAgent {
  const userAgent = new UserAgent({
    uri: new URI('sip', encodeURIComponent(options.user), options.domain),
    authorizationUsername: options.user,
    authorizationPassword: options.password ?? '',
    displayName: options.displayName ?? '',
    transportOptions: { server: options.server, connectionTimeout: 10 },
    userAgentString: 'Copperline',
    ...transportOf(options),
    gracefulShutdown: false,
    // sip.js prints its options and every message otherwise; digits and credentials are nobody else's.
    logConfiguration: false,
    logBuiltinEnabled: false,
    sessionDescriptionHandlerFactory: (session) =>
      new MediaSession(session.userAgent.getLogger('copperline.MediaSession'), {
        iceServers: options.iceServers ?? [],
        codecs: options.codecs ?? [],
        iceGatheringMs: options.iceGatheringMs ?? 0,
        microphone: options.microphone ?? {},
      }),
  });
  const deliver = userAgent.transport.onMessage;
  userAgent.transport.onMessage = (message) => {
    deliver?.(keepAnswerableChallenges(message));
  };
  return userAgent;
}
