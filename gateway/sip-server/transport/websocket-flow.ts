import { nextFlowId } from './flow-id.js';
import type { Flow, NetworkAddress } from './transport.js';

export interface WebSocketFlowOptions {
  listener: { protocol: 'ws' | 'wss'; local: NetworkAddress; advertised: NetworkAddress };
  remote: NetworkAddress;
  onFrame: (frame: Buffer) => void;
  /** Once. With a sentence when our side ended it, without one when the browser went. */
  onEnd: (sentence: string | undefined) => void;
}

/** One WebSocket connection of a browser. */
export class WebSocketFlow implements Flow {
  readonly id: string;
  readonly protocol: 'ws' | 'wss';
  readonly reliable = true;
  readonly local: NetworkAddress;
  readonly advertised: NetworkAddress;
  readonly remote: NetworkAddress;
  readonly #ended = new AbortController();
  readonly #options: WebSocketFlowOptions;
  #malformed = 0;

  constructor(options: WebSocketFlowOptions) {
    this.id = nextFlowId(options.listener.protocol);
    this.protocol = options.listener.protocol;
    this.local = options.listener.local;
    this.advertised = options.listener.advertised;
    this.remote = options.remote;
    this.#options = options;
  }

  get closed(): AbortSignal {
    return this.#ended.signal;
  }

  send(bytes: Buffer): Promise<void> {
    if (this.closed.aborted) return Promise.reject(new Error('The WebSocket is closed.'));
    return new Promise((resolve) => {
      // What the owner throws becomes a rejection.
      this.#options.onFrame(bytes);
      resolve();
    });
  }

  /** The browser sent what is no SIP message: with the one that makes them `most`, the flow ends. */
  countMalformed(most: number): void {
    this.#malformed += 1;
    if (this.#malformed >= most)
      this.end(`The browser sent ${this.#malformed} malformed messages.`);
  }

  /** Ends the flow; idempotent. */
  end(sentence?: string): void {
    if (this.closed.aborted) return;
    this.#ended.abort(new Error(sentence ?? 'The browser closed the WebSocket.'));
    this.#options.onEnd(sentence);
  }
}
