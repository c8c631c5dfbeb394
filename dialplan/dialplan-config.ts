/** The settings of a dialplan as plain data; gateway/config checks them. */
export interface DialplanConfig {
  /** ISO 3166 alpha-2 country in which a number without + is dialled, such as `DE`. */
  readonly country: string;
  readonly routes: readonly RouteRule[];
  readonly refuse: readonly RefuseRule[];
}

/** What a rule applies to; exactly one of `prefix` and `short` is set. */
export interface RuleMatch {
  /** Unique among all rules. */
  readonly name: string;
  /** Beginning of an E.164 number, with `+`; `+` alone matches every number. */
  readonly prefix?: string;
  /** Codes that are compared as dialled: digits, `*`, `#`. */
  readonly short?: readonly string[];
  /** Only for these callers; for all when absent. */
  readonly users?: readonly string[];
}

export interface RouteRule extends RuleMatch {
  /** Names of trunks, in the order in which they are tried. */
  readonly trunks: readonly string[];
}

export interface RefuseRule extends RuleMatch {
  /** Why, in words for the caller. */
  readonly reason: string;
}
