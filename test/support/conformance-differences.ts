/** One observable difference from a drachtio-server, and why there is one. */
interface Difference {
  reason: string;
  /** What the embedded server does. */
  embedded: string;
  /** What a drachtio-server 0.9 does. */
  drachtio: string;
}

/** All differences that the conformance suite knows; a test that meets another one fails. */
export const DIFFERENCES = {
  'commands-before-authentication': {
    reason:
      'A stranger must not command the server; drachtio-server checks the secret and then ignores the outcome.',
    embedded: 'NO',
    drachtio: 'OK',
  },
  'remove-route-of-one-verb': {
    reason: 'remove_route names one verb, and drachtio-server forgets all of them.',
    embedded: 'kept',
    drachtio: 'removed',
  },
  'unknown-method': {
    reason: 'RFC 3261 section 8.2.1 asks for an answer; drachtio-server drops the request.',
    embedded: '501',
    drachtio: 'none',
  },
  'refer-outside-dialogs': {
    reason: 'RFC 3515 allows it, and applications that route it get it; drachtio-server drops it.',
    embedded: 'delivered',
    drachtio: 'none',
  },
  'second-final': {
    reason: 'A response that goes nowhere must not be reported as sent.',
    embedded: 'NOK',
    drachtio: 'OK',
  },
  'record-route': {
    reason:
      'The signed parameter keeps strangers from using the server as a relay and finds browsers again.',
    embedded: 'signed',
    drachtio: 'plain',
  },
} as const satisfies Record<string, Difference>;

export type DifferenceName = keyof typeof DIFFERENCES;
