import { expect } from 'vitest';
import { candidatePort, throughCandidate } from '../support/candidate-sdp.js';
import { LossyForwarder } from '../support/lossy-forwarder.js';
import {
  ALL_CODECS,
  audio,
  openBrowser,
  openCarrier,
  openSession,
  placeCall,
  policy,
  RTP_FORMATS,
  SessionEvents,
  type Call,
} from '../support/media-rig.js';
import { rtpPacket } from '../support/media-rtp-peer.js';
import type { EngineUnderTest, Suite } from './engine-under-test.js';
import { BAD_RTCP, FOREIGN_RTCP, GARBAGE, rejectedBy } from './hostile-packets.js';
import { expectNextCall } from './reporting-talker.js';
import { carry } from './speaker.js';

const HOST = '127.0.0.1';
const RUN = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
const BACK = { ...RUN, ssrc: 8 };
const FOREIGN_TYPES = [18, 96, 127];

/** DTLS record types are 20 to 63 (RFC 7983 section 7). */
const isDtls = (packet: Buffer): boolean =>
  packet.length > 0 && packet[0]! >= 20 && packet[0]! < 64;

/** A call whose carrier has been heard. */
async function begun(engine: EngineUnderTest): Promise<Call> {
  const call = await placeCall(engine.engine);
  await carry(engine, audio(3, RUN), { from: call.carrier, to: call.browser });
  return call;
}

/** The call goes on both ways. */
async function goesOn(
  engine: EngineUnderTest,
  { carrier, browser }: Pick<Call, 'carrier' | 'browser'>,
  sequence = 4,
): Promise<void> {
  const next = audio(3, { ...RUN, sequence, timestamp: 160 * sequence });
  await carry(engine, next, { from: carrier, to: browser });
  await carry(engine, audio(3, BACK), { from: browser, to: carrier });
}

function sendForeign({ carrier }: Call): void {
  for (const payloadType of FOREIGN_TYPES)
    for (const packet of audio(2, { ...RUN, payloadType, sequence: 4 })) carrier.send(packet);
  const [misled] = audio(1, { ...RUN, sequence: 10 });
  carrier.sendRtcp(rtpPacket(misled!));
}

function sendBrokenRtcp({ carrier, browser }: Call): void {
  for (const packet of [...BAD_RTCP, ...FOREIGN_RTCP]) carrier.sendRtcp(packet);
  for (const packet of FOREIGN_RTCP) browser.sendRtcp(packet);
}

/** Timestamps that jump, then another source with every packet. */
const WILD = [
  ...[0, 0xffff_ffff, 5, 0x8000_0000, 160, 0x7fff_ffff, 160].flatMap((timestamp, index) =>
    audio(1, { ...RUN, sequence: 1 + index, timestamp }),
  ),
  ...[10, 11, 12, 13, 14, 15, 16, 17, 18, 19].flatMap((ssrc) =>
    audio(1, { ...RUN, sequence: ssrc * 999, timestamp: ssrc, ssrc }),
  ),
];

export function brokenCases({ test, lesser, shared }: Suite): void {
  lesser(
    'survives garbage and truncated RTP from the carrier itself',
    'counts garbage and truncated RTP from the carrier itself, and names it once',
    async () => {
      const call = await begun(shared());
      for (const junk of GARBAGE) call.carrier.sendRaw(junk);
      await goesOn(shared(), call);
    },
  );

  test('counts garbage and truncated RTP from the carrier itself, and names it once', async () => {
    const call = await begun(shared());
    for (const junk of GARBAGE) call.carrier.sendRaw(junk);
    await expect.poll(() => rejectedBy(call, 'callee')).toBe(GARBAGE.length);
    await expect
      .poll(() => call.events.rejections.items)
      .toMatchObject([{ leg: 'callee', cause: 'unreadable' }]);
    await goesOn(shared(), call);
    if (shared().decodes !== true) expect(call.browser.rtp.items).toHaveLength(6);
  });

  lesser(
    'survives broken RTCP and steps over what it does not use',
    'counts broken RTCP, and passes on none that it does not use',
    async () => {
      const call = await begun(shared());
      sendBrokenRtcp(call);
      await goesOn(shared(), call);
    },
  );

  test('counts broken RTCP, and passes on none that it does not use', async () => {
    const call = await begun(shared());
    sendBrokenRtcp(call);
    await expect.poll(() => rejectedBy(call, 'callee')).toBe(BAD_RTCP.length);
    await goesOn(shared(), call);
    expect(await rejectedBy(call, 'caller')).toBe(0);
    expect(call.browser.rtcp.items.some((packet) => packet.readUInt8(1) === 203)).toBe(false);
  });

  lesser(
    'survives payload types that were never agreed, and RTP on the port of RTCP',
    'counts payload types that were never agreed, and RTP on the port of RTCP',
    async () => {
      const call = await begun(shared());
      sendForeign(call);
      await goesOn(shared(), call, 12);
    },
  );

  test('counts payload types that were never agreed, and RTP on the port of RTCP', async () => {
    const call = await begun(shared());
    sendForeign(call);
    await expect.poll(() => rejectedBy(call, 'callee')).toBe(7);
    const which = 'A packet has payload type 18, which was not agreed (0, 101 were).';
    expect(call.events.rejections.items).toMatchObject([
      { leg: 'callee', cause: 'payload-type', sentence: which },
      { leg: 'callee', cause: 'unreadable' },
    ]);
    await goesOn(shared(), call, 12);
  });

  lesser(
    'survives wild timestamps and a source that changes with every packet',
    'keeps one stream through wild timestamps and a source that changes with every packet',
    async () => {
      const call = await placeCall(shared().engine);
      for (const packet of WILD) call.carrier.send(packet);
      await expectNextCall(shared());
    },
  );

  test('keeps one stream through wild timestamps and a source that changes with every packet', async () => {
    const call = await placeCall(shared().engine);
    for (const packet of WILD)
      await carry(shared(), [packet], { from: call.carrier, to: call.browser });
    const heard = call.browser.rtp.items;
    expect(new Set(heard.map(({ ssrc }) => ssrc)).size).toBe(1);
    for (const [index, packet] of heard.slice(1).entries()) {
      expect((packet.sequence - heard[index]!.sequence) & 0xffff).toBe(1);
      expect(Math.abs((packet.timestamp - heard[index]!.timestamp) | 0)).toBeLessThan(16_000);
    }
  });

  test('connects a browser and keeps its call amid DTLS in pieces and halves', async () => {
    const events = new SessionEvents();
    const session = await openSession(shared().engine, events);
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
      const promising = Buffer.from('17fefd0001000000000001ffff00', 'hex');
      let sent = false;
      forwarder.bend = (packet) => {
        if (sent) return [packet];
        sent = true;
        return [alert, alert.subarray(0, 7), promising, packet];
      };
      await goesOn(shared(), { carrier, browser }, 1);
      expect(events.failures.items).toEqual([]);
    } finally {
      forwarder.close();
    }
  });
}
