import { UserAgent, URI, type Invitation } from 'sip.js';
import { keepAnswerableChallenges } from './challenge-filter.js';
import { Connection } from './connection.js';
import { splitDialString } from './dial-string.js';
import { DEFAULT_DIGIT_TIMING } from './digits.js';
import { IceServers } from './ice-servers.js';
import { IncomingCall } from './incoming-call.js';
import { tabInstanceId } from './instance-id.js';
import { MediaSession, type MediaOptions } from './media-session.js';
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
import type { SipCall } from './sip-call.js';
import type { SipCallOptions } from './sip-call-options.js';
import { browserTimers, type Timers } from './timers.js';
import { transportOf } from './token-transport.js';
import { TypedEvents } from './typed-events.js';

/** A phone for one user on one SIP server. Nothing happens until connect(). */
export function createPhone(options: PhoneOptions): Phone {
  return new SipPhone(options);
}

/** Set by the server in an INVITE that offers a running call to a page that was loaded again: the Call-ID before. */
const REATTACH = 'X-Copperline-Reattach';
const BUSY = 486;
const MICROPHONE_PATIENCE_MS = 60_000;

class SipPhone extends TypedEvents<PhoneEvents> implements Phone {
  readonly #options: PhoneOptions;
  readonly #timers: Timers;
  readonly #media: MediaOptions;
  readonly #instanceId: string;
  readonly #userAgent: UserAgent;
  readonly #connection: Connection;
  readonly #registration: Registration;
  #connectionState: ConnectionState = { name: 'disconnected' };
  #registrationState: RegistrationState = { name: 'unregistered' };
  #calls: SipCall[] = [];

  constructor(options: PhoneOptions) {
    super();
    this.#options = options;
    this.#timers = options.timers ?? browserTimers;
    this.#media = {
      iceServers: new IceServers(options.iceServers ?? [], this.#timers),
      iceTransportPolicy: options.iceTransportPolicy ?? 'all',
      codecs: options.codecs ?? [],
      iceGatheringMs: options.iceGatheringMs ?? 0,
      microphone: options.microphone ?? {},
      patience: {
        ms: options.microphonePatienceMs ?? MICROPHONE_PATIENCE_MS,
        timers: this.#timers,
      },
    };
    this.#instanceId = options.instanceId ?? tabInstanceId();
    this.#userAgent = createUserAgent({
      options,
      media: this.#media,
      instanceId: this.#instanceId,
    });
    this.#userAgent.delegate = {
      onInvite: (invitation) => {
        this.#invited(invitation);
      },
    };
    this.#connection = new Connection({
      userAgent: this.#userAgent,
      timers: this.#timers,
      onState: (state) => {
        this.#connectionChanged(state);
      },
      onNetwork: () => {
        if (!this.#byToken) this.#registration.probe();
      },
    });
    this.#registration = new Registration({
      userAgent: this.#userAgent,
      seconds: options.registrationSeconds ?? 300,
      ...{ timers: this.#timers, instanceId: this.#instanceId },
      onState: (state) => {
        this.#registrationState = state;
        this.emit('registration', state);
        if (state.name !== 'registered') return;
        this.#media.iceServers.start();
        this.#signallingBack();
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
    return this.#calls.at(-1);
  }

  get calls(): readonly Call[] {
    return this.#calls;
  }

  connect(): void {
    this.#connection.open();
  }

  call(text: string, { quiet = false }: { quiet?: boolean } = {}): Call {
    if (this.#full) throw new Error('A call is active; hang up first.');
    const { number, digits } = splitDialString(text);
    const { userAgent, ...options } = { ...this.#callOptions, userAgent: this.#userAgent };
    const call = new OutgoingCall({ ...options, userAgent, number, digits });
    this.#add(call);
    if (!quiet) this.emit('call', call);
    call.start();
    return call;
  }

  async useMicrophone(constraints: MediaTrackConstraints): Promise<void> {
    this.#media.microphone = constraints;
    await Promise.all(this.#calls.map((call) => call.useMicrophone(constraints)));
  }

  suspend(): void {
    this.#media.iceServers.stop();
    this.#connection.close();
  }

  disconnect(): void {
    for (const call of [...this.#calls]) call.hangUp();
    this.#registration.stop();
    this.#media.iceServers.stop();
    this.#connection.close();
  }

  get #full(): boolean {
    return this.#calls.length >= (this.#options.maxCalls ?? 1);
  }

  get #callOptions(): Omit<SipCallOptions, 'session' | 'remote'> {
    return {
      digitTiming: this.#options.digitTiming ?? DEFAULT_DIGIT_TIMING,
      timers: this.#timers,
      signalling: () => this.#byToken || this.#registrationState.name === 'registered',
      pathBroken: () => {
        // A new path needs the server, and a WebSocket of a network that is gone looks open for minutes.
        if (this.#byToken) this.#signallingBack();
        else this.#registration.probe();
      },
      targetOf: (number) => new URI('sip', encodeURIComponent(number), this.#options.domain),
    };
  }

  #invited(invitation: Invitation): void {
    const goesOn = invitation.request.getHeader(REATTACH) !== undefined;
    if (!goesOn && (this.#full || !this.hasListeners('incoming'))) {
      void invitation.reject({ statusCode: BUSY }).catch(() => undefined);
      return;
    }
    const call = new IncomingCall({ ...this.#callOptions, invitation });
    this.#add(call);
    // Started first: whoever is told finds a call that can be answered.
    call.start();
    this.emit(goesOn ? 'call' : 'incoming', call);
    if (goesOn) call.goOn();
  }

  #add(call: SipCall): void {
    this.#calls = [...this.#calls, call];
    call.on('state', ({ name }) => {
      if (name === 'ended') this.#calls = this.#calls.filter((other) => other !== call);
    });
  }

  #connectionChanged(state: ConnectionState): void {
    const wasConnected = this.#connectionState.name === 'connected';
    this.#connectionState = state;
    this.emit('connection', state);
    if (state.name === 'connected' && !this.#byToken) this.#registration.start();
    else if (wasConnected && state.name === 'waiting') {
      this.#registration.lost();
      for (const call of this.#calls) call.signallingLost();
    }
    if (state.name === 'waiting' && this.#byToken) this.#connection.close();
  }

  get #byToken(): boolean {
    return this.#options.token !== undefined;
  }

  /** The server hears us, perhaps on another network: calls may need another path. */
  #signallingBack(): void {
    for (const call of this.#calls) call.signallingBack();
  }
}

function createUserAgent({
  options,
  media,
  instanceId,
}: {
  options: PhoneOptions;
  media: MediaOptions;
  instanceId: string;
}): UserAgent {
  const userAgent = new UserAgent({
    uri: new URI('sip', encodeURIComponent(options.user), options.domain),
    authorizationUsername: options.user,
    authorizationPassword: options.password ?? '',
    displayName: options.displayName ?? '',
    transportOptions: { server: options.server, connectionTimeout: 10 },
    userAgentString: 'Copperline',
    ...transportOf(options),
    instanceId,
    // The server decides how long somebody is rung.
    noAnswerTimeout: 300,
    gracefulShutdown: false,
    // sip.js prints its options and every message otherwise; digits and credentials are nobody else's.
    logConfiguration: false,
    logBuiltinEnabled: false,
    sessionDescriptionHandlerFactory: (session) =>
      new MediaSession(session.userAgent.getLogger('copperline.MediaSession'), media),
  });
  const deliver = userAgent.transport.onMessage;
  userAgent.transport.onMessage = (message) => {
    deliver?.(keepAnswerableChallenges(message));
  };
  return userAgent;
}
