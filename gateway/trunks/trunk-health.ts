import type { Clock } from '../kernel/clock.js';
import { delay } from '../kernel/clock.js';
import { toCopperlineError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import { newToken } from '../kernel/ids.js';
import type { ClientResponse, SipClient } from '../signaling/sip-client.js';
import { printable } from '../signaling/sip-text.js';
import { bracketed, trunkUri } from './trunk-request.js';
import type { Trunk } from './trunk.js';

/** `degraded`: something was wrong lately, but calls are tried. `down`: other trunks go first. */
export type HealthState = 'up' | 'degraded' | 'down';

export interface TrunkHealthOptions {
  trunk: Trunk;
  client: SipClient;
  clock: Clock;
  log: Log;
  /** From 0 to 1. */
  random: () => number;
  onChanged(state: HealthState, sentence: string | undefined): void;
}

/** One question, and what its answer says: undefined when the trunk is there, else why not. */
export async function askOptions(
  trunk: Trunk,
  client: SipClient,
  signal: AbortSignal,
): Promise<string | undefined> {
  const address = `<sip:copperline@${bracketed(trunk.from.domain ?? trunk.host)}>`;
  const response = await client.send({
    method: 'OPTIONS',
    uri: trunkUri(trunk),
    nextHop: trunk.outboundProxy,
    headers: {
      From: `${address};tag=${newToken()}`,
      'User-Agent': 'Copperline',
      Accept: 'application/sdp',
    },
    credentials: trunk.credentials,
    signal,
  });
  return whyNotThere(response);
}

/** RFC 3261 section 11: whatever a server answers, it is there; but 503 says that it takes no calls. */
function whyNotThere(response: ClientResponse): string | undefined {
  const { status, reason, local } = response;
  const said = `${status} ${printable(reason).slice(0, 200)}`;
  if (!local) return status === 503 ? `it answered OPTIONS with ${said}` : undefined;
  if (status === 408) return 'it did not answer OPTIONS';
  const fact = /text="([^"]*)"/.exec(response.header('Reason') ?? '')?.[1];
  return fact === undefined ? `OPTIONS could not be sent (${said})` : fact.replace(/\.$/, '');
}

/**
 * Asks a trunk regularly whether it is there. One failure makes it `degraded` and questions come faster; after several in a row it is
 * `down`; the first answer makes it `degraded` and usable again, the second `up`. Calls that found nobody count as well.
 */
export class TrunkHealth {
  readonly #options: TrunkHealthOptions;
  readonly #closing = new AbortController();
  #state: HealthState = 'up';
  #sentence: string | undefined;
  #failures = 0;
  #running: Promise<void> | undefined;
  /** Ends the wait for the next question. */
  #hurry = new AbortController();

  constructor(options: TrunkHealthOptions) {
    this.#options = options;
  }

  get state(): HealthState {
    return this.#state;
  }

  /** The fact that made it what it is; undefined while it is up. */
  get sentence(): string | undefined {
    return this.#sentence;
  }

  start(): void {
    if (this.#options.trunk.health.intervalMs > 0) this.#running = this.#run();
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort(new Error('The gateway is shutting down.'));
    this.#hurry.abort();
    await this.#running;
  }

  /** A call found nobody there, or somebody. Without OPTIONS nothing would tell of a recovery, so it counts only with them. */
  noteCall(failure: string | undefined): void {
    if (this.#running === undefined) return;
    if (failure === undefined && this.#state === 'up') return;
    this.#note(failure);
    // The next question decides soon.
    if (failure !== undefined) this.#hurry.abort();
  }

  async #run(): Promise<void> {
    const { clock, trunk, random } = this.#options;
    while (!this.#closing.signal.aborted) {
      const failure = await this.#ask();
      if (this.#isClosing()) return;
      this.#note(failure);
      const { intervalMs, retryMs } = trunk.health;
      const wait = this.#state === 'up' ? intervalMs : Math.min(retryMs, intervalMs);
      this.#hurry = new AbortController();
      // Not all trunks at the same moment.
      await delay(clock, wait * (0.9 + 0.1 * random()), this.#hurry.signal).catch(() => undefined);
    }
  }

  #isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  async #ask(): Promise<string | undefined> {
    const { trunk, client, clock } = this.#options;
    const enough = new AbortController();
    const giveUp = (): void => {
      enough.abort(new Error('it did not answer OPTIONS'));
    };
    const timer = clock.setTimer(giveUp, trunk.health.timeoutMs);
    this.#closing.signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await askOptions(trunk, client, enough.signal);
    } catch (thrown) {
      return toCopperlineError(thrown, 'CL_INTERNAL').sentence.replace(/\.$/, '');
    } finally {
      timer.cancel();
      this.#closing.signal.removeEventListener('abort', giveUp);
    }
  }

  #note(failure: string | undefined): void {
    const { failuresToDown } = this.#options.trunk.health;
    this.#failures = failure === undefined ? 0 : this.#failures + 1;
    if (failure === undefined) this.#become(this.#state === 'down' ? 'degraded' : 'up', undefined);
    else
      this.#become(
        this.#failures >= failuresToDown || this.#state === 'down' ? 'down' : 'degraded',
        failure,
      );
  }

  #become(state: HealthState, failure: string | undefined): void {
    if (state === this.#state) return;
    const { trunk, log } = this.#options;
    this.#state = state;
    this.#sentence = failure === undefined ? this.#recovered() : this.#failed(state, failure);
    const level = state === 'up' ? 'info' : 'warn';
    log[level]({ trunk: trunk.name, state, sentence: this.#sentence }, 'trunk health');
    this.#options.onChanged(state, this.#sentence);
  }

  #recovered(): string | undefined {
    if (this.#state === 'up') return undefined;
    return `The trunk "${this.#options.trunk.name}" answers again, once so far.`;
  }

  #failed(state: HealthState, failure: string): string {
    const times = state === 'down' ? `, ${this.#failures} times in a row` : '';
    return `The trunk "${this.#options.trunk.name}" is ${state}: ${failure}${times}.`;
  }
}
