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
  'contact-of-update': {
    reason: 'UPDATE refreshes the target and must carry Contact (RFC 3311 section 5.1).',
    embedded: 'present',
    drachtio: 'absent',
  },
  'application-gone': {
    reason: 'A call whose application is gone serves nobody and must not go on being paid for.',
    embedded: 'BYE',
    drachtio: '481',
  },
  'ringing-re-invite': {
    reason: 'drachtio-server forgets a re-INVITE at its first 1xx; its final response is lost.',
    embedded: '1',
    drachtio: '0',
  },
  'ack-of-refused-change': {
    reason: 'The transaction has sent the ACK; drachtio-server puts a second one on the wire.',
    embedded: '0',
    drachtio: '1',
  },
  'early-info': {
    reason: 'drachtio-server answers 500 as well as delivering the request.',
    embedded: 'OK 200',
    drachtio: 'NOK 500',
  },
  'second-branch': {
    reason:
      'RFC 3261 section 13.2.2.4: a branch that is not wanted is acknowledged and hung up on; drachtio-server leaves it up.',
    embedded: 'BYE two',
    drachtio: 'no BYE, 1 ACK',
  },
  'target-refresh': {
    reason:
      'RFC 3261 section 12.2.2: a re-INVITE moves the peer; drachtio-server goes on calling its first Contact.',
    embedded: 'the new Contact',
    drachtio: 'the old Contact',
  },
  'short-session': {
    reason: 'RFC 4028 section 9 asks for 422; drachtio-server checks in dialogs only.',
    embedded: '422 90',
    drachtio: 'delivered',
  },
  'transaction-of-early-update': {
    reason:
      'An id of its own cannot be taken for that of the INVITE; applications answer by the id that they got.',
    embedded: 'own',
    drachtio: 'of the INVITE',
  },
  'losers-of-a-fork': {
    reason:
      'fullResponse promises the final response of every target; drachtio-server is done with the 200.',
    embedded: '200 487',
    drachtio: '200',
  },
  'collected-503': {
    reason: 'RFC 3261 section 16.7: the 503 of one target says nothing of the proxy.',
    embedded: '500',
    drachtio: '503',
  },
  'rseq-of-the-proxy': {
    reason: 'A proxy that is not the one that retransmits has no business with RSeq (RFC 3262).',
    embedded: 'kept',
    drachtio: 'rewritten',
  },
  'transport-of-websockets': {
    reason: 'It is what applications ask for; drachtio-server says tcp.',
    embedded: 'ws',
    drachtio: 'tcp',
  },
  'proxy-to-a-websocket': {
    reason: 'A browser is a target like any other; drachtio-server never finds it.',
    embedded: 'INVITE',
    drachtio: 'none',
  },
  'stranger-behind-the-handler': {
    reason: 'Nobody waits for a call that hangs; drachtio-server lets it.',
    embedded: '480',
    drachtio: 'none',
  },
  'large-frames': {
    reason: 'Beyond 12,228 bytes the connection to drachtio-server is wedged.',
    embedded: 'answered',
    drachtio: 'none',
  },
  'best-of-equals': {
    reason:
      'RFC 3261 section 16.7 leaves the choice; here the first that came, there the order of an unstable sort.',
    embedded: '404',
    drachtio: '486',
  },
  'answer-of-another-application': {
    reason: 'An application answers the requests that it got, not those of others.',
    embedded: 'NOK',
    drachtio: 'OK',
  },
  'contact-over-tls': {
    reason:
      'RFC 3261 section 12.1.1: the Contact of a call to a sip URI is no sips URI, whatever it came over.',
    embedded: 'sip',
    drachtio: 'sips',
  },
  'ping-over-tls': {
    reason: 'RFC 5626 section 4.4.1 knows no difference between TCP and TLS.',
    embedded: 'pong',
    drachtio: 'none',
  },
  'connection-lost-while-ringing': {
    reason: 'Nobody hears the answer any more; drachtio-server lets the application go on.',
    embedded: 'CANCEL',
    drachtio: 'none',
  },
  'requests-of-a-lost-application': {
    reason: 'Nobody else will answer them; drachtio-server leaves the caller waiting.',
    embedded: '503',
    drachtio: 'none',
  },
} as const satisfies Record<string, Difference>;

export type DifferenceName = keyof typeof DIFFERENCES;
