import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../gateway/kernel/clock.js';
import { silentLog } from '../../gateway/kernel/log.js';
import type { RelayEngine } from '../../gateway/media/workers/relay-engine.js';
import { createRelayEngine } from '../../gateway/media/workers/relay-engine.js';
import { candidatePort, throughCandidate } from '../support/candidate-sdp.js';
import { LossyForwarder } from '../support/lossy-forwarder.js';
import {
  ALL_CODECS,
  audio,
  closeOpened,
  eventTypeIn,
  openBrowser,
  openCarrier,
  openSession,
  placeCall,
  policy,
  RTP_FORMATS,
  sendInStep,
  SessionEvents,
} from '../support/media-rig.js';
import { rtpPacket, type ReceivedRtp } from '../support/media-rtp-peer.js';
import { answerSecured, dialSecured, expectBothWays } from './media-srtp.contract.js';

const RUN = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
const HOST = '127.0.0.1';

const open = (timeoutMs: number): Promise<RelayEngine> =>
  createRelayEngine({
    workers: 1,
    browser: { host: HOST, port: 0 },
    carrier: { host: HOST, ports: undefined },
    ...{ timeoutMs, log: silentLog, clock: systemClock },
  });

let engine: RelayEngine;
beforeAll(async () => {
  engine = await open(10_000);
});
afterEach(async () => {
  await closeOpened();
  expect(await engine.counts()).toMatchObject({ sessions: 0, ports: 0 });
});
afterAll(() => engine.close());

/** Another engine, in which silence ends a call soon. */
async function withShortTimeout(run: (engine: RelayEngine) => Promise<void>): Promise<void> {
  const impatient = await open(300);
  try {
    await run(impatient);
  } finally {
    await closeOpened();
    await impatient.close();
  }
}

/** DTLS record types are 20 to 63 (RFC 7983 section 7). */
const isDtls = (packet: Buffer): boolean =>
  packet.length > 0 && packet[0]! >= 20 && packet[0]! < 64;

describe('DTLS', () => {
  it('in pieces and halves does not keep a browser from coming up, nor end its call', async () => {
    const events = new SessionEvents();
    const session = await openSession(engine, events);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const policies = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcmu']) };
    carrier.follow(await session.offerTo('callee', await browser.offer(), policies));
    const answer = await session.answerTo('caller', carrier.sdp(RTP_FORMATS.pcmu));
    const target = candidatePort(answer);
    const forwarder = await LossyForwarder.open({ host: HOST, target, seed: 1 });
    let bent = 0;
    const pieces = (packet: Buffer): Buffer[] => [
      packet.subarray(0, 1),
      packet.subarray(0, 13),
      packet.subarray(0, packet.length >> 1),
      Buffer.concat([packet.subarray(0, packet.length - 1), Buffer.of(0xff)]).subarray(0, 40),
    ];
    forwarder.bend = (packet) => {
      if (!isDtls(packet)) return [packet];
      bent += 1;
      return [...pieces(packet), packet];
    };
    try {
      browser.take(throughCandidate(answer, `${HOST} ${forwarder.port}`));
      await browser.opened();
      await events.connected.waitFor(1);
      expect(bent).toBeGreaterThan(1);
      // In the call: an alert that nobody has signed, a record that is cut off, one that promises more than comes.
      const alert = Buffer.from('15fefd000000000000000900020100', 'hex');
      let sent = false;
      forwarder.bend = (packet) => {
        if (sent) return [packet];
        sent = true;
        return [
          alert,
          alert.subarray(0, 7),
          Buffer.from('17fefd0001000000000001ffff00', 'hex'),
          packet,
        ];
      };
      await sendInStep(audio(5, RUN), carrier, browser);
      await sendInStep(audio(5, { ...RUN, ssrc: 8 }), browser, carrier);
      expect(events.failures.items).toEqual([]);
    } finally {
      forwarder.close();
    }
  });
});

describe('one-way audio', () => {
  it('of a called browser that never sends ends the call, and is named', () =>
    withShortTimeout(async (impatient) => {
      const events = new SessionEvents();
      const session = await openSession(impatient, events);
      const [browser, carrier] = [openBrowser(), await openCarrier()];
      const policies = { from: policy('rtp', ['pcmu']), to: policy('webrtc', ALL_CODECS) };
      const offered = await session.offerTo('callee', carrier.sdp(RTP_FORMATS.pcmu), policies);
      carrier.follow(await session.answerTo('caller', await browser.answer(offered)));
      await browser.opened();
      const [failure] = await events.failures.waitFor(1);
      expect(failure?.code).toBe('CL_MEDIA_TIMEOUT');
      expect(failure?.sentence).toMatch(
        /^No media came from the callee for 1\.2 s\. No packets from the browser since the answer: check media\.relay\.browser/,
      );
      expect((await session.statistics()).callee.packetsReceived).toBe(0);
    }));

  it('of a carrier that sends to the wrong port is counted and named once, and ends the call', () =>
    withShortTimeout(async (impatient) => {
      const { carrier, browser, session, events } = await placeCall(impatient);
      // RTP where RTCP belongs.
      for (const packet of audio(5, RUN)) carrier.sendRtcp(rtpPacket(packet));
      await expect.poll(async () => (await session.statistics()).callee.packetsRejected).toBe(5);
      const [failure] = await events.failures.waitFor(1);
      expect(failure?.sentence).toMatch(
        /^No media came from the callee for 1\.2 s\. No packets from the carrier since the answer/,
      );
      expect(events.rejections.items).toMatchObject([{ leg: 'callee', cause: 'unreadable' }]);
      expect(browser.rtp.items).toEqual([]);
    }));

  it("does not come of a carrier that sends into another call's port", async () => {
    const [one, other] = [await placeCall(engine), await placeCall(engine)];
    for (const { carrier, browser } of [one, other])
      await sendInStep(audio(3, RUN), carrier, browser);
    const astray = one.carrier;
    const own = astray.remotePort;
    astray.remotePort = other.carrier.remotePort;
    for (const packet of audio(4, { ...RUN, sequence: 4, timestamp: 480, ssrc: 99 }))
      astray.send(packet);
    await expect
      .poll(async () => (await other.session.statistics()).callee.packetsRejected)
      .toBe(4);
    const told = await other.events.rejections.waitFor(1);
    expect(told).toMatchObject([{ leg: 'callee', cause: 'stranger' }]);
    astray.remotePort = own;
    await sendInStep(audio(3, { ...RUN, sequence: 8, timestamp: 1120 }), astray, one.browser);
    const next = { ...RUN, sequence: 4, timestamp: 480 };
    await sendInStep(audio(3, next), other.carrier, other.browser);
    expect(other.browser.rtp.items).toHaveLength(6);
  });
});

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
