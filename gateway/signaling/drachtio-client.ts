import { toCopperlineError } from '../kernel/errors.js';
import { ChallengeAnswers } from './challenge-answers.js';
import { challengerOf } from './challenger.js';
import type { DrachtioConnection, SipLink } from './drachtio-connection.js';
import type { WireRequest, WireResponse } from './drachtio-wire.js';
import type { ClientRequest, ClientResponse, SipClient } from './sip-client.js';
import { printable } from './sip-text.js';

interface Sent {
  request: WireRequest;
  response: WireResponse;
}

/** SipClient on drachtio-srf. */
export class DrachtioClient implements SipClient {
  readonly #connection: DrachtioConnection;

  constructor(connection: DrachtioConnection) {
    this.#connection = connection;
  }

  async send(asked: ClientRequest): Promise<ClientResponse> {
    const answers = new ChallengeAnswers(asked.credentials);
    const { method, uri } = asked;
    let request = asked;
    for (;;) {
      const sent = await this.#sendOnce(request);
      const { response } = sent;
      const view = { status: response.status, header: (name: string) => response.get(name) };
      const authorization = answers.next(view, { method, uri });
      if (authorization === undefined) return resultOf(sent, answers.failure);
      const headers = { ...asked.headers, ...sameRequest(sent.request), ...authorization };
      const nextHop = challengerOf(asked.nextHop ?? uri, response) ?? asked.nextHop;
      request = { ...asked, headers, nextHop };
    }
  }

  #sendOnce(request: ClientRequest): Promise<Sent> {
    const link = this.#connection.requireLink();
    const { signal } = request;
    return new Promise((resolve, reject) => {
      const onLost = (): void => {
        done();
        reject(toCopperlineError(link.lost.reason, 'CL_SIP_SERVER_UNREACHABLE'));
      };
      const onAbort = (): void => {
        done();
        reject(toCopperlineError(signal.reason, 'CL_INTERNAL'));
      };
      const done = (): void => {
        signal.removeEventListener('abort', onAbort);
        link.lost.removeEventListener('abort', onLost);
      };
      if (signal.aborted) {
        onAbort();
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      link.lost.addEventListener('abort', onLost, { once: true });
      sendOver(link, request).then(
        (sent) => {
          done();
          resolve(sent);
        },
        (error: unknown) => {
          done();
          reject(toCopperlineError(error, 'CL_SIP_SERVER_UNREACHABLE'));
        },
      );
    });
  }
}

function sendOver({ srf }: SipLink, asked: ClientRequest): Promise<Sent> {
  const { method, uri, nextHop } = asked;
  const headers = Object.fromEntries(
    Object.entries(asked.headers).map(([name, value]) => [name, printable(value)]),
  );
  const proxy = nextHop === undefined ? {} : { proxy: nextHop };
  return new Promise((resolve, reject) => {
    srf.request({ method, uri, headers, ...proxy }, (error, request) => {
      if (request === undefined) {
        reject(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      request.on('response', (response) => {
        if (response.status >= 200) resolve({ request, response });
      });
    });
  });
}

/** What ties a repeated request to the first one (RFC 3261 section 22.2). */
function sameRequest(sent: WireRequest): Record<string, string> {
  const next = sequenceOf(sent) + 1;
  return {
    From: sent.get('From') ?? '',
    'Call-ID': sent.get('Call-ID') ?? '',
    CSeq: `${next} ${sent.method}`,
  };
}

function sequenceOf(sent: WireRequest): number {
  return parseInt(sent.get('CSeq') ?? '0', 10);
}

function resultOf(
  { request, response }: Sent,
  challenge: ClientResponse['challenge'],
): ClientResponse {
  return {
    status: response.status,
    reason: response.reason,
    // The SIP server's own responses (timeout, DNS, transport) have no sender.
    local: response.source_address === '',
    sequence: sequenceOf(request),
    challenge,
    header: (name) => response.get(name),
  };
}
