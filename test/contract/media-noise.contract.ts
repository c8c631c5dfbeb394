import { expect } from 'vitest';
import { createEncoder, createDecoder } from '../../gateway/media/codecs/create-codec.js';
import type { CodecName } from '../../gateway/media/media-engine.js';
import { noiseLevelOf } from '../../gateway/media/sounds/noise-source.js';
import {
  ALL_CODECS,
  audio,
  lines,
  openBrowser,
  openCarrier,
  openSession,
  policy,
  SessionEvents,
  type Call,
} from '../support/media-rig.js';
import type { RtpPeer } from '../support/media-rtp-peer.js';
import { tone } from '../support/tone.js';
import type { EngineUnderTest, Suite } from './engine-under-test.js';
import { carry, sentBy } from './speaker.js';

const COMFORT_NOISE = 13;
const RUN = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
const WITH_NOISE = {
  payloadTypes: '0 13 101',
  lines: ['a=rtpmap:13 CN/8000', 'a=rtpmap:101 telephone-event/8000'],
};
const BROWSER = {
  pcmu: { payloadTypes: '0 13 101', lines: ['a=rtpmap:101 telephone-event/8000'] },
  opus: {
    payloadTypes: '111 110',
    lines: ['a=rtpmap:111 opus/48000/2', 'a=rtpmap:110 telephone-event/48000'],
  },
};

/** A browser with one codec calls a trunk of G.711 that has comfort noise. */
async function placeNoisyCall(
  { engine }: EngineUnderTest,
  codec: keyof typeof BROWSER,
  formats: { payloadTypes: string; lines: string[] } = WITH_NOISE,
): Promise<Call> {
  const events = new SessionEvents();
  const session = await openSession(engine, events);
  const [browser, carrier] = [openBrowser(), await openCarrier()];
  const browserOffer = await browser.offer(BROWSER[codec]);
  const carrierOffer = await session.offerTo('callee', browserOffer, {
    from: policy('webrtc', ALL_CODECS),
    to: { ...policy('rtp', ['pcmu']), comfortNoise: true },
  });
  carrier.follow(carrierOffer);
  const browserAnswer = await session.answerTo('caller', carrier.sdp(formats));
  browser.take(browserAnswer);
  await browser.opened();
  await events.connected.waitFor(1);
  return { session, events, browser, carrier, browserOffer, carrierOffer, browserAnswer };
}

function formatsIn(sdp: string): string[] {
  return (lines(sdp, 'm=audio')[0] ?? '').split(' ').slice(3);
}

function noise(level: number, at: { sequence: number; timestamp: number }) {
  return { ...RUN, ...at, payloadType: COMFORT_NOISE, payload: Buffer.of(level) };
}

/** Behind what an end has sent. */
function after(end: RtpPeer): { sequence: number; timestamp: number } {
  const sent = sentBy(end);
  return sent === 0
    ? { sequence: 4, timestamp: 480 }
    : { sequence: sent + 1, timestamp: (sent + 1) * 160 };
}

function opusPackets(count: number) {
  const encoder = createEncoder('opus' satisfies CodecName, 'pcmu');
  const pcm = tone({ hz: 440, sampleRate: 8000, samples: 160 * count });
  return Array.from({ length: count }, (_, index) =>
    Buffer.from(encoder.encode(pcm.subarray(index * 160, (index + 1) * 160))),
  );
}

export function noiseCases({ test, shared }: Suite): void {
  test('passes comfort noise on between legs of G.711 that both know it', async () => {
    const call = await placeNoisyCall(shared(), 'pcmu');
    expect(formatsIn(call.carrierOffer)).toContain('13');
    expect(lines(call.carrierOffer, 'a=rtpmap:13')).toEqual(['a=rtpmap:13 CN/8000']);
    expect(formatsIn(call.browserAnswer)).toContain('13');
    await carry(shared(), audio(3, RUN), { from: call.carrier, to: call.browser });
    await carry(shared(), [noise(60, { sequence: 4, timestamp: 480 })], {
      from: call.carrier,
      to: call.browser,
    });
    const on = { ...RUN, sequence: 5, timestamp: 480 + 1600 };
    await carry(shared(), audio(1, on), { from: call.carrier, to: call.browser });
    const [, , last, silence, next] = call.browser.rtp.items;
    expect(silence).toMatchObject({ payloadType: COMFORT_NOISE, marker: false });
    expect(silence!.payload).toEqual(Buffer.of(60));
    expect((silence!.sequence - last!.sequence) & 0xffff).toBe(1);
    expect((silence!.timestamp - last!.timestamp) >>> 0).toBe(160);
    expect((next!.sequence - silence!.sequence) & 0xffff).toBe(1);
    expect((next!.timestamp - silence!.timestamp) >>> 0).toBe(1600);
    await carry(shared(), [noise(50, { sequence: 1, timestamp: 0 })], {
      from: call.browser,
      to: call.carrier,
    });
    expect(call.carrier.rtp.items[0]).toMatchObject({ payloadType: COMFORT_NOISE });
    expect((await call.session.statistics()).callee.packetsRejected).toBe(0);
  });

  test('makes noise for a browser with Opus of what a carrier tells of its silence', async () => {
    const call = await placeNoisyCall(shared(), 'opus');
    const decoder = createDecoder('opus', 'pcmu');
    const pcm = new Int16Array(960);
    await carry(shared(), audio(3, RUN), { from: call.carrier, to: call.browser });
    call.carrier.send(noise(40, after(call.carrier)));
    const heard = call.browser.rtp.items.length;
    const packets = await call.browser.rtp.waitFor(heard + 30);
    const settled = packets.length - 8;
    for (const packet of packets.slice(0, settled)) decoder.decode(packet.payload, pcm);
    const levels = packets
      .slice(settled)
      .map(({ payload }) => noiseLevelOf(pcm, decoder.decode(payload, pcm)));
    for (const level of levels) expect(Math.abs(level - 40)).toBeLessThan(8);
    // The audio ends it, without a jump.
    await carry(shared(), audio(3, { ...RUN, sequence: 5, timestamp: 480 + 3200 }), {
      from: call.carrier,
      to: call.browser,
    });
    for (const [index, packet] of call.browser.rtp.items.slice(1).entries()) {
      const before = call.browser.rtp.items[index]!;
      expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
      expect((packet.timestamp - before.timestamp) | 0).toBeGreaterThan(0);
    }
  });

  test('tells a carrier of the silence of a browser with Opus, and takes it up again', async () => {
    const call = await placeNoisyCall(shared(), 'opus');
    const packets = opusPackets(6).map((payload, index) => ({
      ...{ payloadType: 111, ssrc: 9, sequence: index, timestamp: index * 960, payload },
    }));
    await carry(shared(), packets.slice(0, 5), { from: call.browser, to: call.carrier });
    const toc = Buffer.of(packets[4]!.payload[0]! & 0xfc);
    const silent = { payloadType: 111, ssrc: 9, sequence: 5, timestamp: 4800, payload: toc };
    await carry(shared(), [silent], { from: call.browser, to: call.carrier });
    const again = { ...packets[5]!, sequence: 6, timestamp: 4800 + 19_200 };
    await carry(shared(), [again], { from: call.browser, to: call.carrier });
    const [last, cn, next] = call.carrier.rtp.items.slice(-3);
    expect(cn).toMatchObject({ payloadType: COMFORT_NOISE, marker: false });
    expect(cn!.payload).toHaveLength(1);
    expect((cn!.sequence - last!.sequence) & 0xffff).toBe(1);
    expect((cn!.timestamp - last!.timestamp) >>> 0).toBe(160);
    expect(next).toMatchObject({ payloadType: 0, marker: true });
    expect((next!.sequence - cn!.sequence) & 0xffff).toBe(1);
    expect((next!.timestamp - cn!.timestamp) >>> 0).toBe(3200);
  });

  test('sends none to a carrier that did not take it', async () => {
    const plain = { payloadTypes: '0 101', lines: ['a=rtpmap:101 telephone-event/8000'] };
    const call = await placeNoisyCall(shared(), 'pcmu', plain);
    expect(formatsIn(call.browserAnswer)).not.toContain('13');
    await carry(shared(), audio(3, RUN), { from: call.browser, to: call.carrier });
    call.browser.send(noise(50, { sequence: 4, timestamp: 480 }));
    await carry(shared(), audio(2, { ...RUN, sequence: 5, timestamp: 800 }), {
      from: call.browser,
      to: call.carrier,
    });
    expect(new Set(call.carrier.rtp.items.map(({ payloadType }) => payloadType))).toEqual(
      new Set([0]),
    );
    if (shared().decodes !== true) expect(call.carrier.rtp.items).toHaveLength(5);
  });
}
