import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../kernel/clock.js';
import { newUuid } from '../../kernel/ids.js';
import type { Log } from '../../kernel/log.js';
import type { Secret } from '../../kernel/secret.js';
import type { Application, ApplicationCommands, ApplicationEvent } from '../dialog/application.js';
import type { CallRecord } from '../dialog/call-record.js';
import { parseFrame, type Frame } from './frame.js';
import { FrameError, FrameReader } from './frame-reader.js';
import { eventFrame, okFrame, recordFrame, rejectFrame } from './frame-shapes.js';
import { runProxyCommand } from './proxy-command.js';
import { runSipCommand } from './sip-command.js';

export interface AppConnectionServices {
  secret: Secret;
  /** Tokens that follow OK in the answer to `authenticate`: contacts, version, local contacts. */
  greeting: readonly string[];
  commands: ApplicationCommands;
  clock: Clock;
  log: Log;
  /** The connection is closed; called once. */
  onClosed(connection: AppConnection): void;
}

/** How a connection came to be, and who else follows its beginning. */
export interface AppConnectionRole {
  /** False when we opened it: it serves the one request that it was opened for. */
  inbound: boolean;
  onAuthenticated?: () => void;
  onClosed?: () => void;
}

/** A peer that has not authenticated may send little, and must not wait long. */
const STRANGER_FRAME_BYTES = 1024;
const STRANGER_PATIENCE_MS = 10_000;
const FRAME_BYTES = 1024 * 1024;
/** Tags, and verbs, of one application. */
const MAX_NAMES = 100;
/** An application that reads nothing for so long that this much waits for it is given up. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** One application's connection: authentication, routes, and its frames both ways. */
export class AppConnection implements Application {
  readonly id = newUuid();
  /** Methods that this application takes new requests for, in lower case, as it spelled them. */
  readonly verbs = new Set<string>();
  /** The names under which a request handler finds it. */
  readonly tags = new Set<string>();
  readonly inbound: boolean;
  readonly #role: AppConnectionRole;
  readonly #socket: Socket;
  readonly #services: AppConnectionServices;
  readonly #reader = new FrameReader(STRANGER_FRAME_BYTES);
  readonly #patience: Timer;
  #authenticated = false;
  #closed = false;

  constructor(socket: Socket, services: AppConnectionServices, role: AppConnectionRole) {
    this.#socket = socket;
    this.#role = role;
    this.inbound = role.inbound;
    this.#services = services;
    this.#patience = services.clock.setTimer(() => {
      this.#end('It did not authenticate in time.');
    }, STRANGER_PATIENCE_MS);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 1000);
    socket.on('data', (chunk) => {
      this.#read(chunk);
    });
    // 'close' follows every 'error'; the reason is of no use to anybody but the log.
    socket.on('error', (error) => {
      services.log.debug(
        { application: this.id, error: error.message },
        'application socket error',
      );
    });
    socket.on('close', () => {
      this.#onClose();
    });
  }

  get connected(): boolean {
    return this.#authenticated && !this.#closed;
  }

  deliver(event: ApplicationEvent): void {
    this.#write(eventFrame(event, this.#services.clock.now()));
  }

  report(record: CallRecord): void {
    this.#write(recordFrame(record, this.#services.clock.now()));
  }

  close(): void {
    this.#socket.destroy();
    this.#onClose();
  }

  #read(chunk: Buffer): void {
    try {
      for (const payload of this.#reader.push(chunk)) {
        if (this.#closed) return;
        this.#handle(parseFrame(payload));
      }
    } catch (error) {
      // Whatever a frame made go wrong ends this connection only, never the process.
      const level = error instanceof FrameError ? 'warn' : 'error';
      this.#services.log[level]({ application: this.id, err: error }, 'application refused');
      this.close();
    }
  }

  #handle(frame: Frame): void {
    if (frame.type === 'authenticate') this.#authenticate(frame);
    else if (!this.#authenticated) this.#refuse(frame, 'not authenticated');
    else this.#command(frame);
  }

  #authenticate(frame: Frame): void {
    if (!this.#services.secret.equals(frame.tokens[0] ?? '')) {
      this.#refuse(frame, 'incorrect secret');
      return;
    }
    this.#authenticated = true;
    this.#patience.cancel();
    this.#reader.maxBytes = FRAME_BYTES;
    for (const tag of (frame.tokens[1] ?? '').split(',').slice(0, MAX_NAMES))
      if (tag !== '') this.tags.add(tag.trim());
    this.#write(okFrame(frame.id, this.#services.greeting));
    this.#role.onAuthenticated?.();
  }

  #command(frame: Frame): void {
    const verb = frame.tokens[0] ?? '';
    switch (frame.type) {
      case 'route':
        if (this.verbs.size < MAX_NAMES) this.verbs.add(verb);
        this.#write(okFrame(frame.id));
        return;
      case 'remove_route':
        this.verbs.delete(verb);
        this.#write(okFrame(frame.id));
        return;
      case 'ping':
        this.#write(okFrame(frame.id, ['pong']));
        return;
      case 'sip':
      case 'proxy':
        this.#sip(frame);
        return;
      default:
        this.#refuse(frame, 'Unknown message type');
    }
  }

  #sip(frame: Frame): void {
    const { commands, clock } = this.#services;
    const run = frame.type === 'proxy' ? runProxyCommand : runSipCommand;
    const problem = run({ application: this, commands, now: () => clock.now() }, frame, (bytes) => {
      this.#write(bytes);
    });
    if (problem !== undefined) this.#refuse(frame, problem);
  }

  #refuse(frame: Frame, sentence: string): void {
    this.#write(rejectFrame(frame.id, sentence));
    this.#end(sentence);
  }

  /** Closes after what was written has gone out. */
  #end(why: string): void {
    this.#services.log.warn({ application: this.id, why }, 'application refused');
    this.#onClose();
    this.#socket.end(() => this.#socket.destroy());
  }

  #write(bytes: Buffer): void {
    if (this.#closed || this.#socket.destroyed) return;
    this.#socket.write(bytes);
    if (this.#socket.writableLength > MAX_WAITING_BYTES) {
      this.#services.log.warn({ application: this.id }, 'application reads too slowly; closed');
      this.close();
    }
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#patience.cancel();
    this.#services.onClosed(this);
    this.#role.onClosed?.();
  }
}
