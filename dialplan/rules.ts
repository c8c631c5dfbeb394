import { Conditions, type Circumstances, type Mismatch, type Subject } from './conditions.js';
import type { DialplanConfig, RefuseRule, RouteRule, Rule } from './dialplan-config.js';

type RuleOutcome = 'decided' | 'rewritten' | Mismatch;

/** One rule as it was looked at for a number, for people who ask why. */
export interface ConsideredRule {
  name: string;
  kind: 'route' | 'refuse' | 'rewrite';
  outcome: RuleOutcome;
  /** Why it did, or why it did not. */
  why: string;
}

/** A rule, with its conditions compiled. */
export interface Entry {
  rule: Rule;
  kind: ConsideredRule['kind'];
  conditions: Conditions;
  /** Of the short form: the prefix or code by which it was sorted. */
  pattern: string | undefined;
}

/** The rules of a dialplan in the order in which they are looked at: the first that fits decides. */
export class RuleBook {
  readonly #ordered: readonly Entry[];
  readonly #short = new Map<string, Entry[]>();
  readonly #prefixes: readonly Entry[];

  constructor(config: DialplanConfig) {
    this.#ordered = (config.rules ?? []).map((rule) => entryOf(rule));
    const shortForm = [...config.refuse.map(refusal), ...config.routes.map(route)];
    for (const rule of shortForm) {
      for (const code of rule.short ?? []) {
        const others = this.#short.get(code) ?? [];
        this.#short.set(code, [...others, entryOf(rule, code)].sort(moreSpecificFirst));
      }
    }
    this.#prefixes = shortForm
      .flatMap((rule) => rule.prefixes?.map((prefix) => entryOf(rule, prefix)) ?? [])
      .sort(moreSpecificFirst);
  }

  /** True when `code` is a short code for anybody: then it is never taken as a phone number. */
  isShortCode(code: string): boolean {
    return (
      this.#short.has(code) || this.#ordered.some(({ conditions }) => conditions.takesShort(code))
    );
  }

  /** The ordered list. */
  get ordered(): readonly Entry[] {
    return this.#ordered;
  }

  /** The rules of the short form that could concern the subject, the one to prefer first. */
  shortForm({ kind, value }: Subject): readonly Entry[] {
    return kind === 'short' ? (this.#short.get(value) ?? []) : this.#prefixes;
  }
}

/** What one rule says, in words that show the prefix or code by which it was found. */
export function consider(
  { rule, kind, conditions, pattern }: Entry,
  subject: Subject,
  now: Circumstances,
): ConsideredRule {
  const { name } = rule;
  const fit = conditions.check(subject, now);
  if (fit.fits) {
    if (kind === 'rewrite') return { name, kind, outcome: 'rewritten', why: fit.why };
    const found = pattern === undefined ? fit.why : `${pattern} fits`;
    return { name, kind, outcome: 'decided', why: `${found}, and no rule before it does` };
  }
  const { outcome } = fit;
  if (outcome === 'other-number') return { name, kind, outcome, why: fit.why };
  const but = fit.why.replace(/^it /, 'the rule ');
  return {
    ...{ name, kind, outcome },
    why: pattern === undefined ? fit.why : `${pattern} fits, but ${but}`,
  };
}

function entryOf(rule: Rule, pattern?: string): Entry {
  const kind =
    rule.refuse !== undefined
      ? 'refuse'
      : rule.trunks !== undefined || rule.leastCost !== undefined
        ? 'route'
        : 'rewrite';
  const narrowed =
    pattern === undefined || rule.prefixes === undefined ? rule : { ...rule, prefixes: [pattern] };
  return { rule, kind, conditions: new Conditions(narrowed), pattern };
}

function route({ prefix, ...rest }: RouteRule): Rule {
  return prefix === undefined ? rest : { ...rest, prefixes: [prefix] };
}

function refusal({ prefix, reason, ...rest }: RefuseRule): Rule {
  return { ...rest, refuse: reason, ...(prefix === undefined ? {} : { prefixes: [prefix] }) };
}

/** Longer patterns first; of equal ones the one for named callers; of those the refusal. */
function moreSpecificFirst(a: Entry, b: Entry): number {
  const byLength = (b.pattern?.length ?? 0) - (a.pattern?.length ?? 0);
  return byLength === 0 ? forNamedCallers(b) - forNamedCallers(a) : byLength;
}

const forNamedCallers = ({ rule }: Entry): number => (rule.users === undefined ? 0 : 1);
