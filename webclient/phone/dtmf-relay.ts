import { toDigits } from './digits.js';

/** The content type of a digit in SIP INFO, as Cisco gateways introduced it. */
export const DTMF_RELAY = 'application/dtmf-relay';

export interface RelayedDigit {
  digit: string;
  /** Undefined when the body names no duration. */
  durationMs?: number;
}

export function formatDtmfRelay(digit: string, durationMs: number): string {
  return `Signal=${digit}\r\nDuration=${durationMs}\r\n`;
}

/** Undefined when the body names no DTMF digit. Some senders write 10 and 11 for star and pound. */
export function parseDtmfRelay(body: string): RelayedDigit | undefined {
  const signal = /^\s*Signal\s*=\s*(\S+)\s*$/im.exec(body)?.[1];
  if (signal === undefined) return undefined;
  const digit = toDigits(signal === '10' ? '*' : signal === '11' ? '#' : signal);
  if (digit.length !== 1) return undefined;
  const duration = /^\s*Duration\s*=\s*(\d{1,5})\s*$/im.exec(body)?.[1];
  return duration === undefined ? { digit } : { digit, durationMs: Number(duration) };
}
