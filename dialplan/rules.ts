import type { DialplanConfig, RefuseRule, RouteRule, RuleMatch } from './dialplan-config.js';
import type { PlanCaller } from './plan.js';

type Rule = { kind: 'route'; rule: RouteRule } | { kind: 'refuse'; rule: RefuseRule };

type RuleOutcome = 'decided' | 'other-number' | 'other-caller';

/** One rule as it was looked at for a number, for people who ask why. */
export interface ConsideredRule {
  name: string;
  kind: Rule['kind'];
  outcome: RuleOutcome;
  /** Why it did, or why it did not. */
  why: string;
}

export interface RuleChoice {
  rule: Rule | undefined;
  considered: ConsideredRule[];
}

/** A rule with the code or the prefix by which it can match. */
interface Candidate {
  entry: Rule;
  pattern: string;
}

/** The rules of a dialplan in the order in which they are looked at: the first that fits decides. */
export class RuleBook {
  readonly #short = new Map<string, Candidate[]>();
  readonly #prefixes: readonly Candidate[];

  constructor(config: DialplanConfig) {
    const entries: Rule[] = [
      ...config.refuse.map((rule): Rule => ({ kind: 'refuse', rule })),
      ...config.routes.map((rule): Rule => ({ kind: 'route', rule })),
    ];
    for (const entry of entries) {
      for (const pattern of entry.rule.short ?? []) {
        this.#short.set(pattern, [...(this.#short.get(pattern) ?? []), { entry, pattern }]);
      }
    }
    for (const [code, candidates] of this.#short) {
      this.#short.set(code, candidates.sort(moreSpecificFirst));
    }
    this.#prefixes = entries
      .flatMap((entry) =>
        entry.rule.prefix === undefined ? [] : [{ entry, pattern: entry.rule.prefix }],
      )
      .sort(moreSpecificFirst);
  }

  /** True when `code` is a short code for anybody: then it is never taken as a phone number. */
  isShortCode(code: string): boolean {
    return this.#short.has(code);
  }

  chooseForShortCode(code: string, caller: PlanCaller): RuleChoice {
    return choose(this.#short.get(code) ?? [], caller, () => true);
  }

  /** The longest prefix of the E.164 number decides. */
  chooseForNumber(number: string, caller: PlanCaller): RuleChoice {
    return choose(this.#prefixes, caller, (prefix) => number.startsWith(prefix));
  }
}

/** Longer patterns first; of equal ones the one for named callers; of those the refusal. */
function moreSpecificFirst(a: Candidate, b: Candidate): number {
  const byLength = b.pattern.length - a.pattern.length;
  return byLength === 0 ? forNamedCallers(b) - forNamedCallers(a) : byLength;
}

const forNamedCallers = ({ entry }: Candidate): number => (entry.rule.users === undefined ? 0 : 1);

function choose(
  candidates: readonly Candidate[],
  caller: PlanCaller,
  matches: (pattern: string) => boolean,
): RuleChoice {
  const considered: ConsideredRule[] = [];
  for (const { entry, pattern } of candidates) {
    const { name } = entry.rule;
    const note = (outcome: RuleOutcome, why: string): void => {
      considered.push({ name, kind: entry.kind, outcome, why });
    };
    if (!matches(pattern)) {
      note('other-number', `the number does not begin with ${pattern}`);
    } else if (!appliesTo(entry.rule, caller)) {
      note('other-caller', `${pattern} fits, but the rule is not for ${caller.user}`);
    } else {
      note('decided', `${pattern} fits, and no rule before it does`);
      return { rule: entry, considered };
    }
  }
  return { rule: undefined, considered };
}

function appliesTo(rule: RuleMatch, caller: PlanCaller): boolean {
  return rule.users?.includes(caller.user) ?? true;
}
