import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { CopperlineError } from '../../kernel/errors.js';
import { digitOf } from '../dtmf/digit-event.js';

/** A key press as rtpengine tells it (`--dtmf-log-dest`). */
export interface HeardDigit {
  callId: string;
  /** Of the leg, as the daemon knows it. */
  tag: string;
  digit: string;
  durationMs: number;
}

/** The UDP port that the daemons send their digits to, one JSON object a datagram. */
export class DigitListener {
  readonly #socket: Socket;
  /** Datagrams that were no digit of ours. */
  ignored = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @throws CopperlineError CL_START_PORT_IN_USE */
  static async open(
    address: { host: string; port: number },
    onDigit: (digit: HeardDigit) => void,
  ): Promise<DigitListener> {
    const socket = createSocket('udp4');
    const listener = new DigitListener(socket);
    socket.on('message', (datagram: Buffer, _from: RemoteInfo) => {
      const digit = readDigit(datagram);
      if (digit === undefined) listener.ignored += 1;
      else onDigit(digit);
    });
    try {
      socket.bind(address.port, address.host);
      await once(socket, 'listening');
    } catch (error) {
      socket.close();
      throw new CopperlineError('CL_START_PORT_IN_USE', {
        sentence: `The UDP port ${address.port} of ${address.host} for rtpengine's digits (media.rtpengine.digits) cannot be had.`,
        cause: error,
      });
    }
    socket.on('error', () => undefined);
    return listener;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}

/** Undefined for anything that is no digit. A call id holds a random part, so nobody can guess one. */
function readDigit(datagram: Buffer): HeardDigit | undefined {
  const told = readObject(datagram);
  if (told?.['type'] !== 'DTMF') return undefined;
  const { callid, source_tag: tag, event, duration } = told;
  if (typeof callid !== 'string' || typeof event !== 'number') return undefined;
  if (typeof tag !== 'string') return undefined;
  const digit = Number.isInteger(event) && event >= 0 ? digitOf(event) : undefined;
  if (digit === undefined) return undefined;
  const durationMs = typeof duration === 'number' && duration > 0 ? Math.round(duration) : 0;
  return { callId: callid, tag, digit, durationMs };
}

function readObject(datagram: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(datagram.toString('utf8'));
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
