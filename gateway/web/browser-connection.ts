import { setMaxListeners } from 'node:events';
import { WebSocket } from 'ws';
import type { Clock, Timer } from '../kernel/clock.js';
import { CopperlineError, toCopperlineError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { BrowserFlow } from '../signaling/browser-flows.js';
import { passUser, type CallPass } from '../signaling/call-pass.js';
import type { BrowserFlowRegistry } from './browser-flow-registry.js';
import { closeCodeOf } from './close-codes.js';
import { Liveness } from './liveness.js';
import type { BrowserAddress, SipUplink, SipUplinkFactory } from './sip-uplink.js';
import { TokenBucket } from './token-bucket.js';
import type { WebSocketLimits } from './web-options.js';
import { closeReason, frameOf, sendFrame } from './websocket-frames.js';

/** The SIP server has so long to take a browser, ms. */
const UPLINK_TIMEOUT_MS = 10_000;
/** A browser has so long to answer our close frame, ms; then its socket is destroyed. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface BrowserConnectionOptions {
  socket: WebSocket;
  id: string;
  remoteAddress: string;
  peer: BrowserAddress;
  limits: WebSocketLimits;
  uplinks: SipUplinkFactory;
  registry: BrowserFlowRegistry;
  /** What a one-call token allows; the browser then needs no password. */
  pass?: CallPass | undefined;
  clock: Clock;
  log: Log;
  /** At most once, when the socket is gone and nothing is left. */
  onClosed(): void;
}

/**
 * One browser's WebSocket and its way into the SIP server (RFC 7118).
 *
 *     opening (socket paused) --uplink open--> open --close(), peer gone--> closing --socket gone--> closed
 */
export class BrowserConnection {
  readonly flow: BrowserFlow;
  readonly #options: BrowserConnectionOptions;
  readonly #closed = new AbortController();
  readonly #bucket: TokenBucket;
  readonly #liveness: Liveness;
  #uplink: SipUplink | undefined;
  /** One at a time: opening, then the first message; later the answer to our close frame. */
  #deadline: Timer | undefined;
  #ending: CopperlineError | undefined;
  #received = 0;
  #sent = 0;

  constructor(options: BrowserConnectionOptions) {
    const { id, remoteAddress, limits, clock, socket, pass } = options;
    this.#options = options;
    const user = pass === undefined ? undefined : passUser(pass.site);
    // Every call of the page listens to it, and a page may have many.
    setMaxListeners(0, this.#closed.signal);
    this.flow = { id, remoteAddress, user, pass, closed: this.#closed.signal };
    const perSecond = limits.messagesPerSecond;
    this.#bucket = new TokenBucket(clock, { perSecond, burst: 2 * perSecond });
    this.#liveness = new Liveness({
      clock,
      intervalMs: limits.pingIntervalSeconds * 1_000,
      timeoutMs: limits.pongTimeoutSeconds * 1_000,
      ask: () => {
        socket.ping();
      },
      onDead: () => {
        const sentence = `The browser did not answer a ping within ${limits.pongTimeoutSeconds} s.`;
        this.close(new CopperlineError('CL_WEB_PING_TIMEOUT', { sentence }));
        socket.terminate();
      },
    });
  }

  /** Listens, then opens the way into the SIP server; until that is open the browser has to wait. */
  start(): void {
    const { socket } = this.#options;
    socket.on('message', (data) => {
      if (this.#mayTalk()) this.#onFrame(frameOf(data));
    });
    socket.on('ping', () => void this.#mayTalk());
    socket.on('pong', () => void this.#mayTalk());
    socket.on('error', (error) => {
      this.#onSocketError(error);
    });
    socket.on('close', (code) => {
      this.#onSocketClosed(code);
    });
    socket.pause();
    this.#setDeadline(UPLINK_TIMEOUT_MS, () => {
      const sentence = `The SIP server did not take the connection within ${UPLINK_TIMEOUT_MS / 1_000} s.`;
      return new CopperlineError('CL_SIP_SERVER_UNREACHABLE', { sentence });
    });
    void this.#openUplink();
  }

  /** Sends a close frame that says why, and destroys the socket when the browser does not answer it. */
  close(error: CopperlineError): void {
    const { socket, clock } = this.#options;
    if (this.#ending !== undefined || socket.readyState === WebSocket.CLOSED) return;
    this.#ending = error;
    this.#liveness.stop();
    this.#deadline?.cancel();
    this.#deadline = clock.setTimer(() => {
      socket.terminate();
    }, CLOSE_TIMEOUT_MS);
    socket.resume();
    socket.close(closeCodeOf(error.code), closeReason(error.sentence));
    this.#releaseUplink();
  }

  async #openUplink(): Promise<void> {
    const { uplinks, peer, limits, socket, registry } = this.#options;
    try {
      const uplink = await uplinks.open(peer, {
        onFrame: (frame) => {
          this.#toBrowser(frame);
        },
        onClosed: (sentence) => {
          this.close(new CopperlineError('CL_WEB_UPLINK_CLOSED', { sentence }));
        },
      });
      if (this.#ending !== undefined || socket.readyState !== WebSocket.OPEN) {
        uplink.close();
        return;
      }
      this.#uplink = uplink;
      registry.add(uplink.flowKey, this.flow);
    } catch (thrown) {
      this.close(toCopperlineError(thrown, 'CL_SIP_SERVER_UNREACHABLE'));
      return;
    }
    this.#liveness.heard();
    this.#setDeadline(limits.firstMessageTimeoutSeconds * 1_000, () => {
      const sentence = `No SIP message came within ${limits.firstMessageTimeoutSeconds} s.`;
      return new CopperlineError('CL_WEB_SILENT', { sentence });
    });
    socket.resume();
  }

  #onFrame(frame: Buffer): void {
    if (frame.length === 0) return;
    if (this.#received === 0) this.#deadline?.cancel();
    this.#received += 1;
    try {
      this.#uplink?.send(frame);
    } catch (thrown) {
      this.close(toCopperlineError(thrown, 'CL_INTERNAL'));
    }
  }

  /** Every frame counts, control frames too: they cost as much. */
  #mayTalk(): boolean {
    if (this.#ending !== undefined) return false;
    if (!this.#bucket.take()) {
      const { messagesPerSecond } = this.#options.limits;
      const sentence = `More than ${messagesPerSecond} messages per second.`;
      this.close(new CopperlineError('CL_WEB_FLOOD', { sentence }));
      return false;
    }
    this.#liveness.heard();
    return true;
  }

  #toBrowser(frame: Buffer): void {
    const { socket, limits } = this.#options;
    if (this.#ending !== undefined || socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount + frame.length > limits.sendBacklogLimitBytes) {
      const sentence = `The browser leaves more than ${limits.sendBacklogLimitBytes} bytes unread.`;
      this.close(new CopperlineError('CL_WEB_SLOW_READER', { sentence }));
      return;
    }
    this.#sent += 1;
    sendFrame(socket, frame);
  }

  #setDeadline(delayMs: number, error: () => CopperlineError): void {
    this.#deadline?.cancel();
    this.#deadline = this.#options.clock.setTimer(() => {
      this.close(error());
    }, delayMs);
  }

  /** A frame that breaks RFC 6455 or is too long; the library answers it with the right close code. */
  #onSocketError(error: Error): void {
    const { limits } = this.#options;
    const tooLarge = 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    this.close(
      tooLarge
        ? new CopperlineError('CL_WEB_FRAME_TOO_LARGE', {
            sentence: `A frame is longer than ${limits.frameLimitBytes} bytes.`,
          })
        : new CopperlineError('CL_WEB_BAD_FRAME', { sentence: error.message, cause: error }),
    );
  }

  #onSocketClosed(closeCode: number): void {
    const { log } = this.#options;
    this.#liveness.stop();
    this.#deadline?.cancel();
    this.#releaseUplink();
    const unasked = closeCode === 1006 ? 'its connection broke off' : 'it closed the WebSocket';
    const { code, sentence } = this.#ending ?? { code: undefined, sentence: unasked };
    const counts = { received: this.#received, sent: this.#sent };
    log.info({ closeCode, code, ...counts }, `browser disconnected: ${sentence}`);
    this.#options.onClosed();
  }

  /** The flow is over as soon as we stop to listen, not when the socket is gone. */
  #releaseUplink(): void {
    const uplink = this.#uplink;
    this.#uplink = undefined;
    if (uplink !== undefined) {
      this.#options.registry.remove(uplink.flowKey, this.flow);
      uplink.close();
    }
    this.#closed.abort(this.#ending);
  }
}
