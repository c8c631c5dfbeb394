import { afterEach, describe, expect, it } from 'vitest';
import { browserStage } from '../support/browser-stage.js';
import type { ScriptedInvite } from '../support/scripted-sip-server.js';
import { SoftphonePage } from '../support/softphone-page.js';

const ALL_DIGITS = '1234567890*#ABCD';

const stage = browserStage();
let tab: SoftphonePage;

async function newTab(onInvite: (invite: ScriptedInvite) => Promise<unknown>): Promise<void> {
  tab = await SoftphonePage.create({ ...stage, onInvite });
}

const sent = () => tab.get('digits-sent').getAttribute('data-sent');
const infos = () => tab.sip.received.filter(({ method }) => method === 'INFO');

afterEach(async () => {
  await tab.close();
});

describe('digits in a call', () => {
  it('arrives each once and in order however fast they are typed', async () => {
    await newTab((invite) => tab.answer(invite));
    await tab.openAndCall('in-call');
    await tab.get('letters-button').click();
    await expect.poll(() => tab.peers[0]?.packets).toBeGreaterThan(0);
    await tab.page.keyboard.type(ALL_DIGITS);
    expect(await tab.page.locator('.digit').count()).toBe(ALL_DIGITS.length);
    await expect.poll(sent, { timeout: 15_000 }).toBe(ALL_DIGITS);
    const [peer] = tab.peers;
    expect(peer!.text).toBe(ALL_DIGITS);
    for (const { duration, ended } of peer!.digits) {
      // 100 ms at 8000 Hz, within 20 ms.
      expect(Math.abs(duration - 800)).toBeLessThanOrEqual(160);
      expect(ended).toBe(true);
    }
    expect(infos()).toEqual([]);
  });

  it('waits for audio when digits are pressed while it still rings', async () => {
    let pickUp: () => void = () => undefined;
    await newTab(async (invite) => {
      invite.reply({ status: 180 });
      await new Promise<void>((resolve) => (pickUp = resolve));
      await tab.answer(invite);
    });
    await tab.openAndCall('ringing');
    await tab.page.keyboard.type('42');
    pickUp();
    await tab.call('in-call');
    await expect.poll(sent, { timeout: 10_000 }).toBe('42');
    expect(tab.peers[0]?.text).toBe('42');
  });

  it('uses SIP INFO, one at a time, when telephone-event was not negotiated', async () => {
    await newTab((invite) => tab.answer(invite, 200, false));
    await tab.openAndCall('in-call');
    for (const key of ['1', 'pound', '9']) await tab.get(`key-${key}`).click();
    await expect.poll(sent, { timeout: 10_000 }).toBe('1#9');
    expect(infos().map(({ body }) => body)).toEqual([
      'Signal=1\r\nDuration=100\r\n',
      'Signal=#\r\nDuration=100\r\n',
      'Signal=9\r\nDuration=100\r\n',
    ]);
    expect(infos()[0]?.header('content-type')).toBe('application/dtmf-relay');
  });

  it('shows the digits that the other side sends by SIP INFO', async () => {
    let call: ScriptedInvite | undefined;
    await newTab((invite) => {
      call = invite;
      return tab.answer(invite);
    });
    await tab.openAndCall('in-call');
    for (const digit of ['7', '#']) {
      const body = `Signal=${digit}\r\nDuration=160\r\n`;
      call?.send('INFO', { contentType: 'application/dtmf-relay', body });
    }
    await tab.get('digits-received').getByText('7#').waitFor();
  });
});
