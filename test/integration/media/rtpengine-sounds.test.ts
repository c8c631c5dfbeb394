import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDecoder } from '../../../gateway/media/codecs/create-codec.js';
import type { CodecName, Sound } from '../../../gateway/media/media-engine.js';
import type { RtpengineEngine } from '../../../gateway/media/rtpengine/rtpengine-engine.js';
import {
  ALL_CODECS,
  answerFormats,
  audio,
  closeOpened,
  lines,
  openBrowser,
  openCarrier,
  openSession,
  placeCall,
  policy,
  sendInStep,
} from '../../support/media-rig.js';
import type { ReceivedRtp } from '../../support/media-rtp-peer.js';
import { rtpengineMissing, type RtpengineDaemon } from '../../support/rtpengine-daemon.js';
import { openRtpengine } from '../../support/rtpengine-on-loopback.js';
import { hearTone, tone } from '../../support/tone.js';
import { linearBytes, wavFile } from '../../support/wav.js';

const missing = rtpengineMissing();
const BUSY: Sound = { kind: 'tone', tone: 'busy', country: 'DE' };
const RINGBACK: Sound = { kind: 'tone', tone: 'ringback', country: 'DE' };
const RUN = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };

describe.skipIf(missing !== undefined)(`sounds of rtpengine ${missing ?? ''}`, () => {
  let daemon: RtpengineDaemon;
  let engine: RtpengineEngine;
  let folder: string;

  beforeAll(async () => {
    ({ daemon, engine } = await openRtpengine());
    folder = mkdtempSync(join(tmpdir(), 'copperline-sounds-'));
  });
  afterEach(async () => {
    await closeOpened();
    expect(await engine.counts()).toMatchObject({ sessions: 0, ports: 0 });
  });
  afterAll(async () => {
    await engine.close();
    await daemon.stop();
    rmSync(folder, { recursive: true });
  });

  it('goes back to the other leg when a sound is stopped, which has a stream of its own', async () => {
    const { session, browser, carrier } = await placeCall(engine);
    await sendInStep(audio(3, RUN), carrier, browser);
    const theirs = browser.rtp.items[0]?.ssrc;
    const isSound = ({ ssrc }: ReceivedRtp): boolean => ssrc !== theirs;
    await session.play('caller', BUSY);
    const sound = await browser.rtp.waitFor(5, isSound);
    for (const packet of audio(5, { ...RUN, sequence: 4, timestamp: 480 })) carrier.send(packet);
    await expect
      .poll(async () => (await session.statistics()).callee.packetsReceived)
      .toBeGreaterThanOrEqual(8);
    await browser.rtp.waitFor(sound.length + 5, isSound);
    expect(browser.rtp.items.filter((packet) => !isSound(packet))).toHaveLength(3);
    await session.stopPlaying('caller');
    await session.stopPlaying('caller');
    for (const packet of audio(3, { ...RUN, sequence: 9, timestamp: 1280 })) carrier.send(packet);
    await browser.rtp.waitFor(6, (packet) => !isSound(packet));
    const played = browser.rtp.items.filter(isSound).length;
    await session.play('caller', BUSY);
    expectWhole(await browser.rtp.waitFor(played + 5, isSound));
  });

  it.each(['g722', 'opus'] as const)(
    'loses nothing in %s where a piece of a file follows another',
    async (codec) => {
      const { session, carrier } = await placeCall(engine, codec);
      const path = join(folder, `${codec}.wav`);
      const sampleRate = 16_000;
      const wave = tone({ hz: 600, sampleRate, samples: sampleRate });
      writeFileSync(path, wavFile({ data: linearBytes(wave), sampleRate }));
      await session.play('callee', { kind: 'file', path, repeat: true });
      // A piece holds 3.75 s at most.
      const packets = await carrier.rtp.waitFor(250);
      expectWhole(packets);
      expect(loudness(packets.slice(0, 100), codec)).toBeGreaterThan(4000);
      expect(loudness(packets.slice(-50), codec)).toBeGreaterThan(4000);
    },
  );

  it('lets a caller who was answered alone hear a tone until a callee answers', async () => {
    const session = await openSession(engine);
    const [browser, first, second] = [openBrowser(), await openCarrier(), await openCarrier()];
    const offer = await browser.offer();
    const policies = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcma']) };
    const alone = await session.answerAlone('caller', offer, policies.from);
    expect(lines(alone, 'm=audio')[0]).toMatch(/ 111 110$/);
    browser.take(alone);
    await browser.opened();
    await session.play('caller', RINGBACK);
    await browser.rtp.waitFor(10);
    const ports: string[] = [];
    for (const carrier of [first, second]) {
      const asked = await session.offerTo('callee', offer, policies);
      carrier.follow(asked);
      ports.push(String(lines(asked, 'm=audio')[0]));
      await browser.rtp.waitFor(browser.rtp.items.length + 10);
    }
    expect(new Set(ports).size, 'ports of its own for each route').toBe(2);
    expectWhole(browser.rtp.items);
    const formats = { payloadTypes: '8', lines: [] };
    expect(await session.answerTo('caller', second.sdp(formats))).toBe(alone);
    await browser.rtp.waitFor(browser.rtp.items.length + 5);
    await session.stopPlaying('caller');
    expect((await engine.counts()).ports).toBe(3);
    const heard = browser.rtp.items.length;
    const run = { ...RUN, payloadType: 8 };
    await expect
      .poll(
        () => {
          for (const packet of audio(1, run)) second.send(packet);
          run.sequence += 1;
          run.timestamp += 160;
          return browser.rtp.items.length;
        },
        { timeout: 20_000 },
      )
      .toBeGreaterThan(heard + 5);
    const { caller, callee } = await session.statistics();
    expect([caller.codec, callee.codec]).toEqual(['opus', 'pcma']);
  });

  it('plays to who is held, and nothing to who holds', async () => {
    const { session, browser, carrier, browserOffer } = await placeCall(engine);
    const policies = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcmu']) };
    const reoffer = async (direction: string, answer: string): Promise<void> => {
      const held = browserOffer.replace('a=sendrecv', `a=${direction}`);
      const asked = await session.offerTo(
        'callee',
        `${held}a=x-version:${direction}\r\n`,
        policies,
      );
      const formats = answerFormats(asked, 'pcmu');
      await session.answerTo('caller', carrier.sdp({ ...formats, direction: answer }));
    };
    await reoffer('sendonly', 'recvonly');
    await session.play('callee', BUSY);
    await session.play('caller', BUSY);
    await carrier.rtp.waitFor(20);
    expect(browser.rtp.items).toEqual([]);
    await session.stopPlaying('callee');
    // What the caller hears begins when it takes audio again.
    await reoffer('sendrecv', 'sendrecv');
    await browser.rtp.waitFor(20);
    await session.stopPlaying('caller');
    await sendInStep(audio(2, { ...RUN, ssrc: 9 }), browser, carrier);
  });
});

/** One stream in which nothing is missing and time goes on. */
function expectWhole(packets: readonly ReceivedRtp[]): void {
  expect(new Set(packets.map(({ ssrc }) => ssrc)).size).toBe(1);
  for (const [index, packet] of packets.slice(1).entries()) {
    const before = packets[index]!;
    expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
    const step = (packet.timestamp - before.timestamp) | 0;
    expect(step).toBeGreaterThan(0);
    expect(step, 'less than a second').toBeLessThan(48_000);
  }
}

function loudness(packets: readonly ReceivedRtp[], codec: CodecName): number {
  const decoder = createDecoder(codec, 'g722');
  const pcm = new Int16Array(5760);
  const samples = packets.flatMap(({ payload }) => [
    ...pcm.subarray(0, decoder.decode(payload, pcm)),
  ]);
  const steady = Int16Array.from(samples.slice(samples.length / 10));
  return hearTone(steady, 600, decoder.sampleRate).amplitude;
}
