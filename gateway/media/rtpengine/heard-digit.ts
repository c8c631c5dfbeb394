import { digitOf } from '../dtmf/digit-event.js';

/** A key press as rtpengine tells it (`--dtmf-log-dest`), one JSON object a datagram. */
export interface HeardDigit {
  callId: string;
  /** Of the leg, as the daemon knows it. */
  tag: string;
  digit: string;
  durationMs: number;
}

/** Undefined for anything that is no digit. A call id holds a random part, so nobody can guess one. */
export function readDigit(datagram: Buffer): HeardDigit | undefined {
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
