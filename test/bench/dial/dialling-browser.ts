import { once } from 'node:events';
import { WebSocket } from 'ws';
import { digestAnswer, header, newId, parseSip, statusOf, type SipText } from './sip-text.js';

export interface BrowserAccount {
  domain: string;
  username: string;
  password: string;
}

interface Request {
  method: string;
  uri: string;
  callId: string;
  sequence: number;
  branch: string;
  fromTag: string;
  to: string;
  authorization?: string;
  body?: string;
}

const HOST = 'bench.invalid';
const PATIENCE_MS = 5000;

/** A browser's SIP over WebSocket (RFC 7118), which signs in, dials, and cancels when it rings. */
export class DiallingBrowser {
  readonly #account: BrowserAccount;
  readonly #socket: WebSocket;
  #handler: (message: SipText) => void = () => undefined;

  /** `url` is that of the page. */
  constructor(url: string, account: BrowserAccount) {
    this.#account = account;
    const { host, origin } = new URL(url);
    this.#socket = new WebSocket(`ws://${host}/sip`, 'sip', { origin });
    this.#socket.on('message', (data: Buffer) => {
      this.#handler(parseSip(data.toString()));
    });
  }

  async connect(): Promise<void> {
    await once(this.#socket, 'open');
  }

  close(): void {
    this.#socket.terminate();
  }

  /** @throws Error when the gateway does not take the account */
  async register(): Promise<void> {
    const { domain, username } = this.#account;
    const request = this.#newRequest('REGISTER', `sip:${domain}`, `sip:${username}@${domain}`);
    const response = await this.#authenticated(request, (message) => statusOf(message) >= 200);
    if (statusOf(response) !== 200) throw new Error(`REGISTER: ${response.startLine}`);
  }

  /**
   * Dials, and hangs up when it rings.
   * @returns ms from the first INVITE, over the challenge, to the 180
   */
  async dial(number: string, offer: string): Promise<number> {
    const { domain } = this.#account;
    const uri = `sip:${number}@${domain}`;
    const request = { ...this.#newRequest('INVITE', uri, uri), body: offer };
    const began = performance.now();
    const response = await this.#authenticated(request, (message) => statusOf(message) >= 180);
    const took = performance.now() - began;
    if (statusOf(response) !== 180) throw new Error(`INVITE: ${response.startLine}`);
    const final = this.#expect((message) => statusOf(message) >= 300);
    this.#send({ ...request, method: 'CANCEL' });
    const ended = await final;
    this.#acknowledge(request, ended);
    if (statusOf(ended) !== 487) throw new Error(`after CANCEL: ${ended.startLine}`);
    return took;
  }

  /** Sends, answers the challenge, and waits for what `isWanted`; `request` is then the one accepted. */
  async #authenticated(
    request: Request,
    isWanted: (message: SipText) => boolean,
  ): Promise<SipText> {
    const first = this.#expect(isWanted);
    this.#send(request);
    const response = await first;
    const status = statusOf(response);
    if (status !== 401 && status !== 407) return response;
    if (request.method === 'INVITE') this.#acknowledge(request, response);
    const name = status === 401 ? 'www-authenticate' : 'proxy-authenticate';
    const answer = digestAnswer(response.headers.get(name) ?? [], {
      ...{ method: request.method, uri: request.uri },
      ...{ username: this.#account.username, password: this.#account.password },
    });
    request.authorization = `${status === 401 ? '' : 'Proxy-'}Authorization: ${answer}`;
    request.sequence += 1;
    request.branch = `z9hG4bK${newId()}`;
    const second = this.#expect(isWanted);
    this.#send(request);
    return second;
  }

  #newRequest(method: string, uri: string, to: string): Request {
    return {
      ...{ method, uri, to: `<${to}>`, callId: newId(), sequence: 1 },
      ...{ branch: `z9hG4bK${newId()}`, fromTag: newId() },
    };
  }

  #acknowledge(request: Request, response: SipText): void {
    this.#send({ ...request, method: 'ACK', to: header(response, 'to') });
  }

  #send(request: Request): void {
    const { method, uri, authorization, body = '' } = request;
    const { domain, username } = this.#account;
    const follows = method === 'CANCEL' || method === 'ACK';
    const own = follows ? '' : body;
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/WS ${HOST};branch=${request.branch}`,
      'Max-Forwards: 70',
      `From: <sip:${username}@${domain}>;tag=${request.fromTag}`,
      `To: ${request.to}`,
      `Call-ID: ${request.callId}`,
      `CSeq: ${request.sequence} ${method}`,
      ...(follows ? [] : [`Contact: <sip:${username}@${HOST};transport=ws>`]),
      ...(follows || authorization === undefined ? [] : [authorization]),
      ...(own === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${Buffer.byteLength(own)}`,
    ];
    this.#socket.send(`${lines.join('\r\n')}\r\n\r\n${own}`);
  }

  #expect(isWanted: (message: SipText) => boolean): Promise<SipText> {
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => {
        reject(new Error('the gateway does not answer'));
      }, PATIENCE_MS);
      this.#handler = (message) => {
        // CANCEL's own 200 is of no interest here.
        if (header(message, 'cseq').endsWith('CANCEL') || !isWanted(message)) return;
        clearTimeout(patience);
        resolve(message);
      };
    });
  }
}
