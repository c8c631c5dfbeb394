import type { SipBody } from '../signaling/sip-endpoint.js';

export interface InfoDigit {
  /** `0`-`9`, `*`, `#`, `A`-`D`, `R` for flash. A secret: never in a log. */
  digit: string;
  durationMs: number;
}

/** `application/dtmf-relay`: digit and duration. `application/dtmf`: the digit alone. */
export type DtmfInfoType = 'application/dtmf-relay' | 'application/dtmf';

const DEFAULT_DURATION_MS = 100;
/** The limits of W3C insertDTMF, which browsers keep to as well. */
const MIN_DURATION_MS = 40;
const MAX_DURATION_MS = 6000;

/** Other names under which senders write digits: the numbers of RFC 4733, and flash as JsSIP and Asterisk know it. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  '10': '*',
  '11': '#',
  '12': 'A',
  '13': 'B',
  '14': 'C',
  '15': 'D',
  '16': 'R',
  '!': 'R',
};

/** The type of a DTMF body, without parameters; undefined for any other body. */
export function dtmfInfoType(contentType: string): DtmfInfoType | undefined {
  const type = contentType.split(';')[0]?.trim().toLowerCase();
  return type === 'application/dtmf-relay' || type === 'application/dtmf' ? type : undefined;
}

/** Flash is written as 16, the one form of it that is a number everywhere. */
export function formatDtmfInfo(
  { digit, durationMs }: InfoDigit,
  contentType: DtmfInfoType = 'application/dtmf-relay',
): SipBody {
  const signal = digit === 'R' ? '16' : digit;
  if (contentType === 'application/dtmf') return { contentType, content: signal };
  return { contentType, content: `Signal=${signal}\r\nDuration=${Math.round(durationMs)}\r\n` };
}

/**
 * Reads `application/dtmf-relay` (`Signal=5`, `Duration=160`) and `application/dtmf` (the digit alone; some write the
 * relay form under that name). Durations are brought to 40 to 6000 ms. Undefined when there is no digit in it.
 */
export function readDtmfInfo(contentType: DtmfInfoType, content: string): InfoDigit | undefined {
  const relayed = /^\s*Signal\s*=\s*(\S+)\s*$/im.exec(content)?.[1];
  const signal = relayed ?? (contentType === 'application/dtmf' ? content.trim() : '');
  const digit = OTHER_NAMES[signal] ?? signal.toUpperCase();
  if (!/^[0-9*#A-DR]$/.test(digit)) return undefined;
  const duration = Number(/^\s*Duration\s*=\s*(\d{1,6})\s*$/im.exec(content)?.[1] ?? NaN);
  const durationMs = Number.isNaN(duration) ? DEFAULT_DURATION_MS : duration;
  return { digit, durationMs: Math.max(MIN_DURATION_MS, Math.min(durationMs, MAX_DURATION_MS)) };
}
