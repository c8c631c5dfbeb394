import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RtpengineEngine } from '../../../gateway/media/rtpengine/rtpengine-engine.js';
import { ChromiumCaller } from '../../support/media-chromium-call.js';
import {
  ALL_CODECS,
  answerFormats,
  closeOpened,
  openCarrier,
  openSession,
  policy,
  SessionEvents,
} from '../../support/media-rig.js';
import { rtpengineMissing, type RtpengineDaemon } from '../../support/rtpengine-daemon.js';
import { freeListenAddress, openRtpengine } from '../../support/rtpengine-on-loopback.js';

const missing = rtpengineMissing();
const PATIENCE = { timeout: 45_000, interval: 200 };

describe.skipIf(missing !== undefined)(`Chromium calls through rtpengine ${missing ?? ''}`, () => {
  let daemon: RtpengineDaemon;
  let engine: RtpengineEngine;
  let chromium: ChromiumCaller;

  beforeAll(async () => {
    ({ daemon, engine } = await openRtpengine({ reports: await freeListenAddress() }));
    chromium = await ChromiumCaller.start();
  });
  afterEach(async () => {
    await closeOpened();
    expect(await engine.counts()).toMatchObject({ sessions: 0, ports: 0 });
  });
  afterAll(async () => {
    await chromium.close();
    await engine.close();
    await daemon.stop();
  });

  it('hears a tone of ours, then the carrier, and its reports are read', async () => {
    const session = await openSession(engine, new SessionEvents());
    const carrier = await openCarrier();
    const policies = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcmu']) };
    const offer = await chromium.offer();
    const asked = await session.offerTo('callee', offer, policies);
    carrier.follow(asked);
    const energy = async (): Promise<number> => (await chromium.statistics()).totalAudioEnergy;
    const alone = await session.answerAlone('caller', offer, policies.from);
    await session.play('caller', { kind: 'tone', tone: 'ringback', country: 'DE' });
    await chromium.connect(alone);
    await expect.poll(energy, PATIENCE).toBeGreaterThan(0.0001);
    expect(await session.answerTo('caller', carrier.sdp(answerFormats(asked, 'pcmu')))).toBe(alone);
    await session.stopPlaying('caller');
    const rung = await energy();
    // It hears its own beeps.
    carrier.echo = true;
    await expect.poll(energy, PATIENCE).toBeGreaterThan(rung + 0.0001);
    await expect
      .poll(async () => (await session.statistics()).caller.quality, PATIENCE)
      .toMatchObject({
        sent: { mos: expect.any(Number) as number },
        received: { mos: expect.any(Number) as number },
        problem: undefined,
      });
    expect((await session.statistics()).caller.codec).toBe('opus');
    await chromium.hangUp();
  }, 120_000);
});
