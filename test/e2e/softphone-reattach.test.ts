import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { browserStage } from '../support/browser-stage.js';
import { CuttableRelay } from '../support/cuttable-relay.js';
import { DemoGateway, type DemoGatewayOptions } from '../support/demo-gateway.js';
import { freeUdpPort } from '../support/gateway-port.js';
import { LiveSoftphone } from '../support/live-softphone.js';
import { LossyForwarder } from '../support/lossy-forwarder.js';
import { tone } from '../support/tone.js';
import { linearBytes, wavFile } from '../support/wav.js';

/** What the fake microphones play, and the hold music. */
const TONE_HZ = 1000;
const MUSIC_HZ = 700;
const ALICE = '+493012345670';
const BOB = '+493012345671';
const PATIENCE = { timeout: 30_000 };

const stage = browserStage({ toneHz: TONE_HZ });
let gateway: DemoGateway;
const pages: LiveSoftphone[] = [];
/** Closed after each test. */
const opened: { close(): void | Promise<void> }[] = [];

beforeAll(() => {
  const music = tone({ hz: MUSIC_HZ, sampleRate: 8000, samples: 8000 });
  writeFileSync(musicFile(), wavFile({ data: linearBytes(music) }));
});
/** Nobody is left in a call. */
afterEach(async () => {
  for (const page of pages.splice(0)) await page.close();
  await expect.poll(() => gateway.app.calls.count, PATIENCE).toBe(0);
  await expect.poll(() => gateway.carrier.counts().calls, PATIENCE).toBe(0);
  for (const one of opened.splice(0)) await one.close();
  await gateway.close();
});

function musicFile(): string {
  return join(stage.folder, 'music.wav');
}

async function start(media: DemoGatewayOptions['media'] = {}): Promise<void> {
  // A slow machine must not lose the call while the page is loaded.
  const graceSeconds = 90;
  gateway = await DemoGateway.start({
    webRoot: stage.directory,
    codecs: ['pcmu'],
    media,
    graceSeconds,
  });
}

async function alice(url = gateway.app.url): Promise<LiveSoftphone> {
  const page = await LiveSoftphone.open(stage.browser, url);
  pages.push(page);
  return page;
}

/** The demo's page signs in as alice by itself, also when it is loaded again. */
async function bob(): Promise<LiveSoftphone> {
  const page = await alice();
  await page.get('sign-out').click();
  await page.fillIn(gateway.account('bob'));
  await page.state('registration-state', 'registered');
  return page;
}

async function hears(page: LiveSoftphone, hz: number): Promise<void> {
  await expect
    .poll(async () => Math.round((await page.strongestTone())?.frequencyHz ?? 0), PATIENCE)
    .toSatisfy((heard: number) => Math.abs(heard - hz) < 20);
}

/** The old page is gone, and the new one runs once `finish` was called. */
async function reload(phone: LiveSoftphone): Promise<{ finish: () => Promise<void> }> {
  const { page } = phone;
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/*.js', async (route) => {
    await released;
    await route.continue();
  });
  await page.evaluate('location.reload()');
  await expect.poll(() => gateway.app.calls.list()[0]?.state, PATIENCE).toBe('detached');
  return {
    finish: async () => {
      release();
      await phone.state('registration-state', 'registered');
      await phone.state('call-state', 'in-call');
    },
  };
}

/** More packets come to the carrier. */
async function carrierHearsOn(): Promise<void> {
  const received = () => gateway.carrier.calls()[0]?.rtp.received ?? 0;
  const before = received();
  await expect.poll(received, PATIENCE).toBeGreaterThan(before + 25);
}

function carrierHears(hz: number): Promise<void> {
  const heard = () => gateway.carrier.calls()[0]?.hears?.frequencyHz ?? 0;
  return expect
    .poll(heard, PATIENCE)
    .toSatisfy((frequency: number) => Math.abs(frequency - hz) < 20);
}

function sameCall(): Promise<void> {
  return expect
    .poll(() => gateway.app.calls.list().map(({ state }) => state), PATIENCE)
    .toEqual(['up']);
}

describe('a page that is loaded again', () => {
  it('in a call to a carrier has it back and hears its echo; the carrier hears noise meanwhile', async () => {
    await start();
    const page = await alice();
    await page.dial('600', 'in-call');
    await hears(page, TONE_HZ);
    const [before] = gateway.app.calls.list();
    const { finish } = await reload(page);
    await carrierHearsOn();
    await finish();
    await hears(page, TONE_HZ);
    await sameCall();
    expect(gateway.app.calls.list()[0]?.id).toBe(before?.id);
    await page.hangUp();
    expect(page.complaints).toEqual([]);
  });

  it('on hold leaves the carrier its music, is still on hold, and resumes', async () => {
    await start({ holdMusic: musicFile() });
    const page = await alice();
    await page.dial('600', 'in-call');
    await page.get('hold-button').click();
    await carrierHears(MUSIC_HZ);
    const { finish } = await reload(page);
    await carrierHearsOn();
    await carrierHears(MUSIC_HZ);
    await finish();
    await page.get('call-state').filter({ hasText: 'On hold' }).waitFor();
    await carrierHears(MUSIC_HZ);
    await page.get('hold-button').click();
    await page.get('call-state').filter({ hasText: 'In call' }).waitFor();
    await hears(page, TONE_HZ);
    await page.hangUp();
  });

  it.each(['called', 'was called'])('in a call to another page that it %s', async (how) => {
    await start();
    const other = await bob();
    const page = await alice();
    const [caller, callee] = how === 'called' ? [page, other] : [other, page];
    await caller.dial(how === 'called' ? BOB : ALICE, 'ringing');
    await callee.state('call-state', 'incoming');
    await callee.get('answer-button').click();
    await Promise.all([hears(page, TONE_HZ), hears(other, TONE_HZ)]);
    const { finish } = await reload(page);
    await other.state('call-state', 'in-call');
    await finish();
    await Promise.all([hears(page, TONE_HZ), hears(other, TONE_HZ)]);
    await sameCall();
    await other.hangUp();
    await page.state('call-state', 'ended');
  });
});

describe('a page whose network changes', () => {
  it('talks on while its WebSocket is cut, and hangs up over the new one', async () => {
    await start();
    const { hostname: host, port } = new URL(gateway.app.url);
    const relay = await CuttableRelay.open({ host, port: Number(port) });
    opened.push(relay);
    const page = await alice(`http://127.0.0.1:${relay.port}/`);
    await page.dial('600', 'in-call');
    await hears(page, TONE_HZ);
    relay.cut();
    await page.page
      .locator('[data-testid=registration-state]:not([data-state=registered])')
      .waitFor();
    await carrierHears(TONE_HZ);
    await page.state('registration-state', 'registered');
    await sameCall();
    await hears(page, TONE_HZ);
    await page.hangUp();
  });

  it('finds another way for its audio too', async () => {
    const port = await freeUdpPort();
    const way = await LossyForwarder.open({ host: '127.0.0.2', port, target: port, seed: 1 });
    opened.push(way);
    await start({
      relay: {
        ...{ workers: 1, timeoutSeconds: 30 },
        browser: { host: '127.0.0.1', port, advertised: '127.0.0.2', certificateDays: 30 },
        carrier: { host: '127.0.0.1', ports: undefined },
      },
    });
    const web = new URL(gateway.app.url);
    const relay = await CuttableRelay.open({ host: web.hostname, port: Number(web.port) });
    opened.push(relay);
    const page = await alice(`http://127.0.0.1:${relay.port}/`);
    await page.page.addInitScript(ONE_WAY);
    await page.page.reload();
    await page.state('registration-state', 'registered');
    await page.dial('600', 'in-call');
    await hears(page, TONE_HZ);
    way.loss = 1;
    await connection(page.page, 'disconnected');
    const before = await remoteUfrag(page.page);
    relay.cut();
    await expect.poll(() => remoteUfrag(page.page), PATIENCE).not.toBe(before);
    way.forget();
    way.loss = 0;
    await connection(page.page, 'connected');
    await hears(page, TONE_HZ);
    await sameCall();
    await page.hangUp();
  });
});

/** Runs in the page: it does not learn the address at which the gateway can be reached around the forwarder. */
const ONE_WAY = `{
  const original = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
    const left = sdp.replace(/^a=candidate:.* 127\\.0\\.0\\.1 \\d+ typ host.*\\r\\n/gm, '');
    return original.call(this, { type, sdp: left });
  };
}`;

/** Of the gateway: another one after an ICE restart. */
async function remoteUfrag(page: Page): Promise<string> {
  const sdp = await page.evaluate('copperline.peerConnection()?.remoteDescription?.sdp ?? ""');
  return /^a=ice-ufrag:(.*)$/m.exec(String(sdp))?.[1] ?? '';
}

function connection(page: Page, state: 'connected' | 'disconnected'): Promise<void> {
  return expect
    .poll(() => page.evaluate('copperline.peerConnection()?.connectionState'), PATIENCE)
    .toBe(state);
}
