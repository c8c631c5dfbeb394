import { expect } from 'vitest';
import { createDecoder, createEncoder } from '../../gateway/media/codecs/create-codec.js';
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
  sendInStep,
  sendPaced,
  SessionEvents,
  type Call,
} from '../support/media-rig.js';
import type { ReceivedRtp, RtpToSend } from '../support/media-rtp-peer.js';
import type { WebrtcPeerFormats } from '../support/media-webrtc-peer.js';
import { hearTone, tone } from '../support/tone.js';
import { carryTone, UNDER_WAY, type End } from './carry-tone.js';
import type { EngineUnderTest, Suite } from './engine-under-test.js';
import { digitPackets, expectWellFormed } from './media-digits.contract.js';

const TYPES: Record<CodecName, number> = {
  ...{ opus: 111, g722: 9, pcmu: 0, pcma: 8, 'l16-8000': 118, 'l16-16000': 119 },
};
const TRUNK_CODECS: readonly CodecName[] = [...ALL_CODECS, 'l16-8000', 'l16-16000'];
const PACKETS = 40;
const TONE_HZ = 440;

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
async function placeMixedCall(
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

/** A tone in packets of 20 ms. */
function toneIn(
  { codec, type }: Format,
  first: { sequence: number; timestamp: number },
): RtpToSend[] {
  const encoder = createEncoder(codec, 'g722');
  const samples = encoder.sampleRate / 50;
  const pcm = tone({
    ...{ hz: TONE_HZ, sampleRate: encoder.sampleRate },
    samples: samples * PACKETS,
  });
  return Array.from({ length: PACKETS }, (_, index) => ({
    payloadType: type,
    sequence: (first.sequence + index) & 0xffff,
    timestamp: (first.timestamp + (index * rtpClockRate(codec)) / 50) >>> 0,
    ssrc: 77,
    payload: Buffer.from(encoder.encode(pcm.subarray(index * samples, (index + 1) * samples))),
  }));
}

/** The codec of a leg, under the payload type that it has in the SDP for it. */
interface Format {
  codec: CodecName;
  type: number;
}

function formatIn(sdp: string, codec: CodecName): Format {
  const opus = /^a=rtpmap:(\d+) opus/m.exec(sdp)?.[1];
  return { codec, type: codec === 'opus' && opus !== undefined ? Number(opus) : TYPES[codec] };
}

function expectTone(
  engine: EngineUnderTest,
  packets: readonly ReceivedRtp[],
  { codec, type }: Format,
): void {
  const audio = packets.filter(({ payloadType }) => payloadType === type);
  const lacking = engine.paced === true ? UNDER_WAY : 1;
  expect(audio.length).toBeGreaterThanOrEqual(PACKETS - lacking);
  for (const [index, packet] of audio.entries()) {
    const before = audio[index - 1];
    if (before === undefined) continue;
    expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
    expect((packet.timestamp - before.timestamp) >>> 0).toBe(rtpClockRate(codec) / 50);
  }
  const decoder = createDecoder(codec, 'g722');
  const pcm = new Int16Array(5760);
  const heard = audio.flatMap((packet) => [
    ...pcm.subarray(0, decoder.decode(packet.payload, pcm)),
  ]);
  const steady = Int16Array.from(heard).subarray(decoder.sampleRate / 4);
  const { amplitude, signalToNoiseDb } = hearTone(steady, TONE_HZ, decoder.sampleRate);
  expect(amplitude).toBeGreaterThan(engine.leastAmplitude ?? 6500);
  expect(amplitude).toBeLessThan(9500);
  expect(signalToNoiseDb).toBeGreaterThan(13);
}

export function transcodingCases({ test, shared }: Suite): void {
  for (const browser of ALL_CODECS) {
    for (const carrier of TRUNK_CODECS.filter((codec) => codec !== browser)) {
      test(`carries a tone between ${browser} and ${carrier}, both ways`, async () => {
        const call = await placeMixedCall(shared().engine, { browser, carrier });
        const engine = shared();
        const own = formatIn(call.browserAnswer, browser);
        const far = formatIn(call.carrierOffer, carrier);
        expect(lines(call.browserAnswer, 'm=audio')[0]?.endsWith(` ${own.type} 110`)).toBe(true);
        const up = toneIn(own, { sequence: 65_530, timestamp: 0xffff_ff00 });
        const down = toneIn(far, { sequence: 9, timestamp: 5 });
        await Promise.all([
          carryTone(engine, up, { from: call.browser, to: call.carrier }),
          carryTone(engine, down, { from: call.carrier, to: call.browser }),
        ]);
        expectTone(engine, call.carrier.rtp.items, far);
        expectTone(engine, call.browser.rtp.items, own);
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
      await pressKey(
        shared(),
        { from: call.browser, to: call.carrier },
        {
          sent: { payloadType: 110, clock: rtpClockRate(browser) },
          heard: { payloadType: carrierType, clock: rtpClockRate(carrier) },
        },
      );
      await pressKey(
        shared(),
        { from: call.carrier, to: call.browser },
        {
          sent: { payloadType: carrierType, clock: rtpClockRate(carrier) },
          heard: { payloadType: 110, clock: rtpClockRate(browser) },
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
      const after = { sequence: 107, timestamp: 50_000 + rtpClockRate(browser) };
      const tone = toneIn(formatIn(call.browserAnswer, browser), after);
      await carryTone(engine, tone, { from: call.browser, to: call.carrier });
      expectTone(engine, call.carrier.rtp.items, formatIn(call.carrierOffer, carrier));
    });
  }

  negotiationCases({ test, shared });
}

async function pressKey(
  engine: EngineUnderTest,
  { from, to: { rtp: to } }: { from: End; to: End },
  types: Record<'sent' | 'heard', { payloadType: number; clock: number }>,
): Promise<void> {
  const packets = digitPackets(11, { ...types.sent, sequence: 100 });
  if (engine.paced === true) await sendPaced(packets, from);
  else for (const packet of packets) from.send(packet);
  const isEvent = (packet: ReceivedRtp): boolean =>
    packet.payloadType === types.heard.payloadType && packet.payload.length === 4;
  await to.waitFor(3, (packet) => isEvent(packet) && (packet.payload.readUInt8(1) & 0x80) !== 0);
  expectWellFormed(to.items.filter(isEvent), 11, types.heard.clock / 10);
}

function negotiationCases({ test, shared }: Pick<Suite, 'test' | 'shared'>): void {
  test('offers shared codecs first, then the others of the list', async () => {
    const session = await openSession(shared().engine);
    const offer = await openBrowser().offer({
      payloadTypes: '111 0 110',
      lines: ['a=rtpmap:111 opus/48000/2', 'a=rtpmap:110 telephone-event/48000'],
    });
    const offered = await session.offerTo('callee', offer, {
      from: policy('webrtc', ALL_CODECS),
      to: policy('rtp', ['g722', 'pcma', 'pcmu']),
    });
    expect(lines(offered, 'm=audio')[0]).toMatch(/ RTP\/AVP 0 9 8 \d+$/);
  });

  test('goes on with another codec after early media, the browser none the wiser', async () => {
    const session = await openSession(shared().engine);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const offered = await session.offerTo('callee', await browser.offer(), {
      from: policy('webrtc', ALL_CODECS),
      to: policy('rtp', ALL_CODECS),
    });
    carrier.follow(offered);
    const early = await session.answerTo('caller', carrier.sdp(answerFormats(offered, 'opus')));
    browser.take(early);
    await browser.opened();
    const opus = formatIn(early, 'opus');
    const pcma = formatIn(offered, 'pcma');
    const [first] = toneIn(opus, { sequence: 1, timestamp: 0 });
    await sendInStep([first!], carrier, browser);
    expect(browser.rtp.items[0]?.payload).toEqual(first?.payload);
    const moved = carrier.sdp(answerFormats(offered, 'pcma'));
    expect(await session.answerTo('caller', moved)).toBe(early);
    browser.rtp.clear();
    const engine = shared();
    const down = toneIn(pcma, { sequence: 700, timestamp: 9 });
    await carryTone(engine, down, { from: carrier, to: browser });
    expectTone(engine, browser.rtp.items, opus);
    const up = toneIn(opus, { sequence: 1, timestamp: 0 });
    await carryTone(engine, up, { from: browser, to: carrier });
    expectTone(engine, carrier.rtp.items, pcma);
  });

  test('speaks Opus to a browser that shares another codec, when the policy asks', async () => {
    const session = await openSession(shared().engine);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const offered = await session.offerTo('callee', await browser.offer(), {
      from: policy('webrtc', ALL_CODECS),
      to: { ...policy('rtp', ['pcma']), media: 'opus-to-browser' },
    });
    carrier.follow(offered);
    expect(lines(offered, 'm=audio')[0]).toMatch(/ RTP\/AVP 8 \d+$/);
    const formats = answerFormats(offered, 'pcma');
    const answer = await session.answerTo('caller', carrier.sdp(formats));
    expect(lines(answer, 'm=audio')[0]).toMatch(/ 111 110$/);
    browser.take(answer);
    await browser.opened();
    const engine = shared();
    const up = toneIn(formatIn(answer, 'opus'), { sequence: 1, timestamp: 0 });
    await carryTone(engine, up, { from: browser, to: carrier });
    expectTone(engine, carrier.rtp.items, formatIn(offered, 'pcma'));
  });

  test('holds and resumes a transcoded call', async () => {
    const call = await placeMixedCall(shared().engine, { browser: 'opus', carrier: 'pcma' });
    const policies = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcma']) };
    const far = formatIn(call.carrierOffer, 'pcma');
    const [stray] = toneIn(far, { sequence: 1, timestamp: 0 });
    const held = call.browserOffer.replace('a=sendrecv', 'a=sendonly');
    await call.session.offerTo('callee', held, policies);
    const onHold = { ...answerFormats(call.carrierOffer, 'pcma'), direction: 'recvonly' };
    await call.session.answerTo('caller', call.carrier.sdp(onHold));
    call.carrier.send(stray!);
    await expect.poll(async () => (await call.session.statistics()).callee.packetsReceived).toBe(1);
    expect(call.browser.rtp.items).toHaveLength(0);
    await call.session.offerTo('callee', call.browserOffer, policies);
    const formats = answerFormats(call.carrierOffer, 'pcma');
    await call.session.answerTo('caller', call.carrier.sdp(formats));
    const resumed = toneIn(far, { sequence: 2, timestamp: 160 });
    const engine = shared();
    await carryTone(engine, resumed, { from: call.carrier, to: call.browser });
    expectTone(engine, call.browser.rtp.items, formatIn(call.browserAnswer, 'opus'));
  });
}
