import { expect } from 'vitest';
import type { ReceivedRtp } from '../support/media-rtp-peer.js';
import { audio, eventTypeIn, placeCall, sendPaced, type Call } from '../support/media-rig.js';
import type { EngineUnderTest, Suite } from './engine-under-test.js';
import { carry, digitsHeard, pressAmidAudio } from './speaker.js';

const PCMU = { codec: 'pcmu', type: 0 } as const;

/** Event, E bit with volume 10, duration. */
function eventPayload(event: number, duration: number, end = false): Buffer {
  const payload = Buffer.of(event, end ? 0x8a : 0x0a, 0, 0);
  payload.writeUInt16BE(duration, 2);
  return payload;
}

/** As libwebrtc sends 100 ms: five packets, the last of them three times in one burst. */
export function digitPackets(
  event: number,
  first: { payloadType: number; sequence: number; clock: number },
) {
  const unit = (first.clock * 20) / 1000;
  return [1, 2, 3, 4, 5, 5, 5].map((steps, index) => ({
    payloadType: first.payloadType,
    sequence: first.sequence + index,
    timestamp: 50_000,
    ssrc: 7,
    marker: index === 0,
    payload: eventPayload(event, steps * unit, steps === 5),
  }));
}

export function expectWellFormed(
  events: readonly ReceivedRtp[],
  code: number,
  fullDuration: number,
): void {
  expect(events.map((packet) => packet.payload[0])).toEqual(events.map(() => code));
  expect(events.map((packet) => packet.marker)).toEqual(events.map((_, index) => index === 0));
  expect(new Set(events.map((packet) => packet.timestamp)).size).toBe(1);
  const ends = events.filter((packet) => (packet.payload.readUInt8(1) & 0x80) !== 0);
  expect(ends).toHaveLength(3);
  const duration = ends[0]!.payload.readUInt16BE(2);
  expect(Math.abs(duration - fullDuration)).toBeLessThanOrEqual(fullDuration / 5);
  expect(new Set(ends.map((end) => end.payload.readUInt16BE(2))).size).toBe(1);
}

/** By time of arrival. */
function expectSpacedEnds(events: readonly ReceivedRtp[]): void {
  const ends = events.filter((packet) => (packet.payload.readUInt8(1) & 0x80) !== 0);
  for (const [index, end] of ends.slice(1).entries()) {
    expect(end.at - ends[index]!.at, 'spaced').toBeGreaterThan(8);
  }
}

/** `#` of the browser, through an engine that hears it as a tone. */
async function expectHeardOnce(
  engine: EngineUnderTest,
  { carrier, events, session }: Call,
  clock: number,
): Promise<void> {
  const isEvent = ({ payload }: ReceivedRtp): boolean => payload.length === 4;
  await carrier.rtp.waitFor(3, (packet) => isEvent(packet) && isEnd(packet));
  const told = carrier.rtp.items.filter(isEvent);
  const [first, last] = [
    carrier.rtp.items.indexOf(told[0]!),
    carrier.rtp.items.indexOf(told.at(-1)!),
  ];
  expect(carrier.rtp.items.slice(first, last + 1), 'no audio amid the digit').toEqual(told);
  expect(told.map(({ payload }) => payload[0])).toEqual(told.map(() => 11));
  expect(new Set(told.map(({ timestamp }) => timestamp)).size).toBe(1);
  expectSpacedEnds(told);
  const [report] = await events.digits.waitFor(1);
  expect(report).toMatchObject({ from: 'caller', digit: '#', carried: true });
  const sentMs = (told.at(-1)!.payload.readUInt16BE(2) * 1000) / clock;
  for (const ms of [report!.durationMs, sentMs])
    expect(Math.abs(ms - 100)).toBeLessThanOrEqual(engine.toneToleranceMs ?? 0);
  const { caller, callee } = await session.statistics();
  expect([caller.digitsReceived, callee.digitsSent]).toEqual([1, 1]);
}

function isEnd({ payload }: ReceivedRtp): boolean {
  return (payload.readUInt8(1) & 0x80) !== 0;
}

export function digitCases({ test, shared }: Suite): void {
  for (const [codec, type, clock] of [
    ['opus', 110, 48_000],
    ['pcmu', 126, 8000],
  ] as const) {
    test(`re-times the digits of a browser with ${codec}`, async () => {
      const call = await placeCall(shared().engine, codec);
      const [step, audioType] = codec === 'opus' ? [960, 111] : [160, 0];
      if (shared().decodes === true) {
        const audio = { codec, type: audioType };
        await pressAmidAudio(call.browser, 11, { payloadType: type, clock, audio });
        return expectHeardOnce(shared(), call, clock);
      }
      const run = { payloadType: audioType, timestamp: 50_000 - 10 * step, ssrc: 7, step };
      await carry(shared(), audio(10, { ...run, sequence: 90 }), {
        from: call.browser,
        to: call.carrier,
      });
      const packets = digitPackets(11, { payloadType: type, sequence: 100, clock });
      for (const packet of packets) call.browser.send(packet);
      const isEvent = (packet: ReceivedRtp): boolean => packet.payload.length === 4;
      const isEnd = (packet: ReceivedRtp): boolean =>
        isEvent(packet) && (packet.payload.readUInt8(1) & 0x80) !== 0;
      await call.carrier.rtp.waitFor(3, isEnd);
      const events = call.carrier.rtp.items.filter(isEvent);
      expectWellFormed(events, 11, clock / 10);
      expectSpacedEnds(events);
      const after = { ...run, timestamp: 50_000 + 10 * step, sequence: 107 };
      await carry(shared(), audio(3, after), { from: call.browser, to: call.carrier });
      const all = call.carrier.rtp.items;
      for (const [index, packet] of all.entries()) {
        const before = all[index - 1];
        if (before !== undefined) expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
      }
      const lastBefore = all[9]!;
      const firstAfter = all.find((packet, index) => index > 10 && !isEvent(packet))!;
      expect((firstAfter.timestamp - lastBefore.timestamp) >>> 0, 'audio goes on').toBe(11 * step);
      const [report] = await call.events.digits.waitFor(1);
      expect(report).toEqual({ from: 'caller', digit: '#', durationMs: 100, carried: true });
      const statistics = await call.session.statistics();
      expect(statistics.caller.digitsReceived).toBe(1);
      expect(statistics.callee.digitsSent).toBe(1);
    });
  }

  test('plays the digits of a carrier to the browser and reports each once', async () => {
    const call = await placeCall(shared().engine, 'pcmu');
    const payloadType = eventTypeIn(call.carrierOffer, 8000);
    if (shared().decodes === true) {
      for (const event of [1, 2, 2])
        await pressAmidAudio(call.carrier, event, { payloadType, clock: 8000, audio: PCMU });
      const told = await call.events.digits.waitFor(3);
      expect(told.map(({ from, digit }) => from + digit)).toEqual([
        'callee1',
        'callee2',
        'callee2',
      ]);
      const { rtp } = call.browser;
      return expect.poll(() => digitsHeard(rtp.items, 'pcmu'), { timeout: 5000 }).toBe('122');
    }
    const packets = [1, 2, 2].flatMap((event, index) =>
      digitPackets(event, { payloadType, sequence: 10 + index * 7, clock: 8000 }).map((packet) => ({
        ...packet,
        timestamp: 50_000 + index * 1600,
      })),
    );
    if (shared().paced === true) await sendPaced(packets, call.carrier);
    else for (const packet of packets) call.carrier.send(packet);
    const isEnd = (packet: ReceivedRtp): boolean =>
      packet.payloadType === 126 && (packet.payload.readUInt8(1) & 0x80) !== 0;
    await call.browser.rtp.waitFor(9, isEnd);
    const reports = await call.events.digits.waitFor(3);
    expect(reports.map((report) => report.from)).toEqual(['callee', 'callee', 'callee']);
    expect(reports.map((report) => report.digit)).toEqual(['1', '2', '2']);
    const stamps = new Set(
      call.browser.rtp.items.filter((packet) => packet.payloadType === 126).map((p) => p.timestamp),
    );
    expect(stamps.size, 'three digits, none merged').toBe(3);
  });

  test('counts the digits that a carrier does not take', async () => {
    const call = await placeCall(shared().engine, 'pcmu');
    const withoutEvents = { payloadTypes: '0', lines: ['a=rtpmap:0 PCMU/8000'] };
    await call.session.answerTo('caller', call.carrier.sdp(withoutEvents));
    for (const [index, event] of [5, 5].entries()) {
      const amid = { payloadType: 126, clock: 8000, audio: PCMU };
      if (shared().decodes === true) {
        await pressAmidAudio(call.browser, event, amid);
        continue;
      }
      const first = { payloadType: 126, sequence: 1 + index * 7, clock: 8000 };
      const packets = digitPackets(event, first).map((packet) => ({
        ...packet,
        timestamp: 50_000 + index * 1600,
      }));
      // A busy daemon of several threads may see two that come at once in the wrong order.
      if (shared().paced === true) await sendPaced(packets, call.browser);
      else for (const packet of packets) call.browser.send(packet);
    }
    await call.events.digits.waitFor(2);
    const { caller, callee } = await call.session.statistics();
    expect([caller.digitsReceived, callee.digitsSent, callee.digitsDropped]).toEqual([2, 0, 2]);
  });

  test('lets no audio through in the direction of a digit', async () => {
    const call = await placeCall(shared().engine, 'pcmu');
    if (shared().decodes === true) {
      await pressAmidAudio(call.browser, 11, { payloadType: 126, clock: 8000, audio: PCMU });
      return expectHeardOnce(shared(), call, 8000);
    }
    const run = { payloadType: 0, timestamp: 50_000, ssrc: 7 };
    const [start, , , , end] = digitPackets(5, { payloadType: 126, sequence: 1, clock: 8000 });
    call.browser.send(start!);
    await call.carrier.rtp.waitFor(1, (packet) => packet.payload.length === 4);
    for (const packet of audio(3, { ...run, sequence: 2 })) call.browser.send(packet);
    call.browser.send({ ...end!, sequence: 5 });
    await call.carrier.rtp.waitFor(
      3,
      (packet) => packet.payload.length === 4 && (packet.payload.readUInt8(1) & 0x80) !== 0,
    );
    expect(call.carrier.rtp.items.every((packet) => packet.payload.length === 4)).toBe(true);
  });
}
