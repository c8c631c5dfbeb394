import type { ChosenTelephoneEvent } from '../dtmf/telephone-event-choice.js';
import type { CodecName } from '../media-engine.js';
import type { Direction } from '../sdp/direction.js';

/** What offer and answer settled for one leg. */
export interface LegAgreement {
  codec: CodecName;
  /** Under which the leg takes audio, and under which it may send it. */
  sendPayloadType: number;
  receivePayloadTypes: readonly number[];
  sendEvent: ChosenTelephoneEvent | undefined;
  receiveEvents: readonly { payloadType: number; clockRate: number }[];
  /** Comfort noise both ways. */
  comfortNoise: boolean;
  /** From the leg's point of view. */
  direction: Direction;
  /** The packet time that the leg's SDP asks for, ms. */
  ptimeMs?: number | undefined;
}
