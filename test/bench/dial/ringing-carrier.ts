import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { header, newId, parseSip, type SipText } from './sip-text.js';

/** A carrier over UDP that rings at once and never answers; the caller cancels. */
export class RingingCarrier {
  readonly #socket: Socket = createSocket('udp4');
  /** The INVITE of each Call-ID, for the 487. */
  readonly #ringing = new Map<string, { invite: SipText; tag: string }>();

  async start(): Promise<number> {
    this.#socket.on('message', (datagram, source) => {
      this.#receive(parseSip(datagram.toString()), source);
    });
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return this.#socket.address().port;
  }

  async stop(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #receive(message: SipText, source: RemoteInfo): void {
    const [method = ''] = message.startLine.split(' ');
    const callId = header(message, 'call-id');
    if (method === 'INVITE') {
      const known = this.#ringing.get(callId) ?? { invite: message, tag: newId() };
      this.#ringing.set(callId, known);
      this.#respond(message, source, { status: '180 Ringing', tag: known.tag });
    } else if (method === 'CANCEL') {
      const ringing = this.#ringing.get(callId);
      this.#respond(message, source, { status: '200 OK', tag: ringing?.tag ?? newId() });
      if (ringing !== undefined)
        this.#respond(ringing.invite, source, {
          status: '487 Request Terminated',
          tag: ringing.tag,
        });
    } else if (method === 'ACK') {
      this.#ringing.delete(callId);
    } else if (method === 'OPTIONS') {
      this.#respond(message, source, { status: '200 OK', tag: newId() });
    }
  }

  #respond(request: SipText, source: RemoteInfo, reply: { status: string; tag: string }): void {
    const text = [
      `SIP/2.0 ${reply.status}`,
      ...(request.headers.get('via') ?? []).map((via) => `Via: ${via}`),
      ...(request.headers.get('record-route') ?? []).map((route) => `Record-Route: ${route}`),
      `From: ${header(request, 'from')}`,
      `To: ${header(request, 'to')};tag=${reply.tag}`,
      `Call-ID: ${header(request, 'call-id')}`,
      `CSeq: ${header(request, 'cseq')}`,
      `Contact: <sip:carrier@127.0.0.1:${this.#socket.address().port}>`,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
    this.#socket.send(text, source.port, source.address);
  }
}
