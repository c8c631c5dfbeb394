import { expect } from 'vitest';
import { rtpClockRate } from '../../gateway/media/dtmf/telephone-event-choice.js';
import { CODEC_TABLE } from '../../gateway/media/sdp/codec-table.js';
import type { CodecName, MediaEngine } from '../../gateway/media/media-engine.js';
import {
  ALL_CODECS,
  answerFormats,
  eventTypeIn,
  lines,
  openBrowser,
  openCarrier,
  openSession,
  policy,
  sendPaced,
  SessionEvents,
  type Call,
} from '../support/media-rig.js';
import type { ReceivedRtp } from '../support/media-rtp-peer.js';
import type { WebrtcPeerFormats } from '../support/media-webrtc-peer.js';
import { carryTone, formatIn, toneIn, TYPES, type Format } from './carry-tone.js';
import type { EngineUnderTest, Suite } from './engine-under-test.js';
import { digitPackets, expectWellFormed } from './media-digits.contract.js';
import { carry, digitsHeard, pressAmidAudio, type End } from './speaker.js';

const TRUNK_CODECS: readonly CodecName[] = [...ALL_CODECS, 'l16-8000', 'l16-16000'];
/** A browser that offers one codec. */
function formatsOf(codec: CodecName): WebrtcPeerFormats {
  const type = TYPES[codec];
  return {
    payloadTypes: `${type} 110`,
    lines: [
      `a=rtpmap:${type} ${CODEC_TABLE[codec].rtpmap}`,
      `a=rtpmap:110 telephone-event/${rtpClockRate(codec)}`,
    ],
  };
}

/** A browser with one codec calls a carrier with another. */
export async function placeMixedCall(
  engine: MediaEngine,
  codecs: { browser: CodecName; carrier: CodecName },
): Promise<Call> {
  const events = new SessionEvents();
  const session = await openSession(engine, events);
  const [browser, carrier] = [openBrowser(), await openCarrier()];
  const browserOffer = await browser.offer(formatsOf(codecs.browser));
  const carrierOffer = await session.offerTo('callee', browserOffer, {
    from: policy('webrtc', ALL_CODECS),
    to: policy('rtp', [codecs.carrier]),
  });
  carrier.follow(carrierOffer);
  const answer = await session.answerTo(
    'caller',
    carrier.sdp(answerFormats(carrierOffer, codecs.carrier)),
  );
  browser.take(answer);
  await browser.opened();
  await events.connected.waitFor(1);
  return { session, events, browser, carrier, browserOffer, carrierOffer, browserAnswer: answer };
}

export function transcodingCases({ test, shared }: Suite): void {
  for (const browser of ALL_CODECS) {
    for (const carrier of TRUNK_CODECS) {
      test(`carries a tone between ${browser} and ${carrier}, both ways`, async () => {
        const call = await placeMixedCall(shared().engine, { browser, carrier });
        const engine = shared();
        const own = formatIn(call.browserAnswer, browser);
        const far = formatIn(call.carrierOffer, carrier);
        expect(lines(call.browserAnswer, 'm=audio')[0]?.endsWith(` ${own.type} 110`)).toBe(true);
        const up = toneIn(own, { sequence: 65_530, timestamp: 0xffff_ff00 });
        const down = toneIn(far, { sequence: 9, timestamp: 5 });
        await Promise.all([
          carryTone(engine, up, { from: call.browser, to: call.carrier, heard: far }),
          carryTone(engine, down, { from: call.carrier, to: call.browser, heard: own }),
        ]);
        const statistics = await call.session.statistics();
        expect([statistics.caller.codec, statistics.callee.codec]).toEqual([browser, carrier]);
      });
    }
  }

  for (const [browser, carrier] of [
    ['opus', 'pcma'],
    ['pcmu', 'opus'],
    ['g722', 'pcma'],
    ['opus', 'l16-16000'],
  ] as const) {
    test(`re-times digits between ${browser} and ${carrier}, both ways`, async () => {
      const call = await placeMixedCall(shared().engine, { browser, carrier });
      const carrierType = eventTypeIn(call.carrierOffer, rtpClockRate(carrier));
      const own = formatIn(call.browserAnswer, browser);
      const far = formatIn(call.carrierOffer, carrier);
      await pressKey(
        shared(),
        { from: call.browser, to: call.carrier },
        {
          sent: { payloadType: 110, clock: rtpClockRate(browser), audio: own },
          heard: { payloadType: carrierType, clock: rtpClockRate(carrier), audio: far },
        },
      );
      await pressKey(
        shared(),
        { from: call.carrier, to: call.browser },
        {
          sent: { payloadType: carrierType, clock: rtpClockRate(carrier), audio: far },
          heard: { payloadType: 110, clock: rtpClockRate(browser), audio: own },
        },
      );
      const reports = await call.events.digits.waitFor(2);
      const engine = shared();
      expect(reports.map(({ from, digit }) => [from, digit])).toEqual([
        ['caller', '#'],
        ['callee', '#'],
      ]);
      const tolerance = engine.paced === true ? (engine.toneToleranceMs ?? 0) : 0;
      for (const { durationMs } of reports)
        expect(Math.abs(durationMs - 100)).toBeLessThanOrEqual(tolerance);
      if (engine.decodes === true)
        return carry(engine, toneIn(own, { sequence: 1, timestamp: 0 }), {
          from: call.browser,
          to: call.carrier,
        });
      const after = { sequence: 107, timestamp: 50_000 + rtpClockRate(browser) };
      const tone = toneIn(formatIn(call.browserAnswer, browser), after);
      await carryTone(engine, tone, {
        from: call.browser,
        to: call.carrier,
        heard: formatIn(call.carrierOffer, carrier),
      });
    });
  }
}

/** A telephone-event, and the audio that it comes amid. */
interface EventFormat {
  payloadType: number;
  clock: number;
  audio: Format;
}

/** Through an engine that decodes: events towards a carrier, tones towards a browser. */
async function pressAmid(
  engine: EngineUnderTest,
  { from, to }: { from: End; to: End },
  { sent, heard }: Record<'sent' | 'heard', EventFormat>,
): Promise<void> {
  const before = to.rtp.items.length;
  await pressAmidAudio(from, 11, sent);
  const isEnd = ({ payloadType, payload }: ReceivedRtp): boolean =>
    payloadType === heard.payloadType && payload.length === 4 && (payload[1]! & 0x80) !== 0;
  const after = (): ReceivedRtp[] => to.rtp.items.slice(before);
  await expect
    .poll(() => after().some(isEnd) || digitsHeard(after(), heard.audio.codec) === '#', {
      timeout: 10_000,
    })
    .toBe(true);
  const end = after().find(isEnd);
  if (end === undefined) return;
  const durationMs = (end.payload.readUInt16BE(2) * 1000) / heard.clock;
  expect(Math.abs(durationMs - 100)).toBeLessThanOrEqual(engine.toneToleranceMs ?? 0);
}

async function pressKey(
  engine: EngineUnderTest,
  { from, to }: { from: End; to: End },
  types: Record<'sent' | 'heard', EventFormat>,
): Promise<void> {
  if (engine.decodes === true) return pressAmid(engine, { from, to }, types);
  const packets = digitPackets(11, { ...types.sent, sequence: 100 });
  if (engine.paced === true) await sendPaced(packets, from);
  else for (const packet of packets) from.send(packet);
  const isEvent = (packet: ReceivedRtp): boolean =>
    packet.payloadType === types.heard.payloadType && packet.payload.length === 4;
  await to.rtp.waitFor(
    3,
    (packet) => isEvent(packet) && (packet.payload.readUInt8(1) & 0x80) !== 0,
  );
  expectWellFormed(to.rtp.items.filter(isEvent), 11, types.heard.clock / 10);
}
