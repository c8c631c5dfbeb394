import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BrowserMediaPeer } from '../support/browser-media-peer.js';
import { launchChromium } from '../support/chromium.js';
import type { ScriptedInvite } from '../support/scripted-sip-server.js';
import { SoftphonePage } from '../support/softphone-page.js';
import { buildWebclient, type WebclientBuild } from '../support/webclient-build.js';

let build: WebclientBuild;
let browser: Browser;
let tab: SoftphonePage;

async function newTab(options: { onInvite: (invite: ScriptedInvite) => unknown }): Promise<void> {
  tab = await SoftphonePage.create({ browser, directory: build.directory, ...options });
}

/** The fake microphone beeps once a second, and the far end sends it back. */
const heard = () =>
  expect
    .poll(() => tab.page.evaluate('copperline.remoteLevel'), { timeout: 10_000, interval: 20 })
    .toBeGreaterThan(0.3);

beforeAll(async () => {
  build = await buildWebclient();
  browser = await launchChromium();
});

afterEach(async () => {
  await tab.close();
});

afterAll(async () => {
  await browser.close();
  await build.remove();
});

describe('a call of the softphone, before its answer', () => {
  it('plays early media before the answer, and keeps it with the answer', async () => {
    let pickUp: () => void = () => undefined;
    const onInvite = async (invite: ScriptedInvite) => {
      const sdp = await tab.answer(invite, 183);
      await new Promise<void>((resolve) => (pickUp = resolve));
      invite.reply({ status: 200, body: sdp });
    };
    await newTab({ onInvite });
    await tab.openAndCall('early-media');
    await heard();
    pickUp();
    await tab.call('in-call');
    await heard();
  });

  it('connects its media while the far end rings in silence, and goes on ringing', async () => {
    let pickUp: () => void = () => undefined;
    const onInvite = async (invite: ScriptedInvite) => {
      expect(invite.message.header('p-early-media')).toBe('supported');
      const { peer, sdp } = await BrowserMediaPeer.answer(invite.message.body, 'PCMU/8000', true);
      tab.peers.push(peer);
      invite.reply({ status: 180, body: sdp, headers: ['P-Early-Media: inactive'] });
      await new Promise<void>((resolve) => (pickUp = resolve));
      invite.reply({ status: 200, body: sdp });
    };
    await newTab({ onInvite });
    await tab.openAndCall('ringing');
    // The peer is not as silent as it says: what is heard came over the connection.
    await heard();
    await tab.call('ringing');
    pickUp();
    await tab.call('in-call');
    await heard();
    expect(tab.complaints).toEqual([]);
  });
});
