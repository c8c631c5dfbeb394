import type { SipBody } from '../signaling/sip-endpoint.js';

export interface InfoDigit {
  /** `0`-`9`, `*`, `#`, `A`-`D`. A secret: never in a log. */
  digit: string;
  durationMs: number;
}

const DEFAULT_DURATION_MS = 100;
const MAX_DURATION_MS = 10_000;

/** `application/dtmf-relay`, the form that SIP clients and gateways commonly take. */
export function formatDtmfInfo({ digit, durationMs }: InfoDigit): SipBody {
  return {
    contentType: 'application/dtmf-relay',
    content: `Signal=${digit}\r\nDuration=${Math.round(durationMs)}\r\n`,
  };
}

/**
 * Reads `application/dtmf-relay` (`Signal=5`, `Duration=160`) and `application/dtmf` (the digit alone). Some senders write
 * 10 and 11 for star and pound. Undefined when there is no digit in it.
 */
export function readDtmfInfo(contentType: string, content: string): InfoDigit | undefined {
  const relay = contentType === 'application/dtmf-relay';
  const signal = relay ? /^\s*Signal\s*=\s*(\S+)\s*$/im.exec(content)?.[1] : content.trim();
  const digit = signal === '10' ? '*' : signal === '11' ? '#' : signal?.toUpperCase();
  if (digit === undefined || !/^[0-9*#A-D]$/.test(digit)) return undefined;
  const duration = Number(/^\s*Duration\s*=\s*(\d{1,6})\s*$/im.exec(content)?.[1] ?? NaN);
  const durationMs = Number.isNaN(duration) ? DEFAULT_DURATION_MS : duration;
  return { digit, durationMs: Math.min(durationMs, MAX_DURATION_MS) };
}
