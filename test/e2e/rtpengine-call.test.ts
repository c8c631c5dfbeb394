import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.js';
import { DemoGateway } from '../support/demo-gateway.js';
import { LiveSoftphone } from '../support/live-softphone.js';
import { RtpengineDaemon, rtpengineMissing } from '../support/rtpengine-daemon.js';
import { writeToneWav } from '../support/tone-wav.js';
import { buildWebclient } from '../support/webclient-build.js';
import { configSchema } from '../../gateway/config/schema.js';

const missing = rtpengineMissing();
const TONE_HZ = 1000;

it.skipIf(missing !== undefined)(
  `Chromium calls through rtpengine: hears itself, and its keys arrive ${missing ?? ''}`,
  async () => {
    const digitsPort = await RtpengineDaemon.freePort();
    const daemon = await RtpengineDaemon.start(digitsPort);
    const folder = await mkdtemp(join(tmpdir(), 'copperline-e2e-'));
    const microphoneFile = join(folder, 'tone.wav');
    writeToneWav(microphoneFile, TONE_HZ);
    const build = await buildWebclient();
    const { media } = configSchema.parse({
      ...{ sip: { domain: 'x' }, dialplan: { country: 'DE' } },
      media: {
        engine: 'rtpengine',
        rtpengine: {
          daemons: [{ host: '127.0.0.1', port: daemon.port }],
          digits: { port: digitsPort },
        },
      },
    });
    const gateway = await DemoGateway.start({ webRoot: build.directory, codecs: ['pcma'], media });
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
    await expect.poll(async () => (await gateway.app.counts()).media.sessions).toBe(0);
    const records = await gateway.close();
    expect(records).toMatchObject([
      { dialled: '600', media: { caller: { codec: 'opus' }, callee: { codec: 'pcma' } } },
      { dialled: '700', media: { caller: { digitsReceived: 4 } } },
    ]);
    await browser.close();
    await build.remove();
    await daemon.stop();
    await rm(folder, { recursive: true, force: true });
  },
);
