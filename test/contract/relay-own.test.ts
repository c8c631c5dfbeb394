import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RelayEngine } from '../../gateway/media/workers/relay-engine.js';
import {
  closeOpened,
  eventTypeIn,
  openBrowser,
  openCarrier,
  openSession,
  policy,
  RTP_FORMATS,
  SessionEvents,
} from '../support/media-rig.js';
import type { ReceivedRtp } from '../support/media-rtp-peer.js';
import { openRelay } from '../support/relay-on-loopback.js';
import { answerSecured, dialSecured, expectBothWays } from './media-srtp.contract.js';

let engine: RelayEngine;
beforeAll(async () => {
  engine = await openRelay();
});
afterEach(async () => {
  await closeOpened();
  expect(await engine.counts()).toMatchObject({ sessions: 0, ports: 0 });
});
afterAll(() => engine.close());

describe('a key that is held for longer than an event can tell (RFC 4733 section 2.5.1.3)', () => {
  const isEnd = ({ payload }: ReceivedRtp): boolean =>
    payload.length === 4 && (payload.readUInt8(1) & 0x80) !== 0;
  const event = (duration: number, end: boolean): Buffer => {
    const payload = Buffer.of(5, end ? 0x8a : 0x0a, 0, 0);
    payload.writeUInt16BE(duration, 2);
    return payload;
  };

  it('comes in segments from a browser with Opus, and goes to the trunk as one', async () => {
    const events = new SessionEvents();
    const session = await openSession(engine, events);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const policies = { from: policy('webrtc', ['opus']), to: policy('rtp', ['pcma']) };
    carrier.follow(await session.offerTo('callee', await browser.offer(), policies));
    browser.take(await session.answerTo('caller', carrier.sdp(RTP_FORMATS.pcma)));
    await browser.opened();
    await events.connected.waitFor(1);
    const start = 50_000;
    const first = { payloadType: 110, ssrc: 7, timestamp: start };
    const second = { ...first, timestamp: start + 0xffff };
    // 1.5 s at 48 kHz are 72,000 units: a full segment and 6,465 of the next.
    const packets = [
      { ...first, sequence: 1, marker: true, payload: event(960, false) },
      { ...first, sequence: 2, payload: event(0xffff, false) },
      ...[3, 4, 5].map((sequence) => ({ ...second, sequence, payload: event(6465, true) })),
    ];
    for (const packet of packets) browser.send(packet);
    const ends = await carrier.rtp.waitFor(3, isEnd);
    expect(ends.map(({ payload }) => payload.readUInt16BE(2))).toEqual([12_000, 12_000, 12_000]);
    const told = carrier.rtp.items.filter(({ payload }) => payload.length === 4);
    expect(new Set(told.map(({ timestamp }) => timestamp)).size).toBe(1);
    expect(events.digits.items).toEqual([
      { from: 'caller', digit: '5', durationMs: 1500, carried: true },
    ]);
  });

  it('goes to a browser with Opus in segments', async () => {
    const events = new SessionEvents();
    const session = await openSession(engine, events);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const policies = { from: policy('webrtc', ['opus']), to: policy('rtp', ['pcma']) };
    const offer = await session.offerTo('callee', await browser.offer(), policies);
    carrier.follow(offer);
    browser.take(await session.answerTo('caller', carrier.sdp(RTP_FORMATS.pcma)));
    await browser.opened();
    await events.connected.waitFor(1);
    const payloadType = eventTypeIn(offer, 8000);
    for (const [index, end] of [false, true, true, true].entries())
      carrier.send({
        ...{ payloadType, ssrc: 7, timestamp: 50_000, sequence: 1 + index, marker: index === 0 },
        payload: event(12_000, end),
      });
    await browser.rtp.waitFor(3, isEnd);
    const told = browser.rtp.items.filter(({ payload }) => payload.length === 4);
    const [start, then] = [...new Set(told.map(({ timestamp }) => timestamp))];
    expect(((then ?? 0) - (start ?? 0)) >>> 0).toBe(0xffff);
    expect(told.filter(({ marker }) => marker)).toHaveLength(1);
    const full = told.filter(({ payload }) => payload.readUInt16BE(2) === 0xffff);
    expect(full).toHaveLength(3);
    expect(full.some(isEnd)).toBe(false);
    expect(told.at(-1)!.payload.readUInt16BE(2)).toBe(72_000 - 0xffff);
  });
});

describe('SRTP with keys in the SDP and RTCP on the port of RTP', () => {
  it('protects both on one port', async () => {
    const call = await dialSecured(engine, { srtp: 'required', rtcpMux: true });
    expect(call.offered).toContain('a=rtcp-mux\r\n');
    call.moreLines = ['a=rtcp-mux'];
    await answerSecured(call, 'AES_CM_128_HMAC_SHA1_80', 'RTP/SAVP');
    await expectBothWays(call);
    const report = Buffer.from('80c9000100000005', 'hex');
    call.carrier.sendRaw(call.carrier.protection!.sender.rtcp(report));
    // Reports are sent within 7.5 s.
    const [ours] = await call.carrier.rtcp.waitFor(1);
    expect(ours?.readUInt8(1)).toBe(200);
    expect((await call.session.statistics()).callee.packetsRejected).toBe(0);
    // The same without protection is none of the carrier's.
    call.carrier.sendRaw(report);
    await expect.poll(async () => (await call.session.statistics()).callee.packetsRejected).toBe(1);
    const told = await call.events.rejections.waitFor(1);
    expect(told).toMatchObject([{ cause: 'unauthentic' }]);
  });
});
