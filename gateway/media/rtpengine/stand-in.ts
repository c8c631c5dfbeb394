import {
  chooseTelephoneEvent,
  OFFERED_EVENTS,
  telephoneEventRatesToOffer,
} from '../dtmf/telephone-event-choice.js';
import type { LegPolicy } from '../media-engine.js';
import { CODEC_TABLE } from '../sdp/codec-table.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import { type LocalDescription, writeSdp } from '../sdp/write-sdp.js';

/** Payload types of telephone-event by clock rate. */
const EVENT_TYPES: Readonly<Record<number, number>> = { 8000: 101, 16_000: 102, 48_000: 110 };

/**
 * The offer of a leg that has said nothing yet, of all that it may come to speak: the daemon makes no offer without one. Until the leg
 * speaks for itself, its audio goes to the discard port of the daemon's machine (RFC 863).
 */
export function standInOffer({ codecs, ptimeMs }: LegPolicy): string {
  return written({
    codecs: codecs.map((codec) => ({ codec, payloadType: CODEC_TABLE[codec].payloadType })),
    telephoneEvents: telephoneEventRatesToOffer(codecs).map((clockRate) => ({
      payloadType: EVENT_TYPES[clockRate] ?? 101,
      clockRate,
      events: OFFERED_EVENTS,
    })),
    ptimeMs,
  });
}

/** The answer of a leg that has not answered yet, or never will, to what it was offered: it takes the first of everything. */
export function standInAnswer(offered: PeerDescription, { ptimeMs }: LegPolicy): string {
  const codecs = offered.codecs.slice(0, 1);
  const event = codecs[0] && chooseTelephoneEvent(codecs[0].codec, offered.telephoneEvents);
  const telephoneEvents = event === undefined ? [] : [{ ...event, events: OFFERED_EVENTS }];
  return written({ codecs, telephoneEvents, ptimeMs });
}

function written(
  formats: Pick<LocalDescription, 'codecs' | 'telephoneEvents' | 'ptimeMs'>,
): string {
  return writeSdp({
    ...{ sessionId: '1', version: 1, address: '127.0.0.1', port: 9 },
    ...formats,
    ...{ comfortNoise: false, direction: 'sendrecv', webrtc: undefined },
    ...{ rtcp: 'next-port', crypto: [], audioIndex: 0 },
    lines: [{ type: 'audio', protocol: 'RTP/AVP', formats: '0', mid: undefined }],
  });
}
