import { Registerer, RegistererState, type UserAgent } from 'sip.js';
import { BackOff } from './back-off.js';
import { failureFromResponse, failureOf, type Failure } from './failure.js';
import type { RegistrationState } from './phone-types.js';
import type { Timers } from './timers.js';

export interface RegistrationOptions {
  userAgent: UserAgent;
  /** Lifetime to ask for. */
  seconds: number;
  /** Of this tab: how the server finds a page that was loaded again (RFC 5626 section 4.1). */
  instanceId: string;
  timers: Timers;
  onState: (state: RegistrationState) => void;
  /** A REGISTER was not answered: the WebSocket may be dead without knowing it. */
  onSilence: () => void;
}

/** A server that hears us answers a refresh within so long. */
const PROBE_MS = 5_000;

/**
 * Registers on each new connection, refreshes in time, and asks again with growing delays after a refusal that may
 * pass. A refusal that will not pass (wrong password) is final.
 */
export class Registration {
  readonly #options: RegistrationOptions;
  readonly #backOff = new BackOff();
  #registerer: Registerer | undefined;
  #cancelRetry: (() => void) | undefined;
  #cancelProbe: (() => void) | undefined;

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  /** The WebSocket is up. */
  start(): void {
    this.#forget();
    const registerer = new Registerer(this.#options.userAgent, {
      expires: this.#options.seconds,
      // Percent of the granted lifetime after which it is refreshed.
      refreshFrequency: 80,
      logConfiguration: false,
      // Not by sip.js itself, which would ask for flows of RFC 5626 (reg-id) too.
      extraContactHeaderParams: [`+sip.instance="<urn:uuid:${this.#options.instanceId}>"`],
    });
    this.#registerer = registerer;
    registerer.stateChange.addListener((state) => {
      if (registerer !== this.#registerer) return;
      if (state === RegistererState.Registered) this.#registered();
      else if (state === RegistererState.Unregistered) this.#dropped();
    });
    this.#register(registerer);
  }

  /** The WebSocket is down: the server has dropped the contact that was bound to it. */
  lost(): void {
    this.#forget();
    this.#options.onState({ name: 'unregistered' });
  }

  /** Finds out whether the server still hears us, by a refresh. When it does, that is told as `registered` once more. */
  probe(): void {
    const registerer = this.#registerer;
    if (registerer?.state !== RegistererState.Registered || this.#cancelProbe !== undefined) return;
    this.#cancelProbe = this.#options.timers.after(PROBE_MS, () => {
      this.#cancelProbe = undefined;
      this.#options.onSilence();
    });
    const answered = (): void => {
      this.#endProbe();
      if (registerer === this.#registerer) this.#registered();
    };
    this.#send(registerer, answered).catch(() => {
      // A refresh is under way already, and it has 32 s of its own.
      this.#endProbe();
    });
  }

  /** Says goodbye; whether the server hears it is not waited for. */
  stop(): void {
    const registerer = this.#registerer;
    this.#registerer = undefined;
    this.#cancelRetry?.();
    this.#endProbe();
    if (registerer?.state === RegistererState.Registered)
      void registerer.unregister().catch(ignore);
    this.#options.onState({ name: 'unregistered' });
  }

  #register(registerer: Registerer): void {
    this.#options.onState({ name: 'registering' });
    // Another REGISTER of this registerer is under way; its end decides.
    this.#send(registerer, ignore).catch(ignore);
  }

  #send(registerer: Registerer, onAccept: () => void): Promise<unknown> {
    return registerer.register({
      requestDelegate: {
        onAccept,
        onReject: ({ message }) => {
          this.#endProbe();
          if (registerer !== this.#registerer) return;
          const failure = failureFromResponse(
            message.statusCode ?? 500,
            message.getHeaders('reason'),
          );
          this.#refused(failure, readSeconds(message.getHeader('retry-after')));
        },
      },
    });
  }

  #endProbe(): void {
    this.#cancelProbe?.();
    this.#cancelProbe = undefined;
  }

  #registered(): void {
    this.#backOff.reset();
    this.#options.onState({ name: 'registered' });
  }

  /**
   * Also seen just before onReject, which knows the reason and then takes over; without it (a refresh by sip.js
   * itself failed, the registration expired, the answer made no sense) asking again after a while tells why.
   */
  #dropped(): void {
    this.#retryIn(0, () => {
      this.#refused(failureOf('server-error'), undefined);
    });
  }

  #refused(refusal: Failure, retryAfterSeconds: number | undefined): void {
    // A block after too many wrong passwords is a 403 as well, but passes, and the server says when.
    const forbidden = refusal.kind === 'forbidden' && retryAfterSeconds === undefined;
    const final = refusal.kind === 'wrong-credentials' || forbidden;
    // A REGISTER without an answer (RFC 3261 section 8.1.3.1) is not a person who did not pick up.
    const silence = refusal.status === 408;
    const failure = silence ? failureOf('server-unreachable') : refusal;
    this.#cancelRetry?.();
    this.#options.onState({ name: 'refused', failure, final });
    if (silence) this.#options.onSilence();
    if (final || silence) return;
    const delayMs =
      retryAfterSeconds === undefined ? this.#backOff.next() : retryAfterSeconds * 1000;
    this.#retryIn(delayMs, () => {
      this.start();
    });
  }

  #retryIn(delayMs: number, action: () => void): void {
    this.#cancelRetry?.();
    this.#cancelRetry = this.#options.timers.after(delayMs, action);
  }

  #forget(): void {
    this.#cancelRetry?.();
    this.#endProbe();
    this.#cancelRetry = undefined;
    const registerer = this.#registerer;
    this.#registerer = undefined;
    void registerer?.dispose().catch(ignore);
  }
}

/** Delta-seconds, with or without a comment or parameters (RFC 3261 section 20.33). sip.js reads it of 500 and 503 only. */
function readSeconds(header: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,5})\b/.exec(header ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function ignore(): void {
  // The state events of the registerer and of the connection tell what matters.
}
