import type { RuleConditions } from './dialplan-config.js';
import { describeTime, isOpen, localTime } from './hours.js';
import { numberFacts, type NumberFacts } from './number-facts.js';
import type { PlanCaller } from './plan.js';

/** The called number as rules see it. */
export class Subject {
  readonly kind: 'short' | 'number';
  /** A short code as dialled, or E.164 with `+`. */
  readonly value: string;
  #facts: NumberFacts | undefined;

  constructor(kind: 'short' | 'number', value: string) {
    this.kind = kind;
    this.value = value;
  }

  /** Looked up when a rule asks for the first time. */
  get facts(): NumberFacts {
    this.#facts ??= numberFacts(this.value);
    return this.#facts;
  }
}

/** Who calls and when. */
export interface Circumstances {
  caller: PlanCaller;
  /** ms since the Unix epoch. */
  at: number;
  groups: Readonly<Record<string, readonly string[]>>;
  /** Of hours that name none. */
  timezone: string;
}

export type Mismatch = 'other-number' | 'other-caller' | 'other-time';

/** Whether a rule fits; `why` reads after the rule's name and a colon. */
export type Fit = { fits: true; why: string } | { fits: false; outcome: Mismatch; why: string };

type Check = (subject: Subject) => string | undefined;

/** The conditions of one rule, compiled. */
export class Conditions {
  readonly #rule: RuleConditions;
  readonly #number: readonly Check[];

  /** @throws SyntaxError for a pattern that is no regular expression; gateway/config refuses it before */
  constructor(rule: RuleConditions) {
    this.#rule = rule;
    this.#number = [isShort(rule), ...numberChecks(rule)];
  }

  /** True when the rule is for this very code, so that it is never read as a phone number. */
  takesShort(code: string): boolean {
    return this.#number[0]?.(new Subject('short', code)) === undefined;
  }

  check(subject: Subject, now: Circumstances): Fit {
    for (const check of this.#number) {
      const why = check(subject);
      if (why !== undefined) return { fits: false, outcome: 'other-number', why };
      if (subject.kind === 'short') break;
    }
    const caller = wrongCaller(this.#rule, now);
    if (caller !== undefined) return { fits: false, outcome: 'other-caller', why: caller };
    const time = wrongTime(this.#rule, now);
    if (time !== undefined) return { fits: false, outcome: 'other-time', why: time };
    return { fits: true, why: 'all its conditions hold' };
  }
}

/** Short codes and phone numbers are different worlds: a rule for one never sees the other. */
function isShort({ short, shortPattern }: RuleConditions): Check {
  const codes = short === undefined ? undefined : new Set(short);
  const pattern = shortPattern === undefined ? undefined : new RegExp(shortPattern, 'u');
  const forShort = codes !== undefined || pattern !== undefined;
  return ({ kind, value }) => {
    if (kind === 'number') return forShort ? 'it is for short codes' : undefined;
    if (!forShort) return 'it is for phone numbers';
    if (codes?.has(value) === true || pattern?.test(value) === true) return undefined;
    return `it is not for ${value}`;
  };
}

function numberChecks(rule: RuleConditions): Check[] {
  const { prefixes, numbers, pattern, countries, types } = rule;
  const checks: Check[] = [];
  if (prefixes !== undefined) {
    checks.push(({ value }) =>
      prefixes.some((prefix) => value.startsWith(prefix))
        ? undefined
        : `the number does not begin with ${prefixes.join(' or ')}`,
    );
  }
  if (numbers !== undefined) {
    const whole = new Set(numbers);
    checks.push(({ value }) =>
      whole.has(value) ? undefined : 'the number is none of its numbers',
    );
  }
  if (pattern !== undefined) {
    const expression = new RegExp(pattern, 'u');
    checks.push(({ value }) =>
      expression.test(value) ? undefined : `the number does not match ${pattern}`,
    );
  }
  if (countries !== undefined) {
    checks.push(({ facts: { country } }) =>
      country !== undefined && countries.includes(country)
        ? undefined
        : `the number is in ${country ?? 'no country'}, not in ${countries.join(' or ')}`,
    );
  }
  if (types !== undefined) {
    checks.push(({ facts }) =>
      facts.types.some((type) => types.includes(type))
        ? undefined
        : `the number is ${facts.types.join(' or ')}, not ${types.join(' or ')}`,
    );
  }
  return checks;
}

function wrongCaller(rule: RuleConditions, { caller, groups }: Circumstances): string | undefined {
  const origin = caller.origin ?? 'user';
  if (rule.origins?.includes(origin) === false)
    return `it is for calls from ${rule.origins.join(' or ')}, not from a ${origin}`;
  if (rule.sites !== undefined && (caller.site === undefined || !rule.sites.includes(caller.site)))
    return `it is for calls from the site ${rule.sites.join(' or ')}`;
  return isNamed(rule, caller.user, groups) ? undefined : `it is not for ${caller.user}`;
}

function isNamed(rule: RuleConditions, user: string, groups: Circumstances['groups']): boolean {
  if (rule.users === undefined && rule.groups === undefined) return true;
  if (rule.users?.includes(user) === true) return true;
  return rule.groups?.some((group) => groups[group]?.includes(user) === true) === true;
}

function wrongTime(rule: RuleConditions, { at, timezone }: Circumstances): string | undefined {
  const { hours } = rule;
  if (hours === undefined) return undefined;
  const open = hours.some((window) => isOpen(window, localTime(at, window.timezone ?? timezone)));
  if (open) return undefined;
  const zone = hours[0]?.timezone ?? timezone;
  return `it is not for this time (${describeTime(localTime(at, zone), zone)})`;
}
