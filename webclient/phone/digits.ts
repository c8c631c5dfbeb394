/** The sixteen DTMF digits (ITU-T Q.23) in `text`: `a` to `d` become upper case; anything that is not a DTMF digit is left out. */
export function toDigits(text: string): string {
  return text.toUpperCase().replace(/[^0-9*#A-D]/g, '');
}

export interface DigitTiming {
  /** Length of one tone. Browsers take 40 to 6000 ms (W3C WebRTC section 7.1). */
  toneMs: number;
  /** Silence after it, at least 30 ms. */
  gapMs: number;
}

/** Browsers' own defaults, which every IVR we met detects. */
export const DEFAULT_DIGIT_TIMING: DigitTiming = { toneMs: 100, gapMs: 70 };

/** A way to bring one digit at a time to the other side. */
export interface DigitSender {
  /** `rtp`: RFC 4733 telephone-events. `info`: SIP INFO with application/dtmf-relay. */
  readonly transport: 'rtp' | 'info';
  /**
   * Sends one digit. Calls `onLeaving` when it leaves the browser, resolves when tone and gap are over, and
   * rejects when it could not be sent.
   */
  send(digit: string, timing: DigitTiming, onLeaving: () => void): Promise<void>;
}
