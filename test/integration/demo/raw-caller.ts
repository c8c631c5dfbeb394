import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { newToken } from '../../../gateway/kernel/ids.js';

/** A SIP message as it was on the wire. */
export interface WireMessage {
  /** `INVITE` for requests, `200` for responses. */
  what: string;
  startLine: string;
  /** Names in lower case. */
  headers: Map<string, string>;
  body: string;
}

const HOST = '127.0.0.1';
const WAIT_MS = 10_000;

/**
 * A caller over raw UDP SIP, one call at a time, without any SIP library: what it asserts is what was on
 * the wire. Requests of the peer are answered 200.
 */
export class RawCaller {
  readonly #socket: Socket;
  readonly #peerPort: number;
  readonly #callId = newToken();
  readonly #fromTag = newToken(4);
  readonly #received: WireMessage[] = [];
  /** Those of them that no test took yet. */
  readonly #open: WireMessage[] = [];
  readonly #waiting = new Set<() => void>();
  #toHeader = '';
  #target = '';
  #cseq = 0;
  #inviteBranch = '';
  #inviteUri = '';

  private constructor(socket: Socket, peerPort: number) {
    this.#socket = socket;
    this.#peerPort = peerPort;
    socket.on('message', (datagram) => {
      this.#onMessage(readMessage(datagram.toString('utf8')));
    });
  }

  static async open(peerPort: number): Promise<RawCaller> {
    const socket = createSocket('udp4');
    socket.bind(0, HOST);
    await once(socket, 'listening');
    return new RawCaller(socket, peerPort);
  }

  get callId(): string {
    return this.#callId;
  }

  /** What came so far, in order, retransmissions left out: `100`, `200`, `INFO`. */
  get log(): string[] {
    return this.#received.map(({ what }) => what);
  }

  invite(user: string, sdp: string): void {
    this.#inviteUri = `sip:${user}@${HOST}:${this.#peerPort}`;
    this.#toHeader = `<${this.#inviteUri}>`;
    this.#sendInvite(this.#inviteUri, sdp);
  }

  /** A re-INVITE of the dialog. */
  reinvite(sdp: string): void {
    this.#sendInvite(this.#target, sdp);
  }

  /** ACK of the 200 that came last (RFC 3261 section 13.2.2.4), or of a failure (section 17.1.1.3). */
  ack(response: WireMessage): void {
    const success = response.what.startsWith('2');
    this.#send('ACK', success ? this.#target : this.#inviteUri, {
      branch: success ? undefined : this.#inviteBranch,
      cseq: this.#cseq,
    });
  }

  cancel(): void {
    this.#send('CANCEL', this.#inviteUri, { branch: this.#inviteBranch, cseq: this.#cseq });
  }

  bye(): void {
    this.#cseq += 1;
    this.#send('BYE', this.#target, {});
  }

  options(): void {
    this.#inviteUri = `sip:${HOST}:${this.#peerPort}`;
    this.#toHeader = `<${this.#inviteUri}>`;
    this.#cseq += 1;
    this.#send('OPTIONS', this.#inviteUri, {});
  }

  /** The first message of this kind that nobody took yet; for a response also by the CSeq's method. */
  async take(what: string, method = ''): Promise<WireMessage> {
    const deadline = AbortSignal.timeout(WAIT_MS);
    for (;;) {
      const found = this.#taken(what, method);
      if (found !== undefined) return found;
      await this.#next(deadline, `${what} ${method}`);
    }
  }

  close(): void {
    this.#socket.close();
  }

  #taken(what: string, method: string): WireMessage | undefined {
    const index = this.#open.findIndex(
      (message) => message.what === what && (message.headers.get('cseq') ?? '').endsWith(method),
    );
    return index === -1 ? undefined : this.#open.splice(index, 1)[0];
  }

  #next(deadline: AbortSignal, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        deadline.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = (): void => {
        this.#waiting.delete(wake);
        reject(new Error(`No ${what} came; what came: ${this.log.join(' ')}.`));
      };
      deadline.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(wake);
    });
  }

  #onMessage(message: WireMessage): void {
    const isRequest = !/^\d/.test(message.what);
    if (isRequest && message.what !== 'ACK') this.#answer(message);
    const key = (one: WireMessage): string => `${one.startLine}|${one.headers.get('cseq') ?? ''}`;
    if (this.#received.some((earlier) => key(earlier) === key(message))) return;
    const contact = /<([^>]+)>/.exec(message.headers.get('contact') ?? '')?.[1];
    if (message.what === '200' && contact !== undefined) this.#target = contact;
    if (!isRequest && message.what !== '100') {
      this.#toHeader = message.headers.get('to') ?? this.#toHeader;
    }
    this.#received.push(message);
    this.#open.push(message);
    for (const wake of [...this.#waiting]) wake();
  }

  #answer(request: WireMessage): void {
    const copied = ['via', 'from', 'to', 'call-id', 'cseq'].map(
      (name) => `${name}: ${request.headers.get(name) ?? ''}`,
    );
    this.#write(['SIP/2.0 200 OK', ...copied, 'Content-Length: 0', '', '']);
  }

  #sendInvite(uri: string, sdp: string): void {
    this.#cseq += 1;
    this.#inviteBranch = `z9hG4bK${newToken()}`;
    this.#send('INVITE', uri, { branch: this.#inviteBranch, sdp });
  }

  #send(
    method: string,
    uri: string,
    how: { branch?: string | undefined; cseq?: number; sdp?: string },
  ): void {
    const { port } = this.#socket.address();
    const sdp = how.sdp ?? '';
    this.#write([
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${HOST}:${port};rport;branch=${how.branch ?? `z9hG4bK${newToken()}`}`,
      'Max-Forwards: 70',
      `From: <sip:caller@${HOST}:${port}>;tag=${this.#fromTag}`,
      `To: ${method === 'CANCEL' ? `<${this.#inviteUri}>` : this.#toHeader}`,
      `Call-ID: ${this.#callId}`,
      `CSeq: ${how.cseq ?? this.#cseq} ${method}`,
      `Contact: <sip:caller@${HOST}:${port}>`,
      ...(sdp === '' ? [] : ['Content-Type: application/sdp']),
      `Content-Length: ${Buffer.byteLength(sdp)}`,
      '',
      sdp,
    ]);
  }

  #write(lines: readonly string[]): void {
    this.#socket.send(lines.join('\r\n'), this.#peerPort, HOST);
  }
}

function readMessage(text: string): WireMessage {
  const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
  const [startLine = '', ...lines] = head.split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (!headers.has(name.toLowerCase())) headers.set(name.toLowerCase(), value);
  }
  const [first = '', second = ''] = startLine.split(' ');
  return { what: first === 'SIP/2.0' ? second : first, startLine, headers, body };
}
