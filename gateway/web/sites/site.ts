/** A window of local time in which a site takes calls. */
export interface SiteHours {
  /** `mon` to `sun`; every day when absent. */
  readonly days?: readonly string[];
  /** `HH:MM` to `HH:MM`; `to` at or before `from` lies on the next day. */
  readonly from: string;
  readonly to: string;
  readonly timezone: string;
}

/** Somebody whom a visitor may call; pages know the name, never the number. */
interface SiteDestination {
  readonly name: string;
  readonly label?: string;
  readonly number: string;
}

interface SiteQuotas {
  /** Calls that are up or may begin, in all. */
  readonly callsAtATime: number;
  readonly perAddressPerHour: number;
  readonly perDay: number;
}

/** What a visitor has to show before a call. */
export type SiteChallenge =
  | { readonly kind: 'none' }
  /** Leading zero bits of a SHA-256. */
  | { readonly kind: 'proof-of-work'; readonly bits: number }
  /** A service in the manner of Turnstile: the page brings its answer. */
  | {
      readonly kind: 'turnstile-like';
      verify(response: string, address: string): Promise<boolean>;
    };

/** A site whose pages carry the click-to-call widget. */
export interface Site {
  /** Public. */
  readonly key: string;
  /** Of pages that may call; `same-origin`: pages of this gateway. */
  readonly origins: readonly string[];
  /** Never empty. */
  readonly destinations: readonly SiteDestination[];
  readonly defaultDestination: string;
  readonly callerId?: string | undefined;
  readonly displayName?: string | undefined;
  /** `auto`: the visitor's, where the widget speaks it. */
  readonly language: string;
  /** Words of the site's own in place of the widget's. */
  readonly texts: Readonly<Record<string, string>>;
  /** Empty: always open. */
  readonly hours: readonly SiteHours[];
  /** ms since the Unix epoch. */
  isOpen(at: number): boolean;
  readonly quotas: SiteQuotas;
  /** Of a call, from its answer. */
  readonly maxDurationMs: number;
  /** From the token to the WebSocket that uses it. */
  readonly tokenLifetimeMs: number;
  readonly challenge: SiteChallenge;
  /** For browsers that cannot call; the only number that a page may see. */
  readonly publicNumber?: string | undefined;
}
