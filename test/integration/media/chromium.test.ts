import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CodecName, MediaSession } from '../../../gateway/media/media-engine.js';
import type { RelayEngine } from '../../../gateway/media/workers/relay-engine.js';
import { candidatePort, throughCandidate } from '../../support/candidate-sdp.js';
import { LossyForwarder } from '../../support/lossy-forwarder.js';
import { ChromiumCaller } from '../../support/media-chromium-call.js';
import {
  ALL_CODECS,
  closeOpened,
  openCarrier,
  openSession,
  policy,
  RTP_FORMATS,
  SessionEvents,
} from '../../support/media-rig.js';
import type { ReceivedRtp, RtpPeer } from '../../support/media-rtp-peer.js';
import { openRelay } from '../../support/relay-on-loopback.js';

const HOST = '127.0.0.1';

interface ChromiumCall {
  session: MediaSession;
  carrier: RtpPeer;
  events: SessionEvents;
  connectedInMs: number;
}

/** What a browser hides its addresses behind when no permission was given. */
function withMdnsNames(offer: string): string {
  const name = '5d1e2f30-8a7b-4c6d-9e0f-112233445566.local';
  return offer.replace(/^(a=candidate:\S+ \d \S+ \d+) \S+/gm, `$1 ${name}`);
}

describe('a real Chromium calls through the relay', () => {
  let chromium: ChromiumCaller;
  let engine: RelayEngine;

  beforeAll(async () => {
    engine = await openRelay();
    chromium = await ChromiumCaller.start();
  });

  afterEach(async () => {
    await closeOpened();
    expect(await engine.counts()).toEqual({ sessions: 0, ports: 0, workers: 1 });
  });

  afterAll(async () => {
    await chromium.close();
    await engine.close();
  });

  /** The carrier sends back whatever it hears. */
  async function call(
    codec: CodecName,
    bend: (offer: string) => string = (offer) => offer,
    bendAnswer: (answer: string) => Promise<string> | string = (answer) => answer,
  ): Promise<ChromiumCall> {
    const events = new SessionEvents();
    const session = await openSession(engine, events);
    const carrier = await openCarrier();
    const policies = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', [codec]) };
    const offer = bend(await chromium.offer());
    carrier.follow(await session.offerTo('callee', offer, policies));
    carrier.echo = true;
    const answer = await session.answerTo('caller', carrier.sdp(RTP_FORMATS[codec]));
    return {
      session,
      carrier,
      events,
      connectedInMs: await chromium.connect(await bendAnswer(answer)),
    };
  }

  for (const [codec, mime] of [
    ['opus', 'audio/opus'],
    ['pcmu', 'audio/PCMU'],
    ['g722', 'audio/G722'],
  ] as const) {
    it(`is heard and hears with ${codec}`, async () => {
      const { session, carrier, events } = await call(codec);
      await carrier.rtp.waitFor(150);
      const heard = await chromium.statistics();
      expect(heard).toMatchObject({ connectionState: 'connected', codec: mime, packetsLost: 0 });
      expect(heard.packetsReceived).toBeGreaterThan(100);
      expect(heard.totalAudioEnergy, 'it hears its own beeps').toBeGreaterThan(0.0001);
      expect(events.connected.items).toEqual(['caller', 'callee']);
      const statistics = await session.statistics();
      for (const leg of [statistics.caller, statistics.callee]) {
        expect(leg).toMatchObject({ codec, packetsLost: 0, packetsRejected: 0 });
      }
      await chromium.hangUp();
    });
  }

  for (const codec of ['opus', 'pcmu'] as const) {
    it(`dials digits with ${codec}: each once, well timed, audio unbroken`, async () => {
      const { carrier, events } = await call(codec);
      await carrier.rtp.waitFor(25);
      await chromium.press('159*#D', 100, 70);
      const dialled = await events.digits.waitFor(6, (report) => report.from === 'caller');
      expect(dialled.map((report) => report.digit).join('')).toBe('159*#D');
      const clock = codec === 'opus' ? 48_000 : 8000;
      const isEvent = (packet: ReceivedRtp): boolean => packet.payload.length === 4;
      const isEnd = (packet: ReceivedRtp): boolean =>
        isEvent(packet) && (packet.payload.readUInt8(1) & 0x80) !== 0;
      await carrier.rtp.waitFor(18, isEnd);
      const ends = carrier.rtp.items.filter(isEnd);
      for (const end of ends) {
        const durationMs = (end.payload.readUInt16BE(2) * 1000) / clock;
        expect(Math.abs(durationMs - 100)).toBeLessThanOrEqual(20);
      }
      const markers = carrier.rtp.items.filter((packet) => isEvent(packet) && packet.marker);
      expect(markers.map((packet) => packet.payload[0])).toEqual([1, 5, 9, 10, 11, 15]);
      await carrier.rtp.waitFor(carrier.rtp.items.length + 10);
      const packets = carrier.rtp.items;
      for (const [index, packet] of packets.entries()) {
        const before = packets[index - 1];
        if (before === undefined) continue;
        expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
        const moved = (packet.timestamp - before.timestamp) | 0;
        expect(Math.abs(moved), 'no timestamp jump').toBeLessThan(clock / 2);
      }
      await chromium.hangUp();
    });
  }

  it('talks on after an ICE restart, the carrier none the wiser', async () => {
    const { session, carrier, events } = await call('opus');
    await carrier.rtp.waitFor(25);
    const before = carrier.rtp.items.at(-1)!;
    const answer = await session.renewWithOffer('caller', await chromium.restart());
    await chromium.take(answer);
    const count = carrier.rtp.items.length;
    await carrier.rtp.waitFor(count + 100);
    const packets = carrier.rtp.items;
    expect(new Set(packets.map(({ ssrc }) => ssrc))).toEqual(new Set([before.ssrc]));
    const heard = await chromium.statistics();
    expect(heard.connectionState).toBe('connected');
    expect(heard.packetsReceived, 'before the restart and after').toBeGreaterThan(75);
    expect(events.failures.items).toEqual([]);
    await chromium.hangUp();
  });

  it('talks on when a NAT gives it another port, without an ICE restart', async () => {
    let way: LossyForwarder | undefined;
    const { carrier, events } = await call('pcmu', undefined, async (answer) => {
      way = await LossyForwarder.open({ host: HOST, target: candidatePort(answer), seed: 1 });
      return throughCandidate(answer, `${HOST} ${way.port}`);
    });
    try {
      await carrier.rtp.waitFor(50);
      way?.forget();
      // What is on its way now is lost; the next check, within some 2.5 s, is answered where it comes from.
      const { packetsReceived } = await chromium.statistics();
      const count = carrier.rtp.items.length;
      await carrier.rtp.waitFor(count + 100);
      await expect
        .poll(async () => (await chromium.statistics()).packetsReceived)
        .toBeGreaterThan(packetsReceived + 100);
      expect(events.failures.items).toEqual([]);
      await chromium.hangUp();
    } finally {
      way?.close();
    }
  });

  it('connects although its addresses are hidden behind mDNS names', async () => {
    const { carrier, connectedInMs } = await call('pcmu', withMdnsNames);
    await carrier.rtp.waitFor(10);
    expect(connectedInMs).toBeLessThan(2000);
    await chromium.hangUp();
  });

  it('connects although its offer has no candidates at all', async () => {
    const { carrier } = await call('opus', (offer) => offer.replace(/^a=candidate:.*\r\n/gm, ''));
    await carrier.rtp.waitFor(10);
    await chromium.hangUp();
  });
});
