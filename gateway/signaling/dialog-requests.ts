import { CopperlineError } from '../kernel/errors.js';
import type { Secret } from '../kernel/secret.js';
import { answerChallenge, CHALLENGE_HEADERS } from './digest-client.js';
import type { SipLink } from './drachtio-connection.js';
import type { WireDialog, WireResponse } from './drachtio-wire.js';

type Method = 'BYE' | 'INFO' | 'INVITE' | 'NOTIFY';

interface RequestParts {
  headers: Record<string, string>;
  body?: string;
}

export interface FinalResponse {
  response: WireResponse;
  /** Only for the 200 to an INVITE without an offer: its ACK, which takes the answer. */
  acknowledge: ((answer: string) => void) | undefined;
}

/**
 * Our requests inside one dialog, each until its final response. A challenge (401, 407) is answered once with the
 * credentials of the dialog's INVITE (RFC 3261 section 22.2): carriers challenge BYE, INFO and re-INVITE too.
 */
export class DialogRequests {
  readonly #dialog: WireDialog;
  readonly #link: SipLink;
  readonly #credentials: { username: string; password: Secret } | undefined;
  /** Aborted when the dialog is over. */
  readonly #over = new AbortController();

  constructor(parts: {
    dialog: WireDialog;
    link: SipLink;
    credentials: { username: string; password: Secret } | undefined;
  }) {
    this.#dialog = parts.dialog;
    this.#link = parts.link;
    this.#credentials = parts.credentials;
  }

  /** @throws CopperlineError CL_SIP_DIALOG_GONE */
  async send(method: Method, parts: RequestParts): Promise<FinalResponse> {
    const first = await this.#once(method, parts);
    const authorization = this.#authorization(method, first.response);
    if (authorization === undefined) return first;
    return this.#once(method, { ...parts, headers: { ...parts.headers, ...authorization } });
  }

  /** Whatever waits for a response is given up. */
  close(): void {
    this.#over.abort();
  }

  #authorization(method: Method, response: WireResponse): Record<string, string> | undefined {
    const names = CHALLENGE_HEADERS[response.status];
    if (names === undefined || this.#credentials === undefined) return undefined;
    const challenge = response.get(names.asks) ?? '';
    const { uri } = response.req;
    const value = answerChallenge({ challenge, method, uri, credentials: this.#credentials });
    return value === undefined ? undefined : { [names.answers]: value };
  }

  #once(method: Method, { headers, body }: RequestParts): Promise<FinalResponse> {
    const { lost } = this.#link;
    const over = this.#over.signal;
    if (over.aborted || lost.aborted) return Promise.reject(gone(undefined));
    return new Promise((resolve, reject) => {
      const settle = new AbortController();
      const giveUp = (): void => {
        settle.abort();
        reject(gone(lost.reason));
      };
      for (const signal of [lost, over])
        signal.addEventListener('abort', giveUp, { signal: settle.signal });
      // drachtio-srf would write into the headers, which a second attempt sends again.
      const options = { method, headers: { ...headers } };
      const withBody = body === undefined ? { ...options, noAck: true } : { ...options, body };
      this.#dialog.request(withBody, (error, response, ack) => {
        if (response !== undefined && response.status < 200) return;
        settle.abort();
        if (response === undefined) reject(gone(error));
        else resolve({ response, acknowledge: acknowledgeWith(ack) });
      });
    });
  }
}

function acknowledgeWith(
  ack: ((options: { headers?: Record<string, string>; body: string }) => void) | undefined,
): FinalResponse['acknowledge'] {
  if (ack === undefined) return undefined;
  return (answer) => {
    ack({ headers: { 'Content-Type': 'application/sdp' }, body: answer });
  };
}

function gone(cause: unknown): CopperlineError {
  return new CopperlineError('CL_SIP_DIALOG_GONE', {
    sentence: 'The SIP dialog has ended.',
    cause,
  });
}
