import type { Socket } from 'node:net';
import type { Clock } from '../../kernel/clock.js';
import type { Log } from '../../kernel/log.js';
import type { ConnectionLimits } from './connection-limits.js';
import { Deadline } from './deadline.js';
import { nextFlowId } from './flow-id.js';
import { PONG } from './keep-alive.js';
import type { Defect } from './malformed-reply.js';
import { PingTimer } from './ping-timer.js';
import type { Receiver } from './receiver.js';
import { StreamFramer } from './stream-framer.js';
import type { Flow, NetworkAddress } from './transport.js';

export interface StreamFlowOptions {
  /** Connected; for TLS, behind its handshake. */
  socket: Socket;
  listener: { protocol: 'tcp' | 'tls'; local: NetworkAddress; advertised: NetworkAddress };
  remote: NetworkAddress;
  /** Who opened the connection. */
  openedBy: 'us' | 'peer';
  receiver: Receiver;
  limits: Readonly<ConnectionLimits>;
  maxMessageBytes: number;
  clock: Clock;
  log: Log;
  /** Once. */
  onEnd: (flow: StreamFlow) => void;
}

/** One TCP or TLS connection. */
export class StreamFlow implements Flow {
  readonly id: string;
  readonly protocol: 'tcp' | 'tls';
  readonly reliable = true;
  readonly local: NetworkAddress;
  readonly advertised: NetworkAddress;
  readonly remote: NetworkAddress;
  readonly openedBy: 'us' | 'peer';
  /** Resolves when the socket is gone. */
  readonly gone: Promise<void>;
  readonly #options: StreamFlowOptions;
  readonly #socket: Socket;
  readonly #ended = new AbortController();
  readonly #framer: StreamFramer;
  readonly #deadline: Deadline;
  readonly #pings: PingTimer;
  #silence: string;
  /** A deadline for half a message stands; only the end of that message moves it. */
  #waitsForRest = false;
  /** Messages and pings so far. */
  #finished = 0;
  /** The peer has spoken SIP: from now on any byte shows that it lives. */
  #proven: boolean;
  #malformed = 0;

  constructor(options: StreamFlowOptions) {
    const { socket, listener, limits, clock } = options;
    this.id = nextFlowId(listener.protocol);
    this.protocol = listener.protocol;
    this.local = listener.local;
    this.advertised = listener.advertised;
    this.remote = options.remote;
    this.openedBy = options.openedBy;
    this.#options = options;
    this.#socket = socket;
    this.#framer = new StreamFramer(
      {
        onMessage: (bytes) => {
          this.#onMessage(bytes);
        },
        onPing: () => {
          this.#finished += 1;
          this.send(PONG).catch(() => undefined);
        },
        onDefect: (head, defect) => {
          this.#onDefect(head, defect);
        },
      },
      options.maxMessageBytes,
    );
    this.#proven = options.openedBy === 'us';
    this.#silence = 'sent no SIP message in time';
    this.#deadline = new Deadline(clock, () => {
      this.end(`The peer ${this.#silence}.`);
    });
    this.#pings = new PingTimer({ clock, limits, flow: this, framer: this.#framer });
    this.gone = new Promise((resolve) => {
      socket.once('close', () => {
        this.#end('The peer closed the connection.');
        resolve();
      });
    });
    this.#begin();
  }

  get closed(): AbortSignal {
    return this.#ended.signal;
  }

  send(bytes: Buffer): Promise<void> {
    if (this.closed.aborted) return Promise.reject(new Error('The connection is closed.'));
    if (this.#socket.writableLength + bytes.length > this.#options.limits.maxQueuedBytes) {
      const sentence = `The peer left more than ${this.#options.limits.maxQueuedBytes} bytes unread.`;
      this.#end(sentence);
      this.#socket.destroy();
      return Promise.reject(new Error(sentence));
    }
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  }

  /** Closes after what was written is delivered; idempotent. */
  end(sentence: string): void {
    if (this.closed.aborted) return;
    this.#end(sentence);
    this.#socket.destroySoon();
    if (this.#socket.destroyed) return;
    const linger = this.#options.clock.setTimer(() => {
      this.#socket.destroy();
    }, this.#options.limits.lingerMs);
    this.#socket.once('close', () => {
      linger.cancel();
    });
  }

  #begin(): void {
    const { limits, log } = this.#options;
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    if (this.openedBy === 'peer') this.#deadline.set(limits.firstMessageMs);
    else this.#idle();
    this.#pings.start(this.openedBy);
    socket.on('error', (error) => {
      log.debug({ err: error, remote: this.remote }, 'a SIP connection broke');
    });
    // After the peer's end nothing that we send can be answered.
    socket.on('end', () => {
      this.#end('The peer closed the connection.');
    });
    socket.on('data', (chunk: Buffer) => {
      this.#onData(chunk);
    });
  }

  #onData(chunk: Buffer): void {
    if (this.closed.aborted) return;
    this.#pings.alive();
    const before = this.#finished;
    this.#framer.push(chunk);
    this.#moveDeadline(this.#finished > before);
  }

  /** @param finished what came ended a message, or was a ping */
  #moveDeadline(finished: boolean): void {
    if (this.closed.aborted) return;
    this.#proven ||= finished;
    if (!this.#framer.half) {
      if (this.#proven) this.#idle();
    } else if (finished || !this.#waitsForRest) {
      this.#waitsForRest = true;
      this.#silence = 'sent half a message and not the rest';
      this.#deadline.set(this.#options.limits.halfMessageMs);
    }
  }

  #idle(): void {
    this.#waitsForRest = false;
    this.#silence = 'was silent for too long';
    this.#deadline.set(this.#options.limits.idleMs);
  }

  #onMessage(bytes: Buffer): void {
    if (this.closed.aborted) return;
    this.#finished += 1;
    if (this.#options.receiver.receive(bytes, this)) return;
    this.#malformed += 1;
    if (this.#malformed >= this.#options.limits.maxMalformed)
      this.end(`The peer sent ${this.#malformed} malformed messages.`);
  }

  #onDefect(head: Buffer, defect: Defect): void {
    this.#options.receiver.refuse(head, this, defect);
    this.end(defect.why);
  }

  #end(sentence: string): void {
    if (this.closed.aborted) return;
    this.#deadline.clear();
    this.#pings.stop();
    this.#options.log.debug({ remote: this.remote, why: sentence }, 'a SIP connection ended');
    this.#options.onEnd(this);
    this.#ended.abort(new Error(sentence));
  }
}
