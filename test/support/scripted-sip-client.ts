import type {
  ClientRequest,
  ClientResponse,
  SipClient,
} from '../../gateway/signaling/sip-client.js';

type Answer = Partial<Omit<ClientResponse, 'header'>> & {
  status: number;
  headers?: Record<string, string>;
};

/** A SipClient whose peers answer as the test says; without an answer they are silent. */
export class ScriptedSipClient implements SipClient {
  readonly sent: ClientRequest[] = [];
  #answer: (request: ClientRequest) => Answer | Error | undefined;

  constructor(answer: (request: ClientRequest) => Answer | Error | undefined) {
    this.#answer = answer;
  }

  behave(answer: (request: ClientRequest) => Answer | Error | undefined): void {
    this.#answer = answer;
  }

  get last(): ClientRequest {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error('nothing was sent');
    return last;
  }

  send(request: ClientRequest): Promise<ClientResponse> {
    this.sent.push(request);
    const answer = this.#answer(request);
    if (answer instanceof Error) return Promise.reject(answer);
    if (answer !== undefined) return Promise.resolve(responseOf(answer, request));
    return new Promise((_resolve, reject) => {
      request.signal.addEventListener('abort', () => {
        reject(request.signal.reason as Error);
      });
    });
  }
}

function responseOf({ headers = {}, ...answer }: Answer, request: ClientRequest): ClientResponse {
  const sequence = parseInt(request.headers['CSeq'] ?? '1', 10);
  return {
    ...{ reason: 'Scripted', local: false, sequence },
    ...answer,
    header: (name) => headers[name],
  };
}
