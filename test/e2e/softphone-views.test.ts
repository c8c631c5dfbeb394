import { afterEach, describe, expect, it } from 'vitest';
import { browserStage } from '../support/browser-stage.js';
import { looksRight } from '../support/softphone-looks.js';
import { SoftphonePage, type SoftphonePageOptions } from '../support/softphone-page.js';
import { WEBRTC_OFFER } from '../support/webrtc-offer.js';

const NEVER_CLICKED =
  "Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: false } })";

const stage = browserStage();
let tab: SoftphonePage;

afterEach(async () => {
  await tab.close();
});
async function newTab(options: Partial<SoftphonePageOptions> = {}, script = ''): Promise<void> {
  tab = await SoftphonePage.create({ ...stage, ...options });
  await tab.page.addInitScript(script);
  await tab.page.emulateMedia({ reducedMotion: 'reduce' });
  await tab.open();
}

describe('axe-core finds nothing to complain about, and nothing is cut off', () => {
  it('in the sign-in form', async () => {
    await newTab({ demo: false });
    await tab.get('sign-in-user').waitFor();
    await looksRight(tab.page, 'sign-in');
  });

  it('in the dial pad, with a number in it, and in the settings', async () => {
    // Each look of the test into the page counts as a click of the person.
    await newTab({}, NEVER_CLICKED);
    await tab.registration('registered');
    await tab.get('unlock').waitFor();
    await looksRight(tab.page, 'locked');
    await tab.page.evaluate('navigator.userActivation.hasBeenActive = true');
    await tab.get('unlock-button').click();
    await tab.get('unlock').waitFor({ state: 'detached' });
    await tab.get('dial-input').fill('+4930123456');
    await tab.get('number-preview').getByText('Germany').waitFor();
    expect(await tab.get('dial-input').inputValue()).toBe('+49 30 123456');
    await looksRight(tab.page, 'idle');
    await tab.get('settings-button').click();
    await tab.get('microphone-test').click();
    await tab.get('microphone-level').waitFor();
    await looksRight(tab.page, 'settings');
  });

  it('in a call, with its transfer panel and a second call that rings', async () => {
    await newTab({ onInvite: (invite) => tab.answer(invite) });
    await tab.registration('registered');
    await tab.get('number-600').click();
    await tab.call('in-call');
    await tab.page.keyboard.type('12#');
    await expect
      .poll(() => tab.get('digits-sent').getAttribute('data-sent'), { timeout: 10_000 })
      .toBe('12#');
    await tab.page.locator('[data-testid=quality][data-grade]').waitFor();
    await looksRight(tab.page, 'in-call');
    await tab.get('transfer-button').click();
    tab.sip.call(WEBRTC_OFFER);
    await tab.get('second-call').waitFor();
    await looksRight(tab.page, 'second-call');
  });

  it('in errors: a wrong password, a server that cannot be reached, a call that failed', async () => {
    await newTab({ demo: false });
    await tab.get('sign-in-user').fill('demo');
    await tab.get('sign-in-password').fill('wrong');
    await tab.get('sign-in-button').click();
    await tab.get('error').waitFor();
    await looksRight(tab.page, 'wrong-password');
    await tab.page.getByText('Server settings').click();
    await tab.get('sign-in-server').fill('http://wrong.example');
    await tab.get('sign-in-password').fill('right');
    await tab.get('sign-in-button').click();
    await tab.get('error').getByText('must start with wss://').waitFor();
    await tab.close();
    const reason =
      'Reason: SIP;cause=404;text="The number +49 30 123 is not in service, says carrier one."';
    await newTab({
      onInvite: (invite) => {
        invite.reply({ status: 404, headers: [reason] });
      },
    });
    await tab.registration('registered');
    await tab.get('number-600').click();
    await tab.get('error').getByText('not in service').waitFor();
    await looksRight(tab.page, 'call-failed');
    tab.sip.script.registerReplies = [{ status: 503, headers: ['Retry-After: 100'] }];
    tab.sip.cut();
    await tab.registration('refused');
    await looksRight(tab.page, 'offline');
  });

  it('when somebody calls', async () => {
    await newTab();
    await tab.registration('registered');
    const verified = 'X-Copperline-Verified: passed';
    tab.sip.call(WEBRTC_OFFER, [verified]);
    await tab.call('incoming');
    expect(await tab.get('caller').textContent()).toBe('Carol');
    expect(await tab.get('verified').textContent()).toContain('verified this number');
    await looksRight(tab.page, 'incoming');
  });
});

describe('a call to the page', () => {
  it('that is answered elsewhere or given up says so', async () => {
    await newTab();
    await tab.registration('registered');
    const call = tab.sip.call(WEBRTC_OFFER);
    await tab.call('incoming');
    call.cancel();
    expect((await call.answer).startLine).toContain('487');
    await tab.call('ended');
    expect(await tab.get('call-state').textContent()).toContain('You missed the call.');
  });

  it('that goes on after a reload is taken up at once, by the same instance and without a BYE', async () => {
    await newTab({ onInvite: (invite) => tab.answer(invite) });
    await tab.registration('registered');
    await tab.get('number-600').click();
    await tab.call('in-call');
    const again = tab.sip.next('REGISTER');
    await tab.page.evaluate('location.reload()');
    await again;
    await tab.registration('registered');
    const contacts = tab.sip.received.filter(({ method }) => method === 'REGISTER');
    const instances = contacts.map((register) =>
      /\+sip\.instance="([^"]+)"/.exec(register.header('contact')),
    );
    expect(new Set(instances.map((instance) => instance?.[1])).size).toBe(1);
    expect(tab.sip.methods).not.toContain('BYE');
    const call = tab.sip.call(WEBRTC_OFFER, ['X-Copperline-Reattach: before']);
    const answer = await call.answer;
    expect(answer.startLine).toContain('200');
    expect(answer.body).toContain('m=audio');
    await tab.call('in-call');
  });

  it('in two tabs rings in one of them; the other says so, and takes over when asked', async () => {
    await newTab();
    await tab.registration('registered');
    const second = await tab.page.context().newPage();
    await second.goto(tab.page.url());
    await second.getByTestId('elsewhere').waitFor();
    await second.getByTestId('take-over').click();
    await second.locator('[data-testid=registration-state][data-state=registered]').waitFor();
    await tab.get('elsewhere').filter({ hasText: 'was opened in another tab' }).waitFor();
  });

  it('is announced in the language of the person, who may choose another', async () => {
    await newTab();
    await tab.registration('registered');
    await tab.get('settings-button').click();
    await tab.get('language').selectOption('ja');
    await tab.get('call-state').filter({ hasText: '発信できます' }).waitFor();
    await tab.page.reload();
    await tab.get('call-state').filter({ hasText: '発信できます' }).waitFor();
    expect(await tab.page.evaluate('document.documentElement.lang')).toBe('ja');
  });
});
