import type { PlannedRoute } from '../../dialplan/plan.js';
import type { Clock } from '../kernel/clock.js';
import type { Log } from '../kernel/log.js';
import { TypedEvents } from '../kernel/typed-events.js';
import type { HealthState, TrunkHealth } from './trunk-health.js';
import { orderByWeight } from './weighted-order.js';
import type { RegistrationStatus, TrunkRegistration } from './trunk-registration.js';
import { TrunkLoad } from './trunk-load.js';
import type { Trunk } from './trunk.js';

/** For metrics and logs. */
export type TrunkEvents = {
  health: [trunk: string, state: HealthState, sentence: string | undefined];
  registration: [RegistrationStatus];
  /** A call could not be placed over it, or could. */
  attempt: [trunk: string, outcome: 'answered' | 'refused' | 'full'];
};

/** What is known of one trunk. */
export interface TrunkView {
  name: string;
  health: HealthState;
  /** Why it is not up, or rests. */
  sentence: string | undefined;
  registrations: readonly RegistrationStatus[];
  calls: number;
}

/** What a call asks about trunks: which one goes first, and whether it takes one more call. */
export interface TrunkBoard {
  readonly events: TypedEvents<TrunkEvents>;
  /** The routes that are likely to work first; those of dead and resting trunks last, so that they are tried when all are. */
  order(routes: readonly PlannedRoute[]): readonly PlannedRoute[];
  /**
   * Takes a channel of the trunk for a call in either direction; the function gives it back, once. A string instead: the sentence that
   * says which limit is reached. An emergency call gets one whatever the limits are.
   */
  take(trunk: string, options?: { emergency: boolean }): (() => void) | string;
  /** Where the registrar of the trunk wants requests to go (RFC 3608). */
  serviceRoute(trunk: string): string | undefined;
  /** A call over it got an answer of any kind, or (with the fact) found nobody. */
  noteCall(trunk: string, failure?: string): void;
  /** It asked not to be called for a while (Retry-After of a 503). */
  rest(trunk: string, seconds: number, why: string): void;
  list(): TrunkView[];
}

/** A carrier may ask for a rest, but not for the rest of the day. */
const LONGEST_REST_S = 600;

interface Entry {
  trunk: Trunk;
  load: TrunkLoad;
  health: TrunkHealth | undefined;
  registrations: readonly TrunkRegistration[];
  restsUntil: number;
  restSentence: string | undefined;
}

/** What watches the trunks beside the calls. */
export interface TrunkWatch {
  health: TrunkHealth;
  registrations: readonly TrunkRegistration[];
}

/** TrunkBoard in the memory of this process. */
export class MemoryTrunkBoard implements TrunkBoard {
  readonly events: TypedEvents<TrunkEvents>;
  readonly #entries = new Map<string, Entry>();
  readonly #clock: Clock;
  readonly #random: () => number;

  constructor(
    trunks: readonly Trunk[],
    { clock, log, random = Math.random }: { clock: Clock; log: Log; random?: () => number },
  ) {
    this.#clock = clock;
    this.#random = random;
    this.events = new TypedEvents((error, event) => {
      log.error({ err: error, event }, 'a listener of the trunks failed');
    });
    for (const trunk of trunks)
      this.#entries.set(trunk.name, {
        ...{ trunk, load: new TrunkLoad(trunk.limits, clock), health: undefined },
        ...{ registrations: [], restsUntil: 0, restSentence: undefined },
      });
  }

  /** Tells the board who watches a trunk. */
  watch(trunk: string, { health, registrations }: TrunkWatch): void {
    const entry = this.#entries.get(trunk);
    if (entry !== undefined) Object.assign(entry, { health, registrations });
  }

  order(routes: readonly PlannedRoute[]): readonly PlannedRoute[] {
    const weightOf = (route: PlannedRoute): number =>
      this.#entries.get(route.trunk)?.trunk.weight ?? 1;
    const spread = orderByWeight(routes, weightOf, this.#random);
    return [
      ...spread.filter(({ trunk }) => this.#usable(trunk)),
      ...spread.filter(({ trunk }) => !this.#usable(trunk)),
    ];
  }

  take(trunk: string, { emergency } = { emergency: false }): (() => void) | string {
    const load = this.#entries.get(trunk)?.load;
    const taken = (emergency ? load?.takeAnyway() : load?.take()) ?? ((): void => undefined);
    if (typeof taken !== 'string') return taken;
    this.events.emit('attempt', trunk, 'full');
    return `The trunk "${trunk}" ${taken}.`;
  }

  serviceRoute(trunk: string): string | undefined {
    const registrations = this.#entries.get(trunk)?.registrations ?? [];
    return registrations.find(({ serviceRoute }) => serviceRoute !== undefined)?.serviceRoute;
  }

  noteCall(trunk: string, failure?: string): void {
    this.#entries.get(trunk)?.health?.noteCall(failure);
  }

  rest(trunk: string, seconds: number, why: string): void {
    const entry = this.#entries.get(trunk);
    if (entry === undefined || seconds <= 0) return;
    entry.restsUntil = this.#clock.monotonic() + Math.min(seconds, LONGEST_REST_S) * 1_000;
    entry.restSentence = why;
  }

  list(): TrunkView[] {
    return [...this.#entries.values()].map((entry) => ({
      name: entry.trunk.name,
      health: entry.health?.state ?? 'up',
      sentence: entry.health?.sentence ?? (this.#rests(entry) ? entry.restSentence : undefined),
      registrations: entry.registrations.map(({ status }) => status),
      calls: entry.load.calls,
    }));
  }

  #usable(name: string): boolean {
    const entry = this.#entries.get(name);
    return entry === undefined || (entry.health?.state !== 'down' && !this.#rests(entry));
  }

  #rests({ restsUntil }: Entry): boolean {
    return restsUntil > this.#clock.monotonic();
  }
}
