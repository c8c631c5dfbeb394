import { isSupportedCountry } from 'libphonenumber-js';
import { Subject, type Circumstances } from './conditions.js';
import type { DialplanConfig, Rule } from './dialplan-config.js';
import { emergencyNumbers } from './emergency-numbers.js';
import { closedBy } from './guard.js';
import { leastCost } from './least-cost.js';
import { bareNumber, normalise } from './normalise.js';
import type { Dialplan, Plan, PlanCaller, PlannedRoute } from './plan.js';
import type { RateDeck } from './rates/rate-deck.js';
import { rewritten } from './rewrite.js';
import { consider, RuleBook, type ConsideredRule, type Entry } from './rules.js';

/** Why a number goes where it goes. */
export interface Explanation {
  dialled: string;
  caller: PlanCaller;
  /** How the number was understood; one sentence. */
  reading: string;
  /** The rules in the order in which they were looked at, up to the one that decided. */
  considered: readonly ConsideredRule[];
  /** What each carrier asks, where least-cost routing decided. */
  rates: readonly string[];
  plan: Plan;
}

/** A dialplan that can say why; `plan` of both is the same. */
export interface ExplainingDialplan extends Dialplan {
  /** Never throws. */
  explain(dialled: string, caller: PlanCaller): Explanation;
}

export interface DialplanParts {
  /** Rate decks for rules with `leastCost`. */
  decks?: readonly RateDeck[];
  /** Wall clock, ms since the Unix epoch. */
  now?: () => number;
}

/**
 * Emergency numbers first; then short codes, exactly as dialled; then the number in E.164 as if dialled in the home country. The ordered
 * rules decide, after them the short form; a route must then pass the guard.
 * @throws RangeError when the country is unknown, SyntaxError for a pattern that is no regular expression; gateway/config refuses such
 * settings before
 */
export function createDialplan(
  config: DialplanConfig,
  parts: DialplanParts = {},
): ExplainingDialplan {
  if (!isSupportedCountry(config.country))
    throw new RangeError(`unknown country ${config.country}`);
  const planner = new Planner(config, parts);
  return {
    explain: (dialled, caller) => planner.explain(dialled, caller),
    plan: (dialled, caller) => planner.explain(dialled, caller).plan,
  };
}

type Decision = Omit<Explanation, 'dialled' | 'caller'>;

class Planner {
  readonly #config: DialplanConfig;
  readonly #book: RuleBook;
  readonly #emergency: ReadonlySet<string>;
  readonly #decks: readonly RateDeck[];
  readonly #now: () => number;

  constructor(config: DialplanConfig, { decks = [], now = Date.now }: DialplanParts) {
    this.#config = config;
    this.#book = new RuleBook(config);
    const { emergency, country } = config;
    this.#emergency = new Set(emergency?.numbers ?? emergencyNumbers(country));
    this.#decks = decks;
    this.#now = now;
  }

  explain(dialled: string, caller: PlanCaller): Explanation {
    const bare = bareNumber(dialled);
    const decision = this.#emergencyCall(bare) ?? this.#decide(bare, caller);
    return { dialled, caller, ...decision };
  }

  /** Before everything else: neither guard nor hours nor callers are asked. */
  #emergencyCall(bare: string): Decision | undefined {
    const { emergency } = this.#config;
    if (!this.#emergency.has(bare)) return undefined;
    const found = { reading: `${bare} is an emergency number.`, considered: [], rates: [] };
    if (emergency === undefined) {
      // A rule of its own for the code, as in a PBX or a demo, is as good.
      if (this.#book.isShortCode(bare)) return undefined;
      const sentence = `The emergency number ${bare} cannot be called: dialplan.emergency names no trunk.`;
      const code = 'CL_DIAL_NO_ROUTE';
      return {
        ...found,
        plan: { kind: 'refuse', code, sipStatus: 404, sentence, rule: undefined },
      };
    }
    const routes = emergency.trunks.map((trunk) => ({ trunk, number: bare }));
    return {
      ...found,
      plan: { kind: 'route', number: bare, rule: 'emergency', routes, emergency: true },
    };
  }

  #decide(bare: string, caller: PlanCaller): Decision {
    const read = this.#read(bare);
    if (read.kind === 'defect') {
      const { sipStatus, sentence } = read;
      const plan: Plan = {
        ...{ kind: 'refuse', code: 'CL_DIAL_INVALID_NUMBER', sipStatus, sentence },
        rule: undefined,
      };
      return { reading: sentence, considered: [], rates: [], plan };
    }
    const now = this.#circumstances(caller);
    const { rule, subject, considered } = search(this.#book, read.subject, now);
    const { reading } = read;
    if (rule === undefined) {
      return { reading, considered, rates: [], plan: unrouted(subject, caller, considered) };
    }
    if (rule.refuse !== undefined) {
      const sentence = `The rule ${rule.name} refuses ${subject.value}: ${rule.refuse}`;
      return { reading, considered, rates: [], plan: forbidden(rule.name, sentence) };
    }
    const closed =
      subject.kind === 'number'
        ? closedBy(this.#config.guard, subject.value, subject.facts)
        : undefined;
    if (closed !== undefined)
      return { reading, considered, rates: [], plan: forbidden(undefined, closed) };
    return { reading, considered, ...this.#route(rule, subject, caller) };
  }

  #read(
    bare: string,
  ):
    | { kind: 'read'; subject: Subject; reading: string }
    | { kind: 'defect'; sipStatus: number; sentence: string } {
    if (this.#book.isShortCode(bare)) {
      const reading = `${bare} is a short code.`;
      return { kind: 'read', subject: new Subject('short', bare), reading };
    }
    const { country } = this.#config;
    if (!isSupportedCountry(country)) throw new RangeError(`unknown country ${country}`);
    const normalised = normalise(bare, country);
    if (normalised.kind === 'defect') return normalised;
    const { number } = normalised;
    const reading = `Dialled in ${country}, the number is ${number}.`;
    return { kind: 'read', subject: new Subject('number', number), reading };
  }

  #route(rule: Rule, subject: Subject, caller: PlanCaller): Pick<Decision, 'plan' | 'rates'> {
    const { name } = rule;
    const target =
      rule.rewrite === undefined ? subject.value : rewritten(subject.value, rule.rewrite);
    const { trunks, reasons } = this.#trunksOf(rule, subject, caller);
    if (trunks.length === 0) {
      const asked = reasons.length === 0 ? 'there is no rate deck' : reasons.join('; ');
      const sentence = `The rule ${name} finds no carrier for ${subject.value}: ${asked}.`;
      const code = 'CL_DIAL_NO_ROUTE';
      return {
        plan: { kind: 'refuse', code, sipStatus: 404, sentence, rule: name },
        rates: reasons,
      };
    }
    const routes = trunks.map(({ trunk, ratePerMinute }): PlannedRoute => ({
      ...{ trunk, number: target },
      ...(ratePerMinute === undefined ? {} : { ratePerMinute }),
      ...(rule.order === 'by-weight' ? { spread: name } : {}),
    }));
    return { plan: { kind: 'route', number: subject.value, rule: name, routes }, rates: reasons };
  }

  #trunksOf(
    rule: Rule,
    subject: Subject,
    caller: PlanCaller,
  ): { trunks: { trunk: string; ratePerMinute?: number | undefined }[]; reasons: string[] } {
    if (rule.leastCost === undefined)
      return { trunks: (rule.trunks ?? []).map((trunk) => ({ trunk })), reasons: [] };
    const at = caller.at ?? this.#now();
    return leastCost(rule.leastCost, this.#decks, { number: subject.value, at });
  }

  #circumstances(caller: PlanCaller): Circumstances {
    const { groups = {}, timezone = 'UTC' } = this.#config;
    return { caller, at: caller.at ?? this.#now(), groups, timezone };
  }
}

interface Found {
  /** Undefined when no rule decides. */
  rule: Rule | undefined;
  /** The number that the last rules saw. */
  subject: Subject;
  considered: ConsideredRule[];
}

/** Walks through the rules; a rewriting rule changes what those after it see. */
function search(book: RuleBook, first: Subject, now: Circumstances): Found {
  const considered: ConsideredRule[] = [];
  let subject = first;
  const decides = (entry: Entry): boolean => {
    const { rule } = entry;
    const note = consider(entry, subject, now);
    considered.push(note);
    if (note.outcome === 'rewritten' && rule.rewrite !== undefined) {
      const value = rewritten(subject.value, rule.rewrite);
      if (value !== subject.value) subject = new Subject(kindOf(value), value);
    }
    return note.outcome === 'decided';
  };
  const entry = book.ordered.find(decides) ?? book.shortForm(subject).find(decides);
  return { rule: entry?.rule, subject, considered };
}

const kindOf = (value: string): Subject['kind'] => (value.startsWith('+') ? 'number' : 'short');

function unrouted(
  { value }: Subject,
  caller: PlanCaller,
  considered: readonly ConsideredRule[],
): Plan {
  const closed = considered.find(
    ({ kind, outcome }) =>
      kind === 'route' && (outcome === 'other-caller' || outcome === 'other-time'),
  );
  if (closed === undefined) {
    const sentence = `No rule of the dialplan has a route for ${value}.`;
    const code = 'CL_DIAL_NO_ROUTE';
    return { kind: 'refuse', code, sipStatus: 404, sentence, rule: undefined };
  }
  const { name, outcome, why } = closed;
  const but =
    outcome === 'other-caller'
      ? `not for ${caller.user === '' ? 'this caller' : caller.user}`
      : `not now: ${why.replace(/^.*\bit is/, 'it is').replace(/^.*\bthe rule is/, 'it is')}`;
  return forbidden(name, `The rule ${name} has a route for ${value}, but ${but}.`);
}

function forbidden(rule: string | undefined, sentence: string): Plan {
  return { kind: 'refuse', code: 'CL_DIAL_FORBIDDEN', sipStatus: 403, sentence, rule };
}
