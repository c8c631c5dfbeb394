import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DtmfReport } from '../../../gateway/demo/dtmf-report.js';
import { launchChromium } from '../../support/chromium.js';
import { ExternalGateway } from '../../support/external-gateway.js';
import {
  openExternalSipServer,
  type ExternalSipServer,
} from '../../support/external-sip-server.js';
import { LiveSoftphone } from '../../support/live-softphone.js';
import { PASSWORD } from '../../support/signaling-rig.js';
import { writeToneWav } from '../../support/tone-wav.js';
import { buildWebclient, type WebclientBuild } from '../../support/webclient-build.js';

/** What the fake microphone plays. */
const TONE_HZ = 1000;
const ALL_KEYS = '1234567890*#ABCD';
const ALICE = { user: 'alice', password: PASSWORD };

let folder: string;
let build: WebclientBuild;
let browser: Browser;
let server: ExternalSipServer;
let gateway: ExternalGateway;
let phone: LiveSoftphone;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'copperline-softphone-'));
  const microphoneFile = join(folder, 'tone.wav');
  writeToneWav(microphoneFile, TONE_HZ);
  build = await buildWebclient();
  browser = await launchChromium({ microphoneFile });
  server = await openExternalSipServer();
  gateway = await ExternalGateway.start({ server: server.settings, webRoot: build.directory });
});

afterAll(async () => {
  await gateway.close();
  await server.close();
  await browser.close();
  await build.remove();
  await rm(folder, { recursive: true, force: true });
});

afterEach(async () => {
  await phone.close();
  await gateway.settled();
});

async function signIn(): Promise<void> {
  phone = await LiveSoftphone.signIn(browser, gateway.app.url, ALICE);
  await phone.state('registration-state', 'registered');
}

describe('the softphone in Chromium, behind an external SIP server', () => {
  it('signs in with the right password only', async () => {
    phone = await LiveSoftphone.signIn(browser, gateway.app.url, { ...ALICE, password: 'wrong' });
    await phone.page.getByTestId('error').getByText(/\S/).waitFor();
    await phone.fillIn(ALICE);
    await phone.state('registration-state', 'registered');
  });

  it('hears its own tone back from 600, and so does the carrier', async () => {
    await signIn();
    await phone.dial('600', 'in-call');
    await expect
      .poll(async () => Math.round((await phone.strongestTone())?.frequencyHz ?? 0), {
        timeout: 10_000,
      })
      .toSatisfy((hz: number) => Math.abs(hz - TONE_HZ) < 20);
    await expect
      .poll(() => gateway.demo.calls()[0]?.hears?.frequencyHz)
      .toSatisfy((hz: number) => Math.abs(hz - TONE_HZ) < 5);
    await phone.hangUp();
    expect(phone.complaints).toEqual([]);
  });

  it('drives the IVR with every key', async () => {
    await signIn();
    const reported = new Promise<DtmfReport>((resolve) => {
      const remove = gateway.demo.onReport((report) => {
        remove();
        resolve(report);
      });
    });
    await phone.dial('700', 'in-call');
    await phone.get('letters-button').click();
    await phone.press(ALL_KEYS);
    const { digits } = await reported;
    expect(digits.map(({ digit }) => digit).join('')).toBe(ALL_KEYS);
    for (const digit of digits) {
      expect(digit).toMatchObject({ markerPositions: [0], sequenceContiguous: true });
      expect(digit).toMatchObject({ timestampConstant: true, endPackets: { count: 3 } });
    }
    await phone.hangUp();
  });

  it('hears the announcement of 183, then reads why the call failed', async () => {
    await signIn();
    await phone.dial('183', 'early-media');
    await expect
      .poll(() => phone.page.evaluate<number>('copperline.remoteLevel'), { timeout: 10_000 })
      .toBeGreaterThan(0.1);
    await phone.state('call-state', 'ended');
    expect(await phone.get('error').textContent()).toContain('404');
  });

  it('reads that 486 is busy, and cancels 408', async () => {
    await signIn();
    await phone.dial('486', 'ended');
    expect(await phone.get('error').textContent()).toMatch(/^\s*[A-Z].{10,}\.\s*$/);
    await phone.dial('408', 'trying');
    await expect.poll(() => gateway.demo.counts().calls).toBe(1);
    await phone.hangUp();
    await expect.poll(() => gateway.demo.counts().calls).toBe(0);
  });

  it('may vanish in the middle of a call', async () => {
    await signIn();
    await phone.dial('600', 'in-call');
    await phone.page.goto('about:blank');
    await expect.poll(() => gateway.demo.counts().calls, { timeout: 15_000 }).toBe(0);
  });
});
