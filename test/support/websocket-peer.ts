import { once } from 'node:events';
import { WebSocket } from 'ws';
import { SipPeer } from './sip-peer.js';

let serial = 0;

/** A browser as far as SIP goes (RFC 7118), on a WebSocket of its own to a SIP server. */
export class WebSocketPeer extends SipPeer {
  readonly transport = 'WS';
  readonly sentBy = `b${++serial}x${process.pid}.invalid`;
  readonly server: string;
  /** Frames that are no SIP. */
  readonly pongs: string[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket, server: string) {
    super();
    this.#socket = socket;
    this.server = server;
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text.trim() === '') this.pongs.push(text);
      else this.received(text);
    });
  }

  static async open(url: string): Promise<WebSocketPeer> {
    const socket = new WebSocket(url, 'sip');
    await once(socket, 'open');
    return new WebSocketPeer(socket, new URL(url).host);
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return;
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}
