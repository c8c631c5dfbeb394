import {
  chooseTelephoneEvent,
  OFFERED_EVENTS,
  telephoneEventRatesToOffer,
} from '../dtmf/telephone-event-choice.js';
import type { CodecName, DigitTransport } from '../media-engine.js';
import { CODEC_TABLE } from '../sdp/codec-table.js';
import { limitedByOffer, reversed, type Direction } from '../sdp/direction.js';
import { isG711 } from '../sdp/negotiate.js';
import type { PeerDescription, SdpCodec } from '../sdp/peer-description.js';
import type { LocalTelephoneEvent } from '../sdp/write-sdp.js';
import type { LegAgreement } from './leg-agreement.js';
import type { LinkText } from './leg-link.js';

/** Dynamic payload types of telephone-event in our offers, by clock rate. */
const EVENT_PAYLOAD_TYPES: Readonly<Record<number, number>> = {
  ...{ 8000: 101, 16_000: 102, 48_000: 110 },
};

/** What an offer of ours lists. */
export interface OfferedFormats {
  codecs: SdpCodec[];
  telephoneEvents: LocalTelephoneEvent[];
  comfortNoise: boolean;
}

export function namesOf({ codecs }: OfferedFormats): CodecName[] {
  return codecs.map(({ codec }) => codec);
}

/**
 * @param known the peer's last SDP in this call: numbers that it gave stay as they are
 *   (RFC 3264 section 8.3.2)
 */
export function formatsToOffer(
  codecs: readonly CodecName[],
  known: PeerDescription | undefined,
  dtmf: DigitTransport | undefined,
): OfferedFormats {
  const codecNumber = (codec: CodecName): number | undefined =>
    known?.codecs.find((entry) => entry.codec === codec)?.payloadType;
  const eventNumber = (clockRate: number): number | undefined =>
    known?.telephoneEvents.find((entry) => entry.clockRate === clockRate)?.payloadType;
  return {
    comfortNoise: false,
    codecs: codecs.map((codec) => ({
      codec,
      payloadType: codecNumber(codec) ?? CODEC_TABLE[codec].payloadType,
    })),
    // A peer that is offered telephone-events takes its tones out of the audio.
    telephoneEvents: telephoneEventRatesToOffer(dtmf === 'inband' ? [] : codecs).map(
      (clockRate) => ({
        payloadType: eventNumber(clockRate) ?? EVENT_PAYLOAD_TYPES[clockRate] ?? 101,
        clockRate,
        events: OFFERED_EVENTS,
      }),
    ),
  };
}

/** The leg that answered our offer. */
export function agreementOfAnswerer(
  answer: PeerDescription,
  chosen: SdpCodec,
  offered: OfferedFormats & { direction: Direction },
): LegAgreement {
  const ours = offered.codecs.find(({ codec }) => codec === chosen.codec);
  const event = chooseTelephoneEvent(chosen.codec, answer.telephoneEvents);
  return {
    codec: chosen.codec,
    sendPayloadType: chosen.payloadType,
    // RFC 3264 section 5.1: it sends under the numbers of our offer; some send under their own.
    receivePayloadTypes: [chosen.payloadType, ours?.payloadType ?? chosen.payloadType],
    sendEvent: event,
    receiveEvents:
      event === undefined ? [] : [...offered.telephoneEvents, ...answer.telephoneEvents],
    comfortNoise: offered.comfortNoise && answer.comfortNoise && isG711(chosen.codec),
    direction: limitedByOffer(answer.direction, offered.direction),
    ptimeMs: answer.ptimeMs,
  };
}

/**
 * The leg whose offer we answer with one codec under the offer's own numbers.
 * @param answer what our answer to it says, and whether it may have comfort noise
 */
export function agreementOfOfferer(
  offer: PeerDescription,
  codec: CodecName,
  { direction, comfortNoise }: { direction: Direction; comfortNoise: boolean },
): LegAgreement {
  const payloadType =
    offer.codecs.find((entry) => entry.codec === codec)?.payloadType ??
    CODEC_TABLE[codec].payloadType;
  const event = chooseTelephoneEvent(codec, offer.telephoneEvents);
  return {
    codec,
    sendPayloadType: payloadType,
    receivePayloadTypes: [payloadType],
    sendEvent: event,
    receiveEvents: event === undefined ? [] : offer.telephoneEvents,
    comfortNoise: comfortNoise && offer.comfortNoise && isG711(codec),
    direction: reversed(direction),
    ptimeMs: offer.ptimeMs,
  };
}

/** Our answer to an offer, as its agreement says. */
export function answerText(
  { codec, sendPayloadType, sendEvent, comfortNoise, direction }: LegAgreement,
  offer: PeerDescription,
): LinkText {
  return {
    codecs: [{ codec, payloadType: sendPayloadType }],
    telephoneEvents: sendEvent === undefined ? [] : [sendEvent],
    ...{ comfortNoise, direction: reversed(direction), answering: offer },
  };
}
