import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.js';
import { looksRight } from '../support/softphone-looks.js';
import { SoftphonePage, type SoftphonePageOptions } from '../support/softphone-page.js';
import { buildWebclient, type WebclientBuild } from '../support/webclient-build.js';

/** Two microphones and a loudspeaker, of which `unplug()` takes one away as a hand would. */
const DEVICES = `
  const plugged = [
    { kind: 'audioinput', deviceId: 'desk', label: 'Desk microphone' },
    { kind: 'audioinput', deviceId: 'headset', label: 'Headset' },
    { kind: 'audiooutput', deviceId: 'speakers', label: 'Speakers' },
  ];
  navigator.mediaDevices.enumerateDevices = async () => [...plugged];
  const change = (edit) => {
    edit();
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  };
  const headset = plugged[1];
  window.unplug = () => change(() => plugged.splice(1, 1));
  window.plugIn = () => change(() => plugged.push(headset));
`;

/** Holds back the answer to the browser's question until `allowMicrophone()` is called in the page. */
const ASK_FIRST = `
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const allowed = new Promise((resolve) => (window.allowMicrophone = resolve));
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    await allowed;
    window.microphone = await open(constraints);
    return window.microphone;
  };
`;

/** `takeOut()` unplugs the only microphone while it is open, `putIn()` plugs it in again. */
const ONE_MICROPHONE = `{
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  let there = true;
  let track;
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    if (!there) throw new DOMException('none', 'NotFoundError');
    const stream = await open(constraints);
    track = stream.getTracks()[0];
    return stream;
  };
  window.takeOut = () => {
    there = false;
    track.stop();
    track.dispatchEvent(new Event('ended'));
  };
  window.putIn = () => {
    there = true;
    navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
  };
}`;

let build: WebclientBuild;
let tab: SoftphonePage;

async function newTab(
  browser: Browser,
  options: Partial<SoftphonePageOptions> = {},
): Promise<void> {
  tab = await SoftphonePage.create({ browser, directory: build.directory, ...options });
  await tab.page.emulateMedia({ reducedMotion: 'reduce' });
}

beforeAll(async () => {
  build = await buildWebclient();
});

afterEach(async () => {
  await tab.close();
});

afterAll(async () => {
  await build.remove();
});

describe('the microphone', () => {
  it('is asked for before the call goes out; a refusal tells what to do', async () => {
    const browser = await launchChromium({ microphone: 'deny' });
    try {
      await newTab(browser);
      await tab.openAndCall('ended');
      expect(await tab.get('error').textContent()).toContain('not allowed to use the microphone');
      await looksRight(tab.page, 'permission-denied');
      expect(tab.sip.methods).not.toContain('INVITE');
    } finally {
      await browser.close();
    }
  });

  it('is closed again when the caller hangs up while the browser still asks', async () => {
    const browser = await launchChromium();
    try {
      await newTab(browser);
      await tab.page.addInitScript(ASK_FIRST);
      await tab.openAndCall('calling');
      // A question that nobody answers: the page says what it waits for, and lets go.
      await tab.page.getByText('If the browser asks, allow it to use the microphone.').waitFor();
      await looksRight(tab.page, 'permission-asked');
      await tab.get('hangup-button').click();
      await tab.call('ended');
      await tab.page.evaluate('allowMicrophone()');
      const state = () => tab.page.evaluate('window.microphone?.getTracks()[0].readyState');
      await expect.poll(state).toBe('ended');
      expect(tab.sip.methods).not.toContain('INVITE');
    } finally {
      await browser.close();
    }
  });
});

describe('devices', () => {
  it('are chosen in the settings; one that is unplugged leaves the list, and is chosen again when it comes back', async () => {
    const browser = await launchChromium();
    try {
      await newTab(browser);
      await tab.page.addInitScript(DEVICES);
      await tab.open();
      await tab.registration('registered');
      await tab.get('settings-button').click();
      const chosen = (which: string) =>
        tab
          .get(`device-${which}`)
          .evaluate(
            (select: { selectedOptions: ArrayLike<{ textContent: string }> }) =>
              select.selectedOptions[0]?.textContent.trim() ?? '',
          );
      await tab.get('device-microphone').selectOption('Headset');
      await tab.get('device-speaker').selectOption('Speakers');
      await tab.get('device-ringer').selectOption('Speakers');
      await tab.page.evaluate('unplug()');
      await expect.poll(() => chosen('microphone')).toBe('System default');
      await tab.page.evaluate('plugIn()');
      await expect.poll(() => chosen('microphone')).toBe('Headset');
      expect(await chosen('ringer')).toBe('Speakers');
      await tab.get('settings-close').click();
      await tab.get('settings-close').waitFor({ state: 'detached' });
    } finally {
      await browser.close();
    }
  });

  it('that are unplugged in a call: the page says that nobody hears it, until one is plugged in', async () => {
    const browser = await launchChromium();
    try {
      await newTab(browser, { onInvite: (invite) => tab.answer(invite) });
      await tab.page.addInitScript(ONE_MICROPHONE);
      await tab.openAndCall('in-call');
      await tab.page.evaluate('takeOut()');
      await tab.get('error').filter({ hasText: 'the other side hears nothing' }).waitFor();
      await looksRight(tab.page, 'microphone-lost');
      await tab.page.evaluate('putIn()');
      await tab.get('error').waitFor({ state: 'detached' });
      await tab.call('in-call');
    } finally {
      await browser.close();
    }
  });
});
