import type { CallEnd, CallState } from '../phone/call-state.js';
import { PhoneError, type Failure } from '../phone/failure.js';
import { openMicrophone } from '../phone/microphone.js';
import { createPhone } from '../phone/phone.js';
import type { Call, Phone } from '../phone/phone-types.js';
import { Ringback } from '../phone/ringback.js';
import { fetchGrant, GrantError, type CallGrant } from './call-grant.js';
import type { Visit, VisitFailure, VisitOptions, VisitState } from './visit-types.js';

/** Calls the destination of a site. Never throws: what goes wrong is the end of the visit. */
export function startVisit(options: VisitOptions): Visit {
  const visit = new SiteVisit(options);
  void visit.run();
  return visit;
}

const FAILURES: Partial<Record<Failure['kind'], VisitFailure>> = {
  'microphone-denied': 'microphone-denied',
  'microphone-missing': 'microphone-missing',
  'microphone-busy': 'microphone-missing',
  'insecure-page': 'unsupported',
  'browser-unsupported': 'unsupported',
  'media-lost': 'lost',
  'connection-lost': 'lost',
  'server-unreachable': 'unreachable',
  'too-many-calls': 'all-busy',
  busy: 'busy',
  declined: 'busy',
  'no-answer': 'no-answer',
  unavailable: 'no-answer',
  'service-unavailable': 'unreachable',
};

/** Asks for the microphone, fetches the token, connects, calls. */
class SiteVisit implements Visit {
  readonly #options: VisitOptions;
  readonly #over = new AbortController();
  readonly #speaker = new Audio();
  readonly #ringback = new Ringback();
  #microphone: MediaStream | undefined;
  #phone: Phone | undefined;
  #call: Call | undefined;

  constructor(options: VisitOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    try {
      this.#show({ name: 'microphone' });
      await this.#openMicrophone();
      this.#show({ name: 'checking' });
      const grant = await fetchGrant(this.#options, this.#over.signal);
      this.#over.signal.throwIfAborted();
      this.#show({ name: 'connecting' });
      this.#connect(grant);
    } catch (thrown) {
      this.#end(endOf(thrown));
    }
  }

  hangUp(): void {
    this.#call?.hangUp();
    this.#end({ name: 'ended' });
  }

  setMuted(muted: boolean): void {
    this.#call?.setMuted(muted);
  }

  sendDigits(digits: string): void {
    this.#call?.sendDigits(digits);
  }

  /** First of all, and kept open: a visitor may think about it for longer than a token or a silent WebSocket lives. */
  async #openMicrophone(): Promise<void> {
    const stream = await openMicrophone({});
    this.#microphone = stream;
    if (this.#over.signal.aborted) this.#closeMicrophone();
    this.#over.signal.throwIfAborted();
  }

  #closeMicrophone(): void {
    for (const track of this.#microphone?.getTracks() ?? []) track.stop();
    this.#microphone = undefined;
  }

  #connect({ token, sipPath, domain, user, destination, iceServers }: CallGrant): void {
    const server = new URL(sipPath, this.#options.gateway);
    server.protocol = server.protocol === 'http:' ? 'ws:' : 'wss:';
    const phone = createPhone({ server: server.href, user, domain, token, iceServers });
    this.#phone = phone;
    phone.on('connection', ({ name }) => {
      if (name === 'connected') this.#place(phone, destination);
      // Our end of the call goes with it: the gateway would end it soon, and the visitor would wait in silence.
      else if (name === 'waiting')
        this.#end({ name: 'ended', failure: this.#call === undefined ? 'unreachable' : 'lost' });
    });
    phone.connect();
  }

  #place(phone: Phone, destination: string): void {
    const call = phone.call(destination);
    this.#call = call;
    call.on('state', (state) => {
      this.#callChanged(state);
    });
    call.on('remote-audio', (stream) => {
      this.#speaker.srcObject = stream;
      this.#speaker.play().catch(() => undefined);
    });
  }

  #callChanged(state: CallState): void {
    if (state.name === 'ringing') this.#ringback.start();
    else this.#ringback.stop();
    if (state.name === 'ringing' || state.name === 'early-media') this.#show({ name: 'ringing' });
    else if (state.name === 'in-call')
      this.#show({ name: 'talking', answeredAt: state.answeredAt });
    else if (state.name === 'ended') this.#end(endOfCall(state.end));
  }

  #show(state: VisitState): void {
    if (!this.#over.signal.aborted) this.#options.onState(state);
  }

  #end(state: VisitState): void {
    if (this.#over.signal.aborted) return;
    this.#options.onState(state);
    this.#over.abort();
    this.#ringback.stop();
    this.#speaker.srcObject = null;
    this.#closeMicrophone();
    const phone = this.#phone;
    // The call tells of its end before it says goodbye, and a BYE needs the WebSocket.
    setTimeout(() => phone?.disconnect());
  }
}

function endOf(thrown: unknown): VisitState {
  if (thrown instanceof GrantError)
    return {
      ...{ name: 'ended', failure: thrown.failure },
      ...(thrown.code === undefined ? {} : { code: thrown.code }),
    };
  const kind = thrown instanceof PhoneError ? thrown.failure.kind : 'media-failed';
  return { name: 'ended', failure: FAILURES[kind] ?? 'failed' };
}

function endOfCall({ failure }: CallEnd): VisitState {
  return failure === undefined
    ? { name: 'ended' }
    : { name: 'ended', failure: FAILURES[failure.kind] ?? 'failed' };
}
