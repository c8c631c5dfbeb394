import { afterEach, describe, expect, it } from 'vitest';
import { browserStage } from '../support/browser-stage.js';
import type { ScriptedInvite } from '../support/scripted-sip-server.js';
import { SoftphonePage, type SoftphonePageOptions } from '../support/softphone-page.js';

const stage = browserStage();
let tab: SoftphonePage;

async function newTab(options: Partial<SoftphonePageOptions> = {}): Promise<SoftphonePage> {
  tab = await SoftphonePage.create({ ...stage, ...options });
  return tab;
}

const text = (testId: string) => tab.get(testId).textContent();

/** The fake microphone beeps once a second, and the far end sends it back. */
const heard = () =>
  expect
    .poll(() => tab.page.evaluate('copperline.remoteLevel'), { timeout: 10_000, interval: 20 })
    .toBeGreaterThan(0.3);

afterEach(async () => {
  await tab.close();
});

describe('signing in', () => {
  it('signs in by itself in demo mode, under a strict content security policy', async () => {
    await newTab();
    await tab.open();
    await tab.registration('registered');
    expect(await text('number-600')).toContain('Echo');
    expect(tab.sip.methods).toEqual(['REGISTER', 'REGISTER']);
    expect(tab.complaints).toEqual([]);
  });

  it('signs in from the form, and remembers the name but not the password', async () => {
    await newTab({ demo: false });
    await tab.open();
    await tab.get('sign-in-user').fill('demo');
    await tab.get('sign-in-password').fill('right');
    await tab.get('sign-in-button').click();
    await tab.registration('registered');
    await tab.page.reload();
    await expect.poll(() => tab.get('sign-in-user').inputValue()).toBe('demo');
    expect(await tab.get('sign-in-password').inputValue()).toBe('');
    expect(await tab.page.evaluate('JSON.stringify(localStorage)')).not.toContain('right');
  });

  it('says that the password is wrong, asks once only, and lets the person try again', async () => {
    await newTab({ demo: false });
    await tab.open();
    await tab.get('sign-in-user').fill('demo');
    await tab.get('sign-in-password').fill('wrong');
    await tab.get('sign-in-button').click();
    await tab.get('error').waitFor();
    expect(await text('error')).toBe('The user name or the password is wrong.');
    expect(tab.sip.methods).toEqual(['REGISTER', 'REGISTER']);
    await tab.get('sign-in-password').fill('right');
    await tab.get('sign-in-button').click();
    await tab.registration('registered');
  });

  it('comes back by itself after the WebSocket was cut', async () => {
    await newTab();
    await tab.open();
    await tab.registration('registered');
    const again = tab.sip.next('REGISTER');
    tab.sip.cut();
    await tab.registration('waiting');
    await again;
    await tab.registration('registered');
  });

  it('opens a new WebSocket when a REGISTER gets no answer', async () => {
    await newTab();
    tab.sip.script.registerReplies = [{ status: 408 }];
    await tab.open();
    await tab.registration('waiting');
    await tab.registration('registered');
    expect(tab.sip.connections).toBe(2);
  });

  it('asks again after the time that a busy server names, and says so meanwhile', async () => {
    await newTab();
    const reason = 'Reason: SIP;cause=503;text="The registrar is starting."';
    tab.sip.script.registerReplies = [{ status: 503, headers: ['Retry-After: 1', reason] }];
    await tab.open();
    await tab.registration('refused');
    expect(await text('error')).toBe('The registrar is starting.');
    await tab.registration('registered');
    expect(tab.sip.connections).toBe(1);
  });

  it('unregisters when the page goes away', async () => {
    await newTab();
    await tab.open();
    await tab.registration('registered');
    const goodbye = tab.sip.next('REGISTER');
    await tab.page.goto('about:blank');
    expect((await goodbye).header('contact')).toContain('expires=0');
  });
});

describe('a call', () => {
  it('goes out without ICE candidates, shows each step and the timer, and ends with BYE', async () => {
    const steps: (() => void)[] = [];
    const step = () => new Promise<void>((resolve) => steps.push(resolve));
    const onInvite = async (invite: ScriptedInvite) => {
      invite.reply({ status: 100 });
      await step();
      invite.reply({ status: 180 });
      await step();
      await tab.answer(invite);
    };
    await newTab({ onInvite });
    await tab.open();
    await tab.registration('registered');
    const invited = tab.sip.next('INVITE');
    await tab.get('dial-input').fill('+49 (0)30 123-456');
    await tab.page.keyboard.press('Enter');
    const invite = await invited;
    expect(invite.target).toBe('+4930123456');
    expect(invite.body).toContain('telephone-event/8000');
    expect(invite.body).not.toContain('a=candidate');
    await tab.call('trying');
    steps.shift()?.();
    await tab.call('ringing');
    steps.shift()?.();
    await tab.call('in-call');
    await tab.get('timer').getByText('0:01').waitFor();
    const bye = tab.sip.next('BYE');
    await tab.get('hangup-button').click();
    await bye;
    await tab.call('ended');
    expect(await text('call-state')).toMatch(/You hung up\. Talked for 0:0\d/);
    expect(tab.complaints).toEqual([]);
  });

  it('shows the sentence that the server sends in its Reason header', async () => {
    const reason = 'Reason: SIP;cause=486;text="The line is busy, said \\"carrier one\\"."';
    await newTab({
      onInvite: (invite) => {
        invite.reply({ status: 486, headers: [reason] });
      },
    });
    await tab.openAndCall('ended');
    expect(await text('error')).toBe('The line is busy, said "carrier one".');
  });

  it('has a sentence of its own when the server sends none', async () => {
    await newTab({
      onInvite: (invite) => {
        invite.reply({ status: 603 });
      },
    });
    await tab.openAndCall('ended');
    expect(await text('error')).toBe('The call was declined.');
  });

  it('cancels while it rings', async () => {
    await newTab({
      onInvite: (invite) => {
        invite.reply({ status: 180 });
      },
    });
    await tab.openAndCall('ringing');
    const cancel = tab.sip.next('CANCEL');
    await tab.page.keyboard.press('Escape');
    await cancel;
    await tab.call('ended');
    expect(await text('call-state')).toContain('You cancelled the call.');
  });

  it('ends with the reason when the other side hangs up', async () => {
    let call: ScriptedInvite | undefined;
    const onInvite = async (invite: ScriptedInvite) => {
      call = invite;
      await tab.answer(invite);
    };
    await newTab({ onInvite });
    await tab.openAndCall('in-call');
    const sentence = 'The carrier sent no audio for 30 s.';
    call?.send('BYE', { headers: [`Reason: SIP;cause=408;text="${sentence}"`] });
    await tab.call('ended');
    expect(await text('error')).toBe(sentence);
  });

  it('survives the loss of the WebSocket once answered, not before', async () => {
    let ring = true;
    const onInvite = async (invite: ScriptedInvite) => {
      if (ring) invite.reply({ status: 180 });
      else await tab.answer(invite);
    };
    await newTab({ onInvite });
    await tab.openAndCall('ringing');
    tab.sip.cut();
    await tab.call('ended');
    expect(await text('error')).toContain('connection to the server was lost');
    await tab.registration('registered');
    ring = false;
    await tab.get('number-600').click();
    await tab.call('in-call');
    tab.sip.cut();
    await tab.registration('waiting');
    await tab.registration('registered');
    await heard();
    const bye = tab.sip.next('BYE');
    await tab.get('hangup-button').click();
    await bye;
  });

  it('is cancelled when the page goes away before the answer', async () => {
    await newTab({
      onInvite: (invite) => {
        invite.reply({ status: 180 });
      },
    });
    await tab.openAndCall('ringing');
    const cancel = tab.sip.next('CANCEL');
    const goodbye = tab.sip.next('REGISTER');
    await tab.page.goto('about:blank');
    await cancel;
    expect((await goodbye).header('contact')).toContain('expires=0');
  });

  it('that is up is left to the server when the page goes away, which may be a reload', async () => {
    await newTab({ onInvite: (invite) => tab.answer(invite) });
    await tab.openAndCall('in-call');
    const registers = () => tab.sip.methods.filter((method) => method === 'REGISTER').length;
    const before = registers();
    const closed = tab.sip.nextClose();
    await tab.page.goto('about:blank');
    await closed;
    expect(tab.sip.methods).not.toContain('BYE');
    expect(registers()).toBe(before);
  });

  it('mutes and unmutes what is sent', async () => {
    await newTab({ onInvite: (invite) => tab.answer(invite) });
    await tab.openAndCall('in-call');
    const enabled = () =>
      tab.page.evaluate('copperline.peerConnection().getSenders()[0].track.enabled');
    await tab.get('mute-button').click();
    expect(await tab.get('mute-button').getAttribute('aria-pressed')).toBe('true');
    expect(await enabled()).toBe(false);
    await tab.get('mute-button').click();
    expect(await enabled()).toBe(true);
  });

  it('offers only the codecs that the address asks for', async () => {
    await newTab();
    const invite = tab.sip.next('INVITE');
    await tab.openAndCall('calling', '?codecs=pcmu');
    const { body } = await invite;
    expect(body).toContain('PCMU/8000');
    expect(body).toContain('telephone-event/8000');
    expect(body).not.toContain('opus');
  });
});
