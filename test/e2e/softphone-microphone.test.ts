import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../support/chromium.js';
import { SoftphonePage } from '../support/softphone-page.js';
import { buildWebclient, type WebclientBuild } from '../support/webclient-build.js';

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

let build: WebclientBuild;
let tab: SoftphonePage;

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
      tab = await SoftphonePage.create({ browser, directory: build.directory });
      await tab.openAndCall('ended');
      expect(await tab.get('error').textContent()).toContain('not allowed to use the microphone');
      expect(tab.sip.methods).not.toContain('INVITE');
    } finally {
      await browser.close();
    }
  });

  it('is closed again when the caller hangs up while the browser still asks', async () => {
    const browser = await launchChromium();
    try {
      tab = await SoftphonePage.create({ browser, directory: build.directory });
      await tab.page.addInitScript(ASK_FIRST);
      await tab.openAndCall('calling');
      await tab.get('hangup-button').click();
      await tab.call('ended');
      await tab.page.evaluate('allowMicrophone()');
      const state = () => tab.page.evaluate('window.microphone?.getTracks()[0].readyState');
      await expect.poll(state, { timeout: 5000 }).toBe('ended');
      expect(tab.sip.methods).not.toContain('INVITE');
    } finally {
      await browser.close();
    }
  });
});
