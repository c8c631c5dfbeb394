import type { Clock } from '../../kernel/clock.js';

/**
 * The outgoing RTP stream as TelephoneEventSender sees it. Implemented by whoever owns the stream: the
 * same SSRC, sequence numbers and timestamps as the audio (RFC 4733 2.5.1.1).
 */
export interface EventStream {
  /** RTP timestamp clock, Hz: that of the outgoing audio codec. */
  readonly clockRate: number;
  /** The clock declared for the outgoing telephone-event payload type, Hz; durations are in it. */
  readonly eventClockRate: number;
  /**
   * The RTP timestamp (unsigned 32 bit) that audio sent at `now` (Clock.monotonic) would carry. MUST grow with `now` also
   * while no audio is sent, and MUST NOT be below that of audio already sent.
   */
  currentTimestamp(now: number): number;
  /**
   * Sends one packet under the next sequence number. `payload` is overwritten by the next call: copy it
   * before returning. MUST NOT throw.
   */
  sendEvent(timestamp: number, marker: boolean, payload: Uint8Array): void;
}

export interface TelephoneEventSenderOptions {
  clock: Clock;
  stream: EventStream;
  /**
   * Shortest tone, ms; shorter digits are lengthened to it. Default 65: what 3GPP TS 26.114 G.2 asks of a
   * sender; receivers need 40 (ITU-T Q.24).
   */
  minToneMs?: number;
  /** Shortest pause between two tones, ms. Default 65, same source. */
  minGapMs?: number;
  /** Between two packets of a digit, ms. Default 20. */
  updateIntervalMs?: number;
  /** Digits that may wait behind the one being played; more are refused. Default 64. */
  queueLimit?: number;
  /** Called once for each digit that found the queue full; says nothing about the digit. */
  onOverflow?: () => void;
}

export interface TelephoneEventSenderCounters {
  /** Digits begun; a digit cut off by close() is one of them. */
  digits: number;
  packets: number;
  /** Digits refused because the queue was full. */
  overflowed: number;
}
