/** `answer`: as if nothing were wrong. `drop`: no answer. `forbid`: 403. `ban`: no answer, now and for a while. */
export type Countermeasure = 'answer' | 'drop' | 'forbid' | 'ban';

/** True for whom the application may have to do with, by the request-URI and the address that a request comes from. */
export type KnownCaller = (uri: string, host: string) => boolean;

/** What the server does about peers that mean no good, or too much. A source is an address without its port. */
export interface GuardOptions {
  /** Addresses and networks (`192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`) that nothing below applies to. */
  trusted: readonly string[];
  /** Requests of methods that no RFC knows. */
  unknownMethods: Countermeasure;
  /** Requests whose User-Agent holds one of {@link scannerAgents}. */
  scanners: Countermeasure;
  /** New requests of those whom {@link KnownCaller} does not know; browsers on WebSockets are no strangers. */
  strangers: Countermeasure;
  /** Parts of User-Agent values, in any case. */
  scannerAgents: readonly string[];
  /** New requests (outside dialogs) per second of one source, in the long run; those beyond are dropped. */
  requestsPerSecond: number;
  /** What a source may send at once. */
  burst: number;
  /** A source that goes on, with this many requests beyond its rate, is banned. */
  excessBeforeBan: number;
  banSeconds: number;
  /** Requests of one source that are under way, or were in the last 32 s; new ones beyond get 503. */
  transactionsPerSource: number;
  /**
   * Copies of a 2xx, an application's word, that go out over UDP per request of a source that has not proved to be where
   * it says it is. All other responses to such a source add up to no more bytes than it has sent.
   */
  unverifiedSuccessCopies: number;
}

export const DEFAULT_GUARD: Readonly<GuardOptions> = {
  trusted: ['127.0.0.0/8', '::1'],
  unknownMethods: 'answer',
  scanners: 'drop',
  strangers: 'answer',
  scannerAgents: [
    'friendly-scanner',
    'sipvicious',
    'sipcli',
    'sip-scan',
    'sipscan',
    'sundayddr',
    'iwar',
    'vaxsipuseragent',
    'pplsip',
    'sipsak',
  ],
  // A carrier of that size is known by its address and belongs among the trusted.
  requestsPerSecond: 100,
  burst: 500,
  excessBeforeBan: 1_000,
  banSeconds: 60,
  transactionsPerSource: 5_000,
  unverifiedSuccessCopies: 4,
};
