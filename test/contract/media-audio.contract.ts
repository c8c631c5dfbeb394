import { expect } from 'vitest';
import type { CodecName } from '../../gateway/media/media-engine.js';
import { rtpPacket, type ReceivedRtp, type RtpToSend } from '../support/media-rtp-peer.js';
import {
  audio,
  openBrowser,
  openCarrier,
  openSession,
  placeCall,
  policy,
  RTP_FORMATS,
} from '../support/media-rig.js';
import type { Suite } from './engine-under-test.js';
import { carry } from './speaker.js';

/** RTP timestamp units of 20 ms and payload types on either side. */
const CODECS: Record<CodecName, { browser: number; carrier: number; step: number }> = {
  opus: { browser: 111, carrier: 111, step: 960 },
  g722: { browser: 9, carrier: 9, step: 160 },
  pcmu: { browser: 0, carrier: 0, step: 160 },
  pcma: { browser: 8, carrier: 8, step: 160 },
  'l16-8000': { browser: 118, carrier: 118, step: 160 },
  'l16-16000': { browser: 119, carrier: 119, step: 320 },
};

function expectContinuous(packets: readonly ReceivedRtp[], step: number): void {
  for (const [index, packet] of packets.entries()) {
    const before = packets[index - 1];
    if (before === undefined) continue;
    expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
    expect((packet.timestamp - before.timestamp) >>> 0).toBe(step);
    expect(packet.ssrc).toBe(before.ssrc);
  }
}

export function audioCases({ test, shared }: Suite): void {
  for (const codec of ['opus', 'g722', 'pcmu', 'pcma'] as const) {
    test(`carries ${codec} both ways, byte for byte`, async () => {
      const { browser: fromType, carrier: toType, step } = CODECS[codec];
      const call = await placeCall(shared().engine, codec);
      const up = {
        payloadType: fromType,
        sequence: 65_530,
        timestamp: 0xffff_ff00,
        ssrc: 77,
        step,
      };
      const down = { payloadType: toType, sequence: 500, timestamp: 4000, ssrc: 88, step };
      await carry(shared(), audio(20, up), { from: call.browser, to: call.carrier });
      await carry(shared(), audio(20, down), { from: call.carrier, to: call.browser });
      for (const [heard, type, source] of [
        [call.carrier.rtp.items, toType, up.ssrc],
        [call.browser.rtp.items, fromType, down.ssrc],
      ] as const) {
        expect(heard.map((packet) => packet.payload[0])).toEqual(
          Array.from({ length: 20 }, (_, index) => index + 1),
        );
        expect(heard.every((packet) => packet.payload.length === 160)).toBe(true);
        expect(new Set(heard.map((packet) => packet.payloadType))).toEqual(new Set([type]));
        expect(heard[0]?.ssrc, 'a stream of our own').not.toBe(source);
        expectContinuous(heard, step);
      }
      expect((await call.session.statistics()).caller.codec).toBe(codec);
    });
  }

  test('sends the browser the SSRC that its SDP names', async () => {
    const call = await placeCall(shared().engine);
    const run = audio(2, { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 });
    await carry(shared(), run, { from: call.carrier, to: call.browser });
    const named = /^a=ssrc:(\d+) cname/m.exec(call.browserAnswer)?.[1];
    expect(String(call.browser.rtp.items[0]?.ssrc)).toBe(named);
  });

  test('keeps one stream when the source changes SSRC, sequence and timestamp', async () => {
    const call = await placeCall(shared().engine);
    const decodes = shared().decodes === true;
    const runs = [
      audio(5, { payloadType: 0, sequence: 100, timestamp: 1000, ssrc: 1 }),
      audio(5, { payloadType: 0, sequence: 60_000, timestamp: 3_000_000_000, ssrc: 2 }),
      audio(5, { payloadType: 0, sequence: 9, timestamp: 77, ssrc: 2 }),
    ];
    for (const run of runs) await carry(shared(), run, { from: call.carrier, to: call.browser });
    const heard = call.browser.rtp.items;
    if (!decodes) expect(heard).toHaveLength(15);
    expect(new Set(heard.map((packet) => packet.ssrc)).size).toBe(1);
    for (const [index, packet] of heard.entries()) {
      const before = heard[index - 1];
      if (before === undefined) continue;
      expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
      const moved = (packet.timestamp - before.timestamp) >>> 0;
      expect(moved).toBeGreaterThan(0);
      expect(moved, 'no wild jump').toBeLessThan(8000);
    }
    if (!decodes) expect(heard[5]?.marker, 'a new source begins with a marker').toBe(true);
  });

  test('counts what is lost, and not what is late', async () => {
    const call = await placeCall(shared().engine);
    const run = audio(10, { payloadType: 0, sequence: 100, timestamp: 1000, ssrc: 1 });
    for (const index of [0, 1, 4, 3, 5, 6, 7, 8, 9]) call.carrier.send(run[index]!);
    await expect.poll(async () => (await call.session.statistics()).callee.packetsReceived).toBe(9);
    expect((await call.session.statistics()).callee.packetsLost).toBe(1);
  });

  test('shows loss as a gap, and keeps late packets in their place', async () => {
    const call = await placeCall(shared().engine);
    const run = audio(10, { payloadType: 0, sequence: 100, timestamp: 1000, ssrc: 1 });
    const [order, lost] = [[0, 1, 4, 3, 5, 6, 7, 8, 9], 2];
    await carry(
      shared(),
      order.map((index) => run[index]!),
      { from: call.carrier, to: call.browser },
    );
    const heard = call.browser.rtp.items;
    const first = heard[0]!.sequence;
    expect(heard.map((packet) => (packet.sequence - first) & 0xffff)).toEqual(order);
    expect(order).not.toContain(lost);
  });

  test('gives each side packets of the length that it asks for', async () => {
    const session = await openSession(shared().engine);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const offer = await browser.offer({
      payloadTypes: '0',
      lines: ['a=ptime:60', 'a=maxptime:40'],
    });
    const policies = { from: policy('webrtc', ['pcmu']), to: policy('rtp', ['pcmu']) };
    carrier.follow(await session.offerTo('callee', offer, policies));
    const formats = { ...RTP_FORMATS.pcmu, lines: [...RTP_FORMATS.pcmu.lines, 'a=ptime:30'] };
    browser.take(await session.answerTo('caller', carrier.sdp(formats)));
    await browser.opened();
    const run = { payloadType: 0, sequence: 65_530, timestamp: 0xffff_ff00, ssrc: 5 };
    await expect
      .poll(
        () => {
          for (const packet of audio(1, { ...run, bytes: 80 })) {
            carrier.send(packet);
            browser.send(packet);
          }
          run.sequence += 1;
          run.timestamp += 80;
          return Math.min(browser.rtp.items.length, carrier.rtp.items.length);
        },
        { timeout: 5_000 },
      )
      .toBeGreaterThan(4);
    expectContinuous(browser.rtp.items, 320);
    expectContinuous(carrier.rtp.items, 240);
    expect(browser.rtp.items[0]?.payload).toHaveLength(320);
    expect(carrier.rtp.items[0]?.payload).toHaveLength(240);
  });

  test('takes off header extensions, CSRCs and padding', async () => {
    const call = await placeCall(shared().engine);
    const payload = Buffer.alloc(160, 'the payload itself');
    const extension = Buffer.from('00000009bede00021122334455667788', 'hex');
    const padding = Buffer.from('000003', 'hex');
    const dressed = {
      rtp: call.carrier.rtp,
      send: (packet: RtpToSend) => {
        const plain = rtpPacket(packet);
        plain[0] = 0xb1;
        const [header, audio] = [plain.subarray(0, 12), plain.subarray(12)];
        call.carrier.sendRaw(Buffer.concat([header, extension, audio, padding]));
      },
    };
    const packet = { payloadType: 0, sequence: 1, timestamp: 16, ssrc: 0xdeadbeef, payload };
    await carry(shared(), [packet], { from: dressed, to: call.browser });
    const [heard] = call.browser.rtp.items;
    if (shared().decodes !== true) expect(heard?.payload.toString()).toBe(payload.toString());
  });

  test('reports to both sides by RTCP and reads their reports', async () => {
    const call = await placeCall(shared().engine);
    const run = { payloadType: 0, sequence: 1, timestamp: 0 };
    await carry(shared(), audio(3, { ...run, ssrc: 5 }), { from: call.carrier, to: call.browser });
    await carry(shared(), audio(3, { ...run, ssrc: 6 }), { from: call.browser, to: call.carrier });
    // libwebrtc reports on streams that go on.
    const isReported = (packet: Buffer): boolean => blocksOf(packet).includes(6);
    while (shared().decodes === true && !call.browser.rtcp.items.some(isReported))
      await carry(shared(), audio(3, { ...run, ssrc: 6 }), {
        from: call.browser,
        to: call.carrier,
      });
    await call.carrier.rtcp.waitFor(1, (packet) => blocksOf(packet).includes(5));
    await call.browser.rtcp.waitFor(1, isReported);
    const isSent = (packet: Buffer): boolean => packet.readUInt8(1) === 200;
    const [toCarrier] = await call.carrier.rtcp.waitFor(1, isSent);
    const [toBrowser] = await call.browser.rtcp.waitFor(1, isSent);
    for (const [packet, sent] of [
      [toCarrier!, call.carrier.rtp.items],
      [toBrowser!, call.browser.rtp.items],
    ] as const) {
      expect(packet.readUInt8(1), 'a sender report').toBe(200);
      expect(packet.readUInt32BE(4)).toBe(sent[0]?.ssrc);
      const [packets, octets] = [packet.readUInt32BE(20), packet.readUInt32BE(24)];
      if (shared().decodes === true) expect(octets, 'of G.711').toBe(160 * packets);
      else expect([packets, octets], 'packets and octets sent').toEqual([3, 480]);
    }
    call.carrier.sendRtcp(receiverReport(toCarrier!, { ssrc: 5 }));
    await expect
      .poll(async () => (await call.session.statistics()).callee.roundTripMs)
      .toBeGreaterThanOrEqual(0);
    expect((await call.session.statistics()).callee.roundTripMs).toBeLessThan(1000);
  });
}

/** Whom the blocks of a report are about (RFC 3550 sections 6.4.1 and 6.4.2). */
function blocksOf(report: Buffer): number[] {
  const begin = { 200: 28, 201: 8 }[report.readUInt8(1)];
  if (begin === undefined) return [];
  return Array.from({ length: report.readUInt8(0) & 0x1f }, (_, index) =>
    report.readUInt32BE(begin + 24 * index),
  );
}

/** RFC 3550 section 6.4.2: answers a sender report at once. */
function receiverReport(senderReport: Buffer, from: { ssrc: number }): Buffer {
  const report = Buffer.alloc(32);
  report.writeUInt32BE(0x81c90007, 0);
  report.writeUInt32BE(from.ssrc, 4);
  senderReport.copy(report, 8, 4, 8);
  senderReport.copy(report, 24, 10, 14);
  return report;
}
