import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrowserMediaPeer } from '../support/browser-media-peer.js';
import { findFirefox, Firefox, shadowElement as element } from '../support/firefox.js';
import { portOf, startPageServer } from '../support/page-server.js';
import { ScriptedSipServer } from '../support/scripted-sip-server.js';
import { buildWebclient, type WebclientBuild } from '../support/webclient-build.js';

const ALL_DIGITS = '1234567890*#ABCD';
const ACCOUNT = { user: 'demo', password: 'right' };
const executable = findFirefox();

// Firefox is not on every developer's machine; apt-get install firefox-esr runs them. CI never skips.
describe.skipIf(executable === undefined && process.env['CI'] !== 'true')(
  'the softphone in Firefox',
  () => {
    let build: WebclientBuild;
    let http: Server;
    let sip: ScriptedSipServer;
    let firefox: Firefox;
    let peer: BrowserMediaPeer | undefined;

    const shown = (testId: string, name: string) =>
      expect.poll(() => firefox.evaluate(`${element(testId)}?.dataset.${name} ?? ''`), {
        timeout: 15_000,
      });

    beforeAll(async () => {
      build = await buildWebclient();
      const demo = { ...ACCOUNT, numbers: [{ number: '600', label: 'Echo' }] };
      http = await startPageServer({
        directory: build.directory,
        clientConfig: () => ({ sipPath: '/sip', domain: 'copperline.test', iceServers: [], demo }),
      });
      sip = new ScriptedSipServer(http, {
        ...ACCOUNT,
        onInvite: async (invite) => {
          const answer = await BrowserMediaPeer.answer(invite.message.body, 'PCMU/8000');
          peer = answer.peer;
          invite.reply({ status: 183, body: answer.sdp });
          invite.reply({ status: 200, body: answer.sdp });
        },
      });
      firefox = await Firefox.launch(executable ?? '');
    });

    afterAll(async () => {
      await firefox.close();
      peer?.close();
      await sip.close();
      await new Promise((resolve) => http.close(resolve));
      await build.remove();
    });

    it('registers, calls, hears the far end and sends every digit once and in order', async () => {
      await firefox.open(`http://127.0.0.1:${portOf(http)}/`);
      await shown('registration-state', 'state').toBe('registered');
      await firefox.evaluate(`${element('number-600')}.click()`);
      await shown('call-state', 'state').toBe('in-call');
      await expect.poll(() => peer?.packets ?? 0, { timeout: 15_000 }).toBeGreaterThan(10);
      await firefox.evaluate(`${element('letters-button')}.click()`);
      await firefox.evaluate(
        `for (const key of '${ALL_DIGITS}') window.dispatchEvent(new KeyboardEvent('keydown', { key }))`,
      );
      await shown('digits-sent', 'sent').toBe(ALL_DIGITS);
      expect(peer?.text).toBe(ALL_DIGITS);
      const received = `copperline.peerConnection().getStats().then((stats) =>
      [...stats.values()].find(({ type }) => type === 'inbound-rtp')?.packetsReceived)`;
      expect(await firefox.evaluate(received)).toBeGreaterThan(10);
      const bye = sip.next('BYE');
      await firefox.evaluate(`${element('hangup-button')}.click()`);
      await bye;
    });
  },
);
