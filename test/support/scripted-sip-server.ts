import { createHash } from 'node:crypto';
import type { Server } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';

/** A SIP message as far as a script needs it. */
export interface ScriptedMessage {
  /** `INVITE sip:600@host SIP/2.0` or `SIP/2.0 200 OK`. */
  startLine: string;
  method: string;
  /** User part of the request URI, percent-decoded. */
  target: string;
  header(name: string): string;
  body: string;
}

export interface Reply {
  status: number;
  reason?: string;
  headers?: readonly string[];
  contentType?: string;
  body?: string;
}

export interface ScriptedInvite {
  message: ScriptedMessage;
  reply(reply: Reply): void;
  /** Sends a request inside the call: BYE or INFO. */
  send(method: 'BYE' | 'INFO', reply?: Omit<Reply, 'status'>): void;
}

/** A call that the server makes to the page. */
export interface ScriptedCall {
  answer: Promise<ScriptedMessage>;
  cancel(): void;
}

export interface Script {
  user: string;
  password: string;
  /** Answers to the next REGISTER requests, before passwords are looked at. */
  registerReplies?: Reply[];
  onInvite: (invite: ScriptedInvite) => unknown;
}

const REALM = 'copperline.test';
const NONCE = 'a1b2c3d4e5f6';

/**
 * A SIP server over WebSocket (RFC 7118) that does what a test's script says. It shares no code with the gateway.
 * It challenges REGISTER with SHA-256 and MD5, in this order (RFC 8760 section 2.4).
 */
export class ScriptedSipServer {
  readonly #sockets: WebSocketServer;
  readonly received: ScriptedMessage[] = [];
  /** By Call-ID: whoever waits for responses, and the tags of those who answered. */
  readonly #calls = new Map<string, (response: ScriptedMessage) => void>();
  readonly #tags = new Map<string, string>();
  #registered: { socket: WebSocket; contact: string } | undefined;
  /** WebSockets opened so far. */
  connections = 0;
  #waiting: { method: string; resolve: (message: ScriptedMessage) => void }[] = [];
  script: Script;

  constructor(http: Server, script: Script) {
    this.script = script;
    this.#sockets = new WebSocketServer({
      server: http,
      path: '/sip',
      handleProtocols: (protocols) => (protocols.has('sip') ? 'sip' : false),
    });
    this.#sockets.on('connection', (socket) => {
      this.connections += 1;
      socket.on('message', (data: Buffer) => {
        this.#receive(socket, data.toString('utf8'));
      });
    });
  }

  /**
   * Calls whoever registered last. `answer` resolves with the final response; it is acknowledged by itself.
   * @throws Error when nobody registered
   */
  call(body: string, headers: readonly string[] = []): ScriptedCall {
    const to = this.#registered;
    if (to === undefined) throw new Error('nobody registered');
    const callId = `scripted-${++lastSequence}`;
    const request = (method: string, sequence: number, content: string): string =>
      withBody(
        [
          `${method} ${to.contact} SIP/2.0`,
          `Via: SIP/2.0/WS scripted.invalid;branch=z9hG4bK${callId}`,
          'Max-Forwards: 70',
          'From: "Carol" <sip:+4930987654@copperline.test>;tag=carol',
          `To: <${to.contact}>${method === 'INVITE' ? '' : this.#toTag(callId)}`,
          `Call-ID: ${callId}`,
          `CSeq: ${sequence} ${method}`,
          'Contact: <sip:carol@127.0.0.1;transport=ws>',
          ...headers,
        ],
        { body: content },
      );
    const answer = new Promise<ScriptedMessage>((resolve) => {
      this.#calls.set(callId, (response) => {
        const status = Number(response.startLine.split(' ')[1]);
        if (status < 200 || !response.header('cseq').endsWith('INVITE')) return;
        this.#tags.set(callId, /;tag=[^;\s]+/.exec(response.header('to'))?.[0] ?? '');
        to.socket.send(request('ACK', 1, ''));
        resolve(response);
      });
    });
    to.socket.send(request('INVITE', 1, body));
    return {
      answer,
      cancel: () => {
        to.socket.send(request('CANCEL', 1, ''));
      },
    };
  }

  #toTag(callId: string): string {
    return this.#tags.get(callId) ?? '';
  }

  /** The next message with that method (from now on). */
  next(method: string): Promise<ScriptedMessage> {
    return new Promise((resolve) => this.#waiting.push({ method, resolve }));
  }

  /** Resolves when the next WebSocket is closed, after everything that came through it was received. */
  nextClose(): Promise<void> {
    return new Promise((resolve) => {
      for (const socket of this.#sockets.clients) {
        socket.once('close', () => {
          resolve();
        });
      }
    });
  }

  /** Methods of the requests received so far. */
  get methods(): string[] {
    return this.received.map((message) => message.method);
  }

  /** Cuts every WebSocket without a close handshake. */
  cut(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => {
      this.#sockets.close(() => {
        resolve();
      });
    });
  }

  #receive(socket: WebSocket, text: string): void {
    const message = parseMessage(text);
    if (message.startLine.startsWith('SIP/2.0')) {
      this.#calls.get(message.header('call-id'))?.(message);
      return;
    }
    this.received.push(message);
    this.#waiting = this.#waiting.filter((wait) => {
      if (wait.method !== message.method) return true;
      wait.resolve(message);
      return false;
    });
    const reply = (answer: Reply): void => {
      socket.send(formatResponse(message, answer));
    };
    if (message.method === 'REGISTER') {
      const contact = /<([^>]+)>/.exec(message.header('contact'))?.[1];
      if (contact !== undefined) this.#registered = { socket, contact };
      this.#register(message, reply);
    } else if (message.method === 'INVITE') {
      const send: ScriptedInvite['send'] = (method, content) => {
        socket.send(formatRequest(message, method, content ?? {}));
      };
      this.script.onInvite({ message, reply, send });
    } else if (message.method !== 'ACK') reply({ status: 200 });
  }

  #register(message: ScriptedMessage, reply: (reply: Reply) => void): void {
    const scripted = this.script.registerReplies?.shift();
    if (scripted !== undefined) {
      reply(scripted);
      return;
    }
    const authorization = message.header('authorization');
    if (authorization !== '' && answersChallenge(authorization, this.script)) {
      const contact = message.header('contact');
      reply({ status: 200, headers: [`Contact: ${contact}`] });
      return;
    }
    const challenge = (algorithm: string): string =>
      `WWW-Authenticate: Digest realm="${REALM}", nonce="${NONCE}", algorithm=${algorithm}, qop="auth"`;
    reply({ status: 401, headers: [challenge('SHA-256'), challenge('MD5')] });
  }
}

/** RFC 2617 section 3.2.2. */
function answersChallenge(authorization: string, script: Script): boolean {
  const field = (name: string): string =>
    new RegExp(`[ ,]${name}="?([^",]*)`).exec(authorization)?.[1] ?? '';
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const ha1 = md5(`${script.user}:${REALM}:${script.password}`);
  const ha2 = md5(`REGISTER:${field('uri')}`);
  const middle = `${NONCE}:${field('nc')}:${field('cnonce')}:auth`;
  return field('username') === script.user && field('response') === md5(`${ha1}:${middle}:${ha2}`);
}

function parseMessage(text: string): ScriptedMessage {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [startLine = '', ...lines] = head.split('\r\n');
  const header = (name: string): string => {
    const prefix = `${name.toLowerCase()}:`;
    const line = lines.find((candidate) => candidate.toLowerCase().startsWith(prefix));
    return line?.slice(prefix.length).trim() ?? '';
  };
  return {
    startLine,
    method: startLine.split(' ')[0] ?? '',
    target: decodeURIComponent(/ sips?:([^@ ]*)@/.exec(startLine)?.[1] ?? ''),
    header,
    body: rest.join('\r\n\r\n'),
  };
}

function formatResponse(request: ScriptedMessage, reply: Reply): string {
  const to = request.header('to');
  const tag = reply.status === 100 || to.includes(';tag=') ? '' : ';tag=scripted';
  const contact =
    request.method === 'INVITE' ? ['Contact: <sip:scripted@127.0.0.1;transport=ws>'] : [];
  return withBody(
    [
      `SIP/2.0 ${reply.status} ${reply.reason ?? 'Scripted'}`,
      `Via: ${request.header('via')}`,
      `From: ${request.header('from')}`,
      `To: ${to}${tag}`,
      `Call-ID: ${request.header('call-id')}`,
      `CSeq: ${request.header('cseq')}`,
      ...contact,
      ...(reply.headers ?? []),
    ],
    reply,
  );
}

/** Grows, so that each request of ours is newer than the one before (RFC 3261 section 12.2.2). */
let lastSequence = 100;

/** RFC 3261 section 12.2.1.1, from the callee's side: From and To change places. */
function formatRequest(
  invite: ScriptedMessage,
  method: string,
  content: Omit<Reply, 'status'>,
): string {
  const contact = /<([^>]+)>/.exec(invite.header('contact'))?.[1] ?? '';
  lastSequence += 1;
  return withBody(
    [
      `${method} ${contact} SIP/2.0`,
      `Via: SIP/2.0/WS scripted.invalid;branch=z9hG4bK${lastSequence}`,
      'Max-Forwards: 70',
      `From: ${invite.header('to')};tag=scripted`,
      `To: ${invite.header('from')}`,
      `Call-ID: ${invite.header('call-id')}`,
      `CSeq: ${lastSequence} ${method}`,
      ...(content.headers ?? []),
    ],
    content,
  );
}

function withBody(lines: string[], { contentType, body = '' }: Omit<Reply, 'status'>): string {
  const type = body === '' ? [] : [`Content-Type: ${contentType ?? 'application/sdp'}`];
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return [...lines, ...type, length, '', body].join('\r\n');
}
