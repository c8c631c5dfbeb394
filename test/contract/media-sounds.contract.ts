import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { createDecoder } from '../../gateway/media/codecs/create-codec.js';
import type { CodecName, LegName, Sound } from '../../gateway/media/media-engine.js';
import {
  ALL_CODECS,
  audio,
  lines,
  openBrowser,
  openCarrier,
  openSession,
  placeCall,
  policy,
  RTP_FORMATS,
  SessionEvents,
} from '../support/media-rig.js';
import { Inbox, type ReceivedRtp } from '../support/media-rtp-peer.js';
import { hearTone, tone } from '../support/tone.js';
import { linearBytes, wavFile } from '../support/wav.js';
import type { EngineUnderTest, Suite } from './engine-under-test.js';
import { carry } from './speaker.js';

const PAYLOAD_TYPES: Record<CodecName, number> = {
  ...{ opus: 111, g722: 9, pcmu: 0, pcma: 8, 'l16-8000': 118, 'l16-16000': 119 },
};
const RINGBACK: Sound = { kind: 'tone', tone: 'ringback', country: 'DE' };

function stepOf(codec: CodecName): number {
  return codec === 'opus' ? 960 : 160;
}

/** One stream without a gap, in which the frequency is heard. */
async function expectSound(
  engine: EngineUnderTest,
  inbox: Inbox<ReceivedRtp>,
  { codec, hz }: { codec: CodecName; hz: number },
): Promise<void> {
  const packets = [...inbox.items];
  for (const [index, packet] of packets.slice(1).entries()) {
    const before = packets[index];
    expect(packet.payloadType).toBe(PAYLOAD_TYPES[codec]);
    expect((packet.sequence - (before?.sequence ?? 0)) & 0xffff).toBe(1);
    const step = (packet.timestamp - (before?.timestamp ?? 0)) >>> 0;
    // libwebrtc adds what it takes to begin with Opus.
    if (engine.decodes !== true) expect(step % stepOf(codec), 'whole packets of time').toBe(0);
  }
  if (engine.decodes !== true) {
    const steady = soundOf(packets, codec);
    const { amplitude } = hearTone(
      steady.subarray(steady.length / 10),
      hz,
      createDecoder(codec, 'g722').sampleRate,
    );
    expect(amplitude).toBeGreaterThan(3000);
    return;
  }
  // Silence comes before it.
  await expect
    .poll(() => loudest(soundOf(inbox.items, codec), hz, createDecoder(codec, 'g722').sampleRate), {
      timeout: 15_000,
    })
    .toBeGreaterThan(3000);
}

function soundOf(packets: readonly ReceivedRtp[], codec: CodecName): Int16Array {
  const decoder = createDecoder(codec, 'g722');
  const pcm = new Int16Array(5760);
  return Int16Array.from(
    packets.flatMap(({ payload }) => [...pcm.subarray(0, decoder.decode(payload, pcm))]),
  );
}

/** The most that is heard of a tone in any 50 ms. */
function loudest(pcm: Int16Array, hz: number, sampleRate: number): number {
  const length = sampleRate / 20;
  const pieces = Array.from({ length: Math.floor(pcm.length / length) }, (_, index) =>
    hearTone(pcm.subarray(index * length, (index + 1) * length), hz, sampleRate),
  );
  return Math.max(0, ...pieces.map(({ amplitude }) => amplitude));
}

function inFile(name: string, content: Buffer, run: (path: string) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), 'copperline-sounds-'));
  const path = join(folder, name);
  writeFileSync(path, content);
  return run(path).finally(() => {
    rmSync(folder, { recursive: true });
  });
}

class PlayedEvents extends SessionEvents {
  readonly played = new Inbox<LegName>();
  override readonly handlers = {
    onConnected: (leg: LegName) => {
      this.connected.push(leg);
    },
    onDigit: () => undefined,
    onFailed: () => undefined,
    onRejected: () => undefined,
    onQuality: () => undefined,
    onPlayed: (leg: LegName) => {
      this.played.push(leg);
    },
  };
}

export function soundCases(suite: Suite): void {
  for (const codec of ALL_CODECS) {
    suite.test(`plays a tone to both legs in ${codec}, in place of the other leg`, async () => {
      const { session, browser, carrier } = await placeCall(suite.shared().engine, codec);
      const type = PAYLOAD_TYPES[codec];
      await session.play('callee', RINGBACK);
      await session.play('caller', RINGBACK);
      await carrier.rtp.waitFor(20);
      await browser.rtp.waitFor(20);
      await expectSound(suite.shared(), carrier.rtp, { codec, hz: 425 });
      await expectSound(suite.shared(), browser.rtp, { codec, hz: 425 });
      const stray = { payloadType: type, sequence: 5, timestamp: 0, ssrc: 9, bytes: 160 };
      for (const packet of audio(3, stray)) carrier.send(packet);
      await expect
        .poll(async () => (await session.statistics()).callee.packetsReceived)
        .toBeGreaterThan(2);
      await expectSound(suite.shared(), browser.rtp, { codec, hz: 425 });
    });
  }

  suite.test('goes back to the other leg without a jump when a sound is stopped', async () => {
    const { session, browser, carrier } = await placeCall(suite.shared().engine, 'pcma');
    const run = { payloadType: 8, sequence: 1, timestamp: 7000, ssrc: 5 };
    await carry(suite.shared(), audio(3, run), { from: carrier, to: browser });
    await session.play('caller', RINGBACK);
    await browser.rtp.waitFor(13);
    await session.stopPlaying('caller');
    const isOurs = (packet: ReceivedRtp): boolean => packet.payload[0] === packet.payload[159];
    let next = { ...run, sequence: 100, timestamp: 11_000 };
    // The sound ends with its next packet: until then what the carrier sends is not heard.
    while (browser.rtp.items.filter(isOurs).length < 8) {
      const before = browser.rtp.items.length;
      for (const packet of audio(1, next)) carrier.send(packet);
      next = { ...next, sequence: next.sequence + 1, timestamp: next.timestamp + 160 };
      await browser.rtp.waitFor(before + 1);
    }
    const all = browser.rtp.items;
    expect(new Set(all.map((packet) => packet.ssrc)).size).toBe(1);
    for (const [index, packet] of all.slice(1).entries()) {
      expect((packet.sequence - all[index]!.sequence) & 0xffff).toBe(1);
      const step = (packet.timestamp - all[index]!.timestamp) >>> 0;
      expect(step).toBeGreaterThanOrEqual(160);
      expect(step, 'no jump').toBeLessThan(4000);
    }
  });

  suite.test('plays a file once, tells its end, and another again and again', async () => {
    const events = new PlayedEvents();
    const session = await openSession(suite.shared().engine, events);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const policies = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcma']) };
    carrier.follow(await session.offerTo('callee', await browser.offer(), policies));
    browser.take(await session.answerTo('caller', carrier.sdp(RTP_FORMATS.pcma)));
    const wave = tone({ hz: 600, sampleRate: 16_000, samples: 3200 });
    const file = wavFile({ data: linearBytes(wave), sampleRate: 16_000 });
    await inFile('once.wav', file, async (path) => {
      await session.play('callee', { kind: 'file', path, repeat: false });
      await events.played.waitFor(1);
      await carrier.rtp.waitFor(10);
      await expectSound(suite.shared(), carrier.rtp, { codec: 'pcma', hz: 600 });
      await session.play('callee', { kind: 'file', path, repeat: true });
      await carrier.rtp.waitFor(31);
      expect(events.played.items).toEqual(['callee']);
    });
  });

  suite.test('refuses a file that is no WAV file, by name, and the call goes on', async () => {
    const { session, browser, carrier } = await placeCall(suite.shared().engine, 'pcmu');
    await inFile('letter.wav', Buffer.from('Dear Sir or Madam'), async (path) => {
      const refused = session.play('callee', { kind: 'file', path, repeat: true });
      await expect(refused).rejects.toMatchObject({
        code: 'CL_MEDIA_SOUND_FILE',
        sentence: `The sound file ${path} is no WAV file: it does not begin with RIFF and WAVE.`,
      });
    });
    const missing = session.play('callee', { kind: 'file', path: '/nowhere.wav', repeat: true });
    await expect(missing).rejects.toMatchObject({ code: 'CL_MEDIA_SOUND_FILE' });
    const run = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
    await carry(suite.shared(), audio(3, run), { from: carrier, to: browser });
  });

  suite.test('plays ringback to a caller whose callee has no media yet', async () => {
    const session = await openSession(suite.shared().engine);
    const [browser, carrier] = [openBrowser(), await openCarrier()];
    const policies = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcma']) };
    const offer = await browser.offer();
    await session.play('caller', RINGBACK);
    carrier.follow(await session.offerTo('callee', offer, policies));
    const alone = await session.answerAlone('caller', offer, policies.from);
    browser.take(alone);
    await browser.opened();
    await browser.rtp.waitFor(20);
    await expectSound(suite.shared(), browser.rtp, { codec: 'opus', hz: 425 });
    await session.stopPlaying('caller');
    expect(await session.answerTo('caller', carrier.sdp(RTP_FORMATS.pcma))).toBe(alone);
    expect(lines(alone, 'm=audio')[0]).toMatch(/ 111 110$/);
    browser.rtp.clear();
    const run = { payloadType: 8, sequence: 1, timestamp: 0, ssrc: 5 };
    await expect
      .poll(async () => {
        for (const packet of audio(1, run)) carrier.send(packet);
        run.sequence += 1;
        run.timestamp += 160;
        return (await session.statistics()).callee.packetsReceived;
      })
      .toBeGreaterThan(3);
    await browser.rtp.waitFor(2);
  });

  suite.test('plays an announcement to a caller who is never connected', async () => {
    const session = await openSession(suite.shared().engine);
    const browser = openBrowser();
    const offer = await browser.offer();
    browser.take(await session.answerAlone('caller', offer, policy('webrtc', ['pcma'])));
    await browser.opened();
    await session.play('caller', { kind: 'tone', tone: 'busy', country: 'US' });
    await browser.rtp.waitFor(20);
    await expectSound(suite.shared(), browser.rtp, { codec: 'pcma', hz: 480 });
  });
}
