import type { Clock } from '../kernel/clock.js';
import { delay } from '../kernel/clock.js';
import { toCopperlineError } from '../kernel/errors.js';
import { newToken } from '../kernel/ids.js';
import type { Log } from '../kernel/log.js';
import type { SipClient } from '../signaling/sip-client.js';
import type { RegistrarAnswer, RegistrarRequest } from './registrar-client.js';
import { askRegistrar } from './registrar-client.js';
import type { RegistrationPolicy, Trunk } from './trunk.js';
import { trunkUri } from './trunk-request.js';

export interface RegistrationOptions {
  trunk: Trunk & { registration: RegistrationPolicy };
  /** Of our contact: its user part and its parameters. */
  line: { user: string; params: string };
  client: SipClient;
  clock: Clock;
  log: Log;
  /** From 0 to 1. */
  random: () => number;
  onChanged(status: RegistrationStatus): void;
}

export interface RegistrationStatus {
  trunk: string;
  /** SIP URI of the registrar that the state is about. */
  registrar: string;
  state: 'registering' | 'registered' | 'failed' | 'ended';
  /** What the registrar granted, s. */
  expiresS?: number | undefined;
  /** What failed. */
  sentence?: string | undefined;
}

/** An answer is waited for as long as a transaction lives (RFC 3261 timer F), and on leaving only so long. */
const LEAVE_TIMEOUT_MS = 2_000;
const FIRST_BACKOFF_MS = 2_000;
const MAX_BACKOFF_MS = 300_000;
/** Wrong credentials that are tried fast get an account locked. */
const CREDENTIALS_BACKOFF_MS = 120_000;

type Outcome = Exclude<RegistrarAnswer, { kind: 'too-brief' }>;

/**
 * Keeps one contact registered at one of several registrars, or at the only one.
 *
 *     registering ──200──▶ registered ──before expiry──▶ registering
 *     registering ──refused──▶ failed ──next registrar, or back-off──▶ registering
 *     any ──close──▶ ended, with a REGISTER that takes the contact away
 */
export class TrunkRegistration {
  readonly #options: RegistrationOptions;
  readonly #registrars: readonly string[];
  readonly #closing = new AbortController();
  readonly #callId = newToken(12);
  #sequence = 1;
  #status: RegistrationStatus;
  #running: Promise<void> | undefined;
  #serviceRoute: string | undefined;
  #expiresS: number;

  /** @param registrars in the order to try them */
  constructor(options: RegistrationOptions, registrars: readonly string[]) {
    this.#options = options;
    const { trunk } = options;
    this.#registrars = registrars.length === 0 ? [trunkUri(trunk)] : registrars;
    this.#expiresS = trunk.registration.expiresS;
    this.#status = {
      trunk: trunk.name,
      registrar: this.#registrars[0] ?? '',
      state: 'registering',
    };
  }

  get status(): RegistrationStatus {
    return this.#status;
  }

  /** Where the registrar wants requests to go (RFC 3608); undefined when it said nothing. */
  get serviceRoute(): string | undefined {
    return this.#status.state === 'registered' ? this.#serviceRoute : undefined;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Takes the contact away from the registrar. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('The gateway is shutting down.'));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let index = 0;
    let failures = 0;
    let registered: string | undefined;
    while (!signal.aborted) {
      const registrar = this.#registrars[index] ?? '';
      const answer = await this.#register(registrar);
      if (this.#isClosing()) {
        registered = answer.kind === 'registered' ? registrar : registered;
        break;
      }
      let waitMs: number;
      if (answer.kind === 'registered') {
        failures = 0;
        registered = registrar;
        this.#serviceRoute = answer.serviceRoute;
        this.#changed({ registrar, state: 'registered', expiresS: answer.expiresS });
        waitMs = this.#refreshDelayMs(answer.expiresS);
      } else {
        failures += 1;
        this.#changed({ registrar, state: 'failed', sentence: answer.sentence });
        index = (index + 1) % this.#registrars.length;
        // The next registrar at once; all of them again only after a while.
        waitMs = index === 0 ? this.#backoffMs(failures, answer) : 0;
      }
      await delay(this.#options.clock, waitMs, signal).catch(() => undefined);
    }
    if (registered !== undefined) await this.#leave(registered);
    this.#status = { ...this.#status, state: 'ended', sentence: undefined };
  }

  #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  async #register(registrar: string): Promise<Outcome> {
    const first = await this.#ask(registrar, this.#expiresS, this.#closing.signal);
    if (first.kind !== 'too-brief') return first;
    // RFC 3261 section 10.2.8.
    this.#expiresS = first.minExpiresS;
    const second = await this.#ask(registrar, this.#expiresS, this.#closing.signal);
    if (second.kind !== 'too-brief') return second;
    const sentence = `The registrar ${registrar} finds the time that it had named itself (${first.minExpiresS} s) too brief.`;
    return { kind: 'refused', sentence, credentials: false };
  }

  async #ask(registrar: string, expiresS: number, signal: AbortSignal): Promise<RegistrarAnswer> {
    const { trunk, line, client } = this.#options;
    const request: RegistrarRequest = {
      ...{ trunk, line, registrar, expiresS, signal },
      callId: this.#callId,
      sequence: this.#sequence,
    };
    try {
      const { answer, sequence } = await askRegistrar(client, request);
      this.#sequence = sequence + 1;
      return answer;
    } catch (thrown) {
      this.#sequence += 1;
      const { sentence } = toCopperlineError(thrown, 'CL_INTERNAL');
      return { kind: 'refused', sentence, credentials: false };
    }
  }

  /** Well before expiry, and not all trunks at the same moment. */
  #refreshDelayMs(expiresS: number): number {
    return Math.max(1_000, expiresS * 1_000 * (0.75 + 0.15 * this.#options.random()));
  }

  #backoffMs(failures: number, answer: Outcome & { kind: 'refused' }): number {
    const rounds = Math.ceil(failures / this.#registrars.length) - 1;
    const base = answer.credentials ? CREDENTIALS_BACKOFF_MS : FIRST_BACKOFF_MS;
    const grown = Math.min(base * 2 ** Math.min(rounds, 12), MAX_BACKOFF_MS);
    const jittered = grown * (0.5 + 0.5 * this.#options.random());
    return Math.max(jittered, (answer.retryAfterS ?? 0) * 1_000);
  }

  async #leave(registrar: string): Promise<void> {
    const enough = new AbortController();
    const timer = this.#options.clock.setTimer(() => {
      enough.abort(new Error('The registrar does not answer.'));
    }, LEAVE_TIMEOUT_MS);
    await this.#ask(registrar, 0, enough.signal);
    timer.cancel();
  }

  #changed(change: Omit<RegistrationStatus, 'trunk'>): void {
    const before = this.#status;
    this.#status = { trunk: before.trunk, ...change };
    const same = before.state === change.state && before.sentence === change.sentence;
    if (same && before.registrar === change.registrar) return;
    const { trunk, registrar, state, sentence, expiresS } = this.#status;
    const level = state === 'failed' ? 'warn' : 'info';
    this.#options.log[level]({ trunk, registrar, sentence, expiresS }, `trunk ${state}`);
    this.#options.onChanged(this.#status);
  }
}
