import { randomUUID } from 'node:crypto';
import type { AppConnectionClient } from './app-connection-client.js';

/** A drachtio-server keeps ids that it never got to answer: those of another run must be different. */
const RUN = randomUUID().slice(0, 8);
let last = 0;

/** An application that speaks the protocol by hand: commands out, answers and events as their tokens. */
export class WireApplication {
  readonly client: AppConnectionClient;

  constructor(client: AppConnectionClient) {
    this.client = client;
  }

  /** Sends a command and gives what follows the message id in its answer. */
  async command(text: string): Promise<string[]> {
    return (await this.answerOf(this.send(text))).tokens;
  }

  /** Sends a command; its id finds the answers. */
  send(text: string): string {
    const id = `${RUN}.${++last}`;
    this.client.send(`${id}|${text}`);
    return id;
  }

  /** The next answer to the command of that id, with the SIP message that it carries. */
  async answerOf(id: string): Promise<{ tokens: string[]; sip: string }> {
    const payload = await this.client.next(`|response|${id}|`);
    return { tokens: tokensOf(payload).slice(3), sip: sipOf(payload) };
  }

  /** The tokens of the next `sip` frame that holds `text`. */
  async event(text: string): Promise<string[]> {
    for (;;) {
      const tokens = tokensOf(await this.client.next(text));
      if (tokens[1] === 'sip') return tokens;
    }
  }

  /** The tokens, from the source on, of the next record of a call, and the first line of its message. */
  async record(event: string): Promise<string[]> {
    const payload = await this.client.next(`|cdr:${event}|`);
    const [source = '', , ...rest] = tokensOf(payload).slice(2);
    return [source, ...rest, sipOf(payload).split('\r\n')[0] ?? ''];
  }

  respond(transaction: string | undefined, status: string, rest = '\r\n'): Promise<string[]> {
    return this.command(`sip|${transaction ?? ''}|\r\nSIP/2.0 ${status}\r\n${rest}`);
  }

  /** A request in a dialog. */
  inside(dialog: string, method: string, rest = '\r\n'): Promise<string[]> {
    return this.command(`sip||${dialog}\r\n${method} sip:placeholder SIP/2.0\r\n${rest}`);
  }
}

function tokensOf(payload: string): string[] {
  return payload.split('\r\n', 1)[0]?.split('|') ?? [];
}

function sipOf(payload: string): string {
  const end = payload.indexOf('\r\n');
  return end === -1 ? '' : payload.slice(end + 2);
}

/** The rest of a message after its first line: headers, then SDP. */
export function withSdp(sdp: string, headers = ''): string {
  return `${headers}Content-Type: application/sdp\r\n\r\n${sdp}`;
}
