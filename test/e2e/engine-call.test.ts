import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema, type ConfigInput } from '../../gateway/config/schema.js';
import { launchChromium } from '../support/chromium.js';
import { DemoGateway } from '../support/demo-gateway.js';
import { LiveSoftphone } from '../support/live-softphone.js';
import { RtpengineDaemon, rtpengineMissing } from '../support/rtpengine-daemon.js';
import { writeToneWav } from '../support/tone-wav.js';
import { buildWebclient, type WebclientBuild } from '../support/webclient-build.js';

const TONE_HZ = 1000;

let folder: string;
let microphoneFile: string;
let build: WebclientBuild;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copperline-e2e-'));
  microphoneFile = join(folder, 'tone.wav');
  writeToneWav(microphoneFile, TONE_HZ);
  build = await buildWebclient();
});

afterAll(async () => {
  await build.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Chromium with Opus calls 600, which sends back what it hears, and presses keys at 700; then nothing is left. */
async function callOver(
  media: ConfigInput['media'],
  expected: { caller: string; callee: string },
): Promise<void> {
  const settings = configSchema.parse({
    ...{ sip: { domain: 'x' }, dialplan: { country: 'DE' }, media },
  });
  const gateway = await DemoGateway.start({
    ...{ webRoot: build.directory, codecs: ['pcma'], media: settings.media },
  });
  const browser = await launchChromium({ microphoneFile });
  const phone = await LiveSoftphone.open(browser, gateway.app.url, 'opus');
  await phone.dial('600', 'in-call');
  await expect
    .poll(async () => Math.round((await phone.strongestTone())?.frequencyHz ?? 0), {
      timeout: 10_000,
    })
    .toSatisfy((hz: number) => Math.abs(hz - TONE_HZ) < 20);
  await phone.hangUp();
  const reported = new Promise<string>((resolve) => {
    gateway.carrier.onReport(({ digits }) => {
      resolve(digits.map(({ digit }) => digit).join(''));
    });
  });
  await phone.dial('700', 'in-call');
  await phone.press('159#');
  expect(await reported).toBe('159#');
  await phone.hangUp();
  await phone.close();
  await expect
    .poll(() => gateway.app.counts())
    .toMatchObject({ calls: 0, media: { sessions: 0, ports: 0 } });
  const records = await gateway.close();
  const { caller, callee } = expected;
  expect(records).toMatchObject([
    { dialled: '600', media: { caller: { codec: caller }, callee: { codec: callee } } },
    { dialled: '700', media: { caller: { digitsReceived: 4 }, callee: { digitsSent: 4 } } },
  ]);
  await browser.close();
}

describe('Chromium hears itself, and its keys arrive', () => {
  it('through wrtc', () =>
    callOver(
      {
        engine: 'wrtc',
        wrtc: { browser: { ports: { min: 0, max: 0 } } },
        relay: { workers: 1, carrier: { ports: { min: 0, max: 0 } } },
      },
      { caller: 'opus', callee: 'pcma' },
    ));

  const missing = rtpengineMissing();
  it.skipIf(missing !== undefined)(`through rtpengine ${missing ?? ''}`, async () => {
    const port = await RtpengineDaemon.freePort();
    const daemon = await RtpengineDaemon.start(port);
    const daemons = [{ host: '127.0.0.1', port: daemon.port }];
    const media = {
      engine: 'rtpengine' as const,
      rtpengine: { daemons, digits: { port }, reports: { port: 0 } },
    };
    await callOver(media, { caller: 'opus', callee: 'pcma' });
    await daemon.stop();
  });
});
