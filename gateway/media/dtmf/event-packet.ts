import type { Clock } from '../../kernel/clock.js';
import type { DigitEvent } from './digit-event.js';

/**
 * What TelephoneEventReceiver is fed with: one received RTP packet of a telephone-event payload type.
 * The receiver keeps no reference, so the caller may fill the same object for each packet.
 */
export interface EventPacket {
  /** Holds the RTP payload, decrypted and without padding. */
  buffer: Uint8Array;
  /** Where the payload starts in `buffer`. */
  offset: number;
  /** Bytes of payload. */
  length: number;
  /** RTP timestamp as received, unsigned 32 bit. */
  timestamp: number;
  /** RTP sequence number as received, unsigned 16 bit. */
  sequence: number;
  ssrc: number;
  marker: boolean;
  /** The clock that the SDP declares for the packet's payload type, Hz: 8000, 16000 or 48000. */
  eventClockRate: number;
  /** Clock.monotonic of its arrival. */
  now: number;
}

export interface TelephoneEventReceiverOptions {
  clock: Clock;
  /** RTP timestamp clock of the stream, Hz: that of its audio codec (48000 for Opus, 8000 for G.711 and G.722). */
  timestampClockRate: number;
  /**
   * How the duration field is read. `event` (default): in the clock declared for the payload type, which
   * is right for RFC 4733 senders and for libwebrtc's Opus with telephone-event/8000 alike.
   * `timestamp`: in the clock of the RTP timestamp, for senders known to count in it.
   */
  durationClock?: 'event' | 'timestamp';
  /** A digit whose end packets were lost ends this long after its last packet, ms. Default 150. */
  silenceTimeoutMs?: number;
  /** Where ids come from, when several sources feed one sender. Default: a counter of its own. */
  nextId?: () => number;
  /** Called in order; MUST NOT throw. */
  onDigit: (event: DigitEvent) => void;
}

/** Since construction. No field tells which digits were dialled. */
export interface TelephoneEventReceiverCounters {
  digits: number;
  /** Of them, hook flashes (event 16). */
  flashes: number;
  /** Telephone-events that are neither digits nor flash (code 17 and up), as blocks. */
  ignoredEvents: number;
  /** Blocks with duration 0 (RFC 4733 2.3.5), and payloads that are no whole number of blocks. */
  refused: number;
  /** Packets of digits that were already over: retransmissions, duplicates, late arrivals. */
  late: number;
  /** Packets that would have begun a digit faster than any sender dials. */
  flooded: number;
}
