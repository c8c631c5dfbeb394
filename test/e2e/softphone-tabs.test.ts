import type { Page } from 'playwright-core';
import { afterEach, describe, expect, it } from 'vitest';
import { browserStage } from '../support/browser-stage.js';
import { looksRight } from '../support/softphone-looks.js';
import { SoftphonePage } from '../support/softphone-page.js';
import { WEBRTC_OFFER } from '../support/webrtc-offer.js';

const stage = browserStage();
/** The tab that is the phone, until another one takes over. */
let tab: SoftphonePage;
let other: Page;

afterEach(async () => {
  expect(tab.complaints).toEqual([]);
  await tab.close();
});
/** Two tabs of one browser and account; the first one is the phone. */
async function twoTabs(): Promise<void> {
  tab = await SoftphonePage.create({
    ...stage,
    onInvite: async (invite) => {
      // A second offer in the call (hold): refused, which changes nothing.
      if (invite.message.header('to').includes('tag=')) invite.reply({ status: 488 });
      else await tab.answer(invite);
    },
  });
  await tab.open();
  await tab.registration('registered');
  other = await tab.page.context().newPage();
  await other.emulateMedia({ reducedMotion: 'reduce' });
  await other.goto(tab.page.url());
  await other.getByTestId('remote-idle').waitFor();
}

const seen = (state: string) =>
  other.locator(`[data-testid=remote-state][data-state=${state}]`).waitFor();
const click = (testId: string) => other.getByTestId(testId).click();
const pressed = (testId: string) => other.getByTestId(testId).getAttribute('aria-pressed');

describe('a tab beside the phone', () => {
  it('shows the call of the other tab, and its buttons act there', async () => {
    await twoTabs();
    await looksRight(other, 'remote-idle');
    await tab.get('number-600').click();
    await tab.call('in-call');
    await tab.page.keyboard.type('12#');
    await seen('in-call');
    expect(await other.getByTestId('remote-who').textContent()).toContain('Echo');
    await other.locator('[data-testid=digits-sent][data-sent="12#"]').waitFor();
    await other.locator('[data-testid=quality][data-grade]').waitFor();
    await other.getByTestId('remote-timer').getByText(/0:0\d/).waitFor();
    await looksRight(other, 'remote-call');
    await click('remote-mute');
    await expect.poll(() => pressed('remote-mute')).toBe('true');
    expect(await tab.get('mute-button').getAttribute('aria-pressed')).toBe('true');
    await click('remote-mute');
    await expect.poll(() => pressed('remote-mute')).toBe('false');
    const held = tab.sip.next('INVITE');
    await click('remote-hold');
    expect((await held).body).toContain('a=sendonly');
    await tab.get('error').waitFor();
    await seen('in-call');
    const bye = tab.sip.next('BYE');
    await click('remote-hang-up');
    await bye;
    await seen('ended');
    await tab.call('ended');
  });

  it('answers and declines what rings in the other tab', async () => {
    await twoTabs();
    const first = tab.sip.call(WEBRTC_OFFER);
    await seen('incoming');
    expect(await other.getByTestId('remote-who').textContent()).toContain('Carol');
    await looksRight(other, 'remote-incoming');
    await click('remote-decline');
    expect((await first.answer).startLine).toContain('603');
    await seen('ended');
    const second = tab.sip.call(WEBRTC_OFFER);
    await seen('incoming');
    await click('remote-answer');
    expect((await second.answer).startLine).toContain('200');
    await tab.call('in-call');
    await seen('in-call');
  });

  it('takes over the call that is up, without a BYE, as the same device; the first tab watches from then on', async () => {
    await twoTabs();
    await tab.get('number-600').click();
    await tab.call('in-call');
    await tab.get('mute-button').click();
    await seen('in-call');
    await expect.poll(() => pressed('remote-mute')).toBe('true');
    const register = tab.sip.next('REGISTER');
    await other.getByTestId('take-over').getByText('Continue the call here').click();
    const instance = /\+sip\.instance="[^"]+"/;
    const before = tab.sip.received.find(({ method }) => method === 'REGISTER');
    const [device] = instance.exec((await register).header('contact')) ?? [];
    expect(device).toBeDefined();
    expect(before?.header('contact')).toContain(device);
    await other.locator('[data-testid=registration-state][data-state=registered]').waitFor();
    expect(tab.sip.methods).not.toContain('BYE');
    await tab.get('elsewhere').getByText('was opened in another tab').waitFor();
    // Its microphone is closed: the call went on, but not here.
    expect(await tab.page.evaluate('copperline.phone')).toBeUndefined();
    const call = tab.sip.call(WEBRTC_OFFER, ['X-Copperline-Reattach: before']);
    expect((await call.answer).startLine).toContain('200');
    await other.locator('[data-testid=call-state][data-state=in-call]').waitFor();
    expect(await pressed('mute-button')).toBe('true');
    await tab.page.locator('[data-testid=remote-state][data-state=in-call]').waitFor();
  });

  it('becomes the phone when the other tab is closed; one that is loaded again stays the phone', async () => {
    await twoTabs();
    await tab.page.reload();
    await tab.registration('registered');
    await other.getByTestId('elsewhere').waitFor();
    await tab.page.close();
    await other.locator('[data-testid=registration-state][data-state=registered]').waitFor();
  });
});
