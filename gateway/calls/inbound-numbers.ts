import { bareNumber, normalise } from '../../dialplan/normalise.js';

/** How the members of a group are rung: all at once, in their order, or in an order drawn by weight. */
export type RingStrategy = 'simultaneous' | 'sequential' | 'weighted';

export interface RingGroup {
  name: string;
  strategy: RingStrategy;
  members: readonly { user: string; weight: number }[];
  /** How long each member is rung in turn, ms. */
  memberRingMs: number;
}

export type InboundTarget =
  | { kind: 'user'; user: string }
  | { kind: 'group'; group: RingGroup }
  | { kind: 'refuse'; sentence: string };

/** What becomes of calls to some numbers. */
export interface InboundRule {
  name: string;
  /** Numbers as written, or their beginning followed by `*`. */
  numbers: readonly string[];
  /** Only calls of these trunks; all when absent. */
  trunks?: readonly string[] | undefined;
  target: InboundTarget;
  /** Called over the dialplan when nobody answers. */
  fallback?: string | undefined;
}

export interface InboundMatch {
  rule: InboundRule;
  /** The called number in the writing that matched. */
  number: string;
}

/** Finds the rule for a number that a carrier asks for. Pure. */
export class InboundNumbers {
  readonly #rules: readonly InboundRule[];
  readonly #country: Parameters<typeof normalise>[1];

  constructor(rules: readonly InboundRule[], country: Parameters<typeof normalise>[1]) {
    this.#rules = rules;
    this.#country = country;
  }

  /** The number itself before the longest beginning; a rule for the trunk before one for all. */
  find(called: string, trunk: string): InboundMatch | undefined {
    let best: (InboundMatch & { rank: number }) | undefined;
    for (const number of this.#writings(called)) {
      for (const rule of this.#rules) {
        if (rule.trunks?.includes(trunk) === false) continue;
        const length = Math.max(...rule.numbers.map((pattern) => matchLength(pattern, number)));
        const rank = length * 2 + (rule.trunks === undefined ? 0 : 1);
        if (length >= 0 && (best === undefined || rank > best.rank)) best = { rule, number, rank };
      }
      if (best !== undefined) return { rule: best.rule, number: best.number };
    }
    return undefined;
  }

  /** Carriers write a number as E.164 with or without `+`, or as it is dialled at home. */
  #writings(called: string): string[] {
    const bare = bareNumber(called);
    const writings = [bare];
    if (/^\d{7,15}$/.test(bare)) writings.push(`+${bare}`);
    const home = normalise(bare, this.#country);
    if (home.kind === 'e164') writings.push(home.number);
    return [...new Set(writings)];
  }
}

/** More than any beginning can have. */
const EXACT = 64;

/** -1: no match. */
function matchLength(pattern: string, number: string): number {
  if (!pattern.endsWith('*')) return pattern === number ? EXACT : -1;
  return number.startsWith(pattern.slice(0, -1)) ? pattern.length - 1 : -1;
}
