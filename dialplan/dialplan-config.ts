/** The settings of a dialplan as plain data; gateway/config checks them. */
export interface DialplanConfig {
  /** ISO 3166 alpha-2 country in which a number without + is dialled, such as `DE`. */
  readonly country: string;
  /** IANA time zone of all hours that name none. Default UTC. */
  readonly timezone?: string;
  /** User names by the name of their group. */
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly emergency?: EmergencyConfig;
  readonly guard?: GuardConfig;
  /** Looked at in this order; the first that fits decides. */
  readonly rules?: readonly Rule[];
  /** The short form of rules, looked at after them: of those that fit, the one with the longest prefix decides. */
  readonly routes: readonly RouteRule[];
  readonly refuse: readonly RefuseRule[];
}

/** Calls that nothing blocks: not the guard, not the hours, not the caller. */
interface EmergencyConfig {
  /** As dialled. Default: those of the home country. */
  readonly numbers?: readonly string[];
  /** Names of trunks, in the order in which they are tried. */
  readonly trunks: readonly string[];
}

/** What may not be called, whatever the rules say. */
export interface GuardConfig {
  /** When given, only these may be called. */
  readonly allow?: NumberSet;
  /** Beginnings of numbers, with `+`, within the expensive ranges (premium-rate, shared-cost, satellites) that may be called. */
  readonly open?: readonly string[];
  /** Never called; stronger than `allow`. */
  readonly deny?: NumberSet;
}

export interface NumberSet {
  /** ISO 3166 alpha-2. */
  readonly countries?: readonly string[];
  /** Beginnings of E.164 numbers, with `+`. */
  readonly prefixes?: readonly string[];
}

/** Kinds of numbers as libphonenumber tells them apart; `fixed-line` and `mobile` both hold where a country does not. */
export type NumberType =
  | 'fixed-line'
  | 'mobile'
  | 'toll-free'
  | 'premium-rate'
  | 'shared-cost'
  | 'voip'
  | 'personal'
  | 'pager'
  | 'company'
  | 'voicemail'
  | 'unknown';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

export type Weekday = (typeof WEEKDAYS)[number];

/** A window of local time, `from` included, `to` not; `to` at or before `from` lies on the next day. */
export interface Hours {
  /** Every day when absent. The day on which the window begins. */
  readonly days?: readonly Weekday[];
  /** `HH:MM`. */
  readonly from: string;
  /** `HH:MM`; `24:00` is midnight. */
  readonly to: string;
  /** IANA name; the dialplan's when absent. */
  readonly timezone?: string;
}

/** Where a call comes from. */
export type Origin = 'user' | 'widget' | 'trunk';

/** What a rule applies to; every condition that is given must hold. */
interface RuleMatch {
  /** Unique among all rules. */
  readonly name: string;
  /** Beginning of an E.164 number, with `+`; `+` alone matches every number. */
  readonly prefix?: string;
  /** Codes that are compared as dialled: digits, `*`, `#`. */
  readonly short?: readonly string[];
  /** Only for these callers; for all when absent. */
  readonly users?: readonly string[];
}

/** What a rule of the ordered list applies to. Without a condition on the number: every phone number, no short code. */
export interface RuleConditions extends Omit<RuleMatch, 'prefix'> {
  /** Beginnings of E.164 numbers; one of them must fit. */
  readonly prefixes?: readonly string[];
  /** Whole numbers in E.164. */
  readonly numbers?: readonly string[];
  /** Regular expression on the E.164 number. */
  readonly pattern?: string;
  /** Regular expression on what was dialled, which is then a short code: extensions such as `^1\d\d$`. */
  readonly shortPattern?: string;
  /** ISO 3166 alpha-2. */
  readonly countries?: readonly string[];
  readonly types?: readonly NumberType[];
  readonly groups?: readonly string[];
  readonly origins?: readonly Origin[];
  /** Site keys of click-to-call widgets. */
  readonly sites?: readonly string[];
  /** One of the windows must be open. */
  readonly hours?: readonly Hours[];
}

/** Changes the number: what the pattern matches is replaced, once. `$1` to `$9` stand for groups. */
export interface Rewrite {
  readonly pattern: string;
  readonly to: string;
}

export interface LeastCost {
  /** Trunks to choose among; all with a rate deck when absent. */
  readonly trunks?: readonly string[];
  /** What decides first. Default `price`. */
  readonly prefer?: 'price' | 'quality';
  /** Per minute, in the currency of the decks; dearer trunks are not used. */
  readonly maxRate?: number;
  /** From 0 to 100; worse trunks are not used. */
  readonly minQuality?: number;
  /** Tried when no deck has a rate for the number, and after those that have one. */
  readonly fallback?: readonly string[];
}

/**
 * A rule of the ordered list: conditions, and exactly one of `trunks`, `leastCost` and `refuse`, or `rewrite` alone,
 * after which the next rules see the new number.
 */
export interface Rule extends RuleConditions {
  readonly rewrite?: Rewrite;
  /** Names of trunks, in the order in which they are tried. */
  readonly trunks?: readonly string[];
  /** `by-weight`: the trunks share the calls by their weights; each is still tried when those before it fail. */
  readonly order?: 'in-order' | 'by-weight';
  readonly leastCost?: LeastCost;
  /** Why not, in words for the caller. */
  readonly refuse?: string;
}

export interface RouteRule extends RuleMatch {
  /** Names of trunks, in the order in which they are tried. */
  readonly trunks: readonly string[];
  /** `by-weight`: the trunks share the calls by their weights; each is still tried when those before it fail. */
  readonly order?: 'in-order' | 'by-weight';
}

export interface RefuseRule extends RuleMatch {
  /** Why, in words for the caller. */
  readonly reason: string;
}
