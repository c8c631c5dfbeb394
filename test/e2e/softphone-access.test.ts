import { afterEach, describe, expect, it } from 'vitest';
import { browserStage } from '../support/browser-stage.js';
import type { ScriptedInvite } from '../support/scripted-sip-server.js';
import { RUNNING_ANIMATIONS } from '../support/softphone-looks.js';
import { SoftphonePage, type SoftphonePageOptions } from '../support/softphone-page.js';
import { WEBRTC_OFFER } from '../support/webrtc-offer.js';

/** Test id of what has the focus, through all shadow roots. */
const FOCUSED = `(() => {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at?.dataset.testid ?? at?.className ?? '';
})()`;

/** Test ids of all buttons, fields and lists that can be used now, from top to bottom. */
const USABLE = `(() => {
  const found = [];
  const walk = (root) => {
    for (const element of root.querySelectorAll('*')) {
      const usable = element.matches('button, input, select') && !element.disabled && element.tabIndex >= 0;
      if (usable && element.checkVisibility()) found.push(element.dataset.testid);
      if (element.shadowRoot) walk(element.shadowRoot);
    }
  };
  walk(document);
  return found;
})()`;

/** Keeps what the live regions say, in their order. */
const LISTEN = `(() => {
  window.heard = [];
  const app = document.querySelector('copperline-softphone').shadowRoot;
  const regions = app.querySelector('copperline-live-announcer').shadowRoot;
  const seen = {};
  new MutationObserver(() => {
    for (const region of regions.querySelectorAll('[role]')) {
      const text = region.textContent.trim();
      if (text !== '' && seen[region.role] !== text) window.heard.push(region.role + ': ' + text);
      seen[region.role] = text;
    }
  }).observe(regions, { subtree: true, childList: true, characterData: true });
})()`;

const stage = browserStage();
let tab: SoftphonePage;

afterEach(async () => {
  expect(tab.complaints).toEqual([]);
  await tab.close();
});
async function open(options: Partial<SoftphonePageOptions> = {}, script = ''): Promise<void> {
  tab = await SoftphonePage.create({ ...stage, ...options });
  await tab.page.addInitScript(script);
  await tab.page.emulateMedia({ reducedMotion: 'reduce' });
  await tab.open();
}

const press = (key: string) => tab.page.keyboard.press(key);
const usable = () => tab.page.evaluate<string[]>(USABLE);
const focused = () => tab.page.evaluate<string>(FOCUSED);

/** Presses Tab until the focus has been everywhere, and returns where it was, in order. */
async function tabThrough(): Promise<string[]> {
  const reached: string[] = [];
  const all = await usable();
  for (let step = 0; step < 2 * all.length + 4; step++) {
    await press('Tab');
    const at = await focused();
    if (at !== '' && !reached.includes(at)) reached.push(at);
  }
  return reached;
}

/** Every control is reached by Tab, in the order it is seen, and none keeps the focus. */
async function expectNoTrap(): Promise<void> {
  const all = await usable();
  const reached = (await tabThrough()).filter((id) => all.includes(id));
  expect([...reached].sort()).toEqual([...all].sort());
  const start = all.indexOf(reached[0] ?? '');
  expect(reached).toEqual([...all.slice(start), ...all.slice(0, start)]);
}

describe('with the keyboard alone', () => {
  it('everything in the form, the dial pad and a call is reached in order, and nothing keeps the focus', async () => {
    await open({ demo: false, onInvite: (invite) => tab.answer(invite) });
    await tab.get('sign-in-user').waitFor();
    await expectNoTrap();
    await tab.get('sign-in-user').focus();
    await tab.page.keyboard.type('demo');
    await press('Tab');
    await tab.page.keyboard.type('right');
    await press('Enter');
    await tab.registration('registered');
    await tab.page.keyboard.type('600');
    await expectNoTrap();
    await tab.get('dial-input').focus();
    await press('Enter');
    await tab.call('in-call');
    await expectNoTrap();
    await press('Shift+Tab');
    await tab.get('transfer-button').focus();
    await press('Space');
    expect(await focused()).toBe('transfer-number');
    // Closes the panel, and only that.
    await press('Escape');
    await tab.get('transfer-number').waitFor({ state: 'detached' });
    await tab.get('settings-button').focus();
    await press('Enter');
    await tab.get('settings-close').waitFor();
    await press('Escape');
    await tab.get('settings-close').waitFor({ state: 'detached' });
    expect(await focused()).toBe('settings-button');
    await tab.call('in-call');
    await press('Tab');
    const bye = tab.sip.next('BYE');
    await press('Escape');
    await bye;
  });

  it('a call that comes in is answered and declined on purpose only', async () => {
    await open();
    await tab.registration('registered');
    const first = tab.sip.call(WEBRTC_OFFER);
    await tab.call('incoming');
    // Whoever was typing goes on typing: nothing is answered by that.
    await press('Enter');
    await press('Space');
    await tab.call('incoming');
    await press('Escape');
    expect((await first.answer).startLine).toContain('603');
    const second = tab.sip.call(WEBRTC_OFFER);
    await tab.call('incoming');
    await press('Tab');
    expect(await focused()).toBe('decline-button');
    await press('Tab');
    expect(await focused()).toBe('answer-button');
    await press('Enter');
    expect((await second.answer).startLine).toContain('200');
    await tab.call('in-call');
  });
});

describe('without looking', () => {
  it('each step of a call is announced once, in a region that is always there', async () => {
    let step: () => void = () => undefined;
    await open({
      onInvite: async (invite: ScriptedInvite) => {
        invite.reply({ status: 180 });
        await new Promise<void>((resolve) => (step = resolve));
        await tab.answer(invite);
      },
    });
    await tab.registration('registered');
    await tab.page.evaluate(LISTEN);
    await tab.get('number-600').click();
    await tab.call('ringing');
    step();
    await tab.call('in-call');
    const second = tab.sip.call(WEBRTC_OFFER);
    await tab.get('second-call').waitFor();
    second.cancel();
    await tab.get('second-call').waitFor({ state: 'detached' });
    await tab.get('hangup-button').click();
    await tab.call('ended');
    const heard = async () => {
      const all = await tab.page.evaluate<string[]>('heard');
      // These may be over before they are drawn.
      return all.filter((text) => !/Calling…|Connecting…/.test(text));
    };
    const who = 'Echo: hear yourself';
    await expect
      .poll(heard, { timeout: 10_000 })
      .toEqual([
        `status: ${who}: Ringing…`,
        `status: ${who}: In call`,
        'alert: Carol is calling',
        expect.stringMatching(/^status: You hung up\./),
      ]);
  });
});

describe('with reduced motion', () => {
  it('nothing moves while it rings, here or there', async () => {
    await open({
      onInvite: (invite) => {
        invite.reply({ status: 180 });
      },
    });
    const moving = () => tab.page.evaluate<string[]>(RUNNING_ANIMATIONS);
    await tab.registration('registered');
    await tab.get('number-600').click();
    await tab.call('ringing');
    expect(await moving()).toEqual([]);
    await tab.get('hangup-button').click();
    tab.sip.call(WEBRTC_OFFER);
    await tab.call('incoming');
    expect(await moving()).toEqual([]);
    // With motion it would: the check sees what it should.
    await tab.page.emulateMedia({ reducedMotion: 'no-preference' });
    await expect.poll(moving, { timeout: 10_000 }).toContain('pulse');
  });
});

describe('in another window', () => {
  /** The page is hidden, and remembers what it told the person. */
  const HIDDEN = `
    Object.defineProperty(document, 'hidden', { get: () => true });
    window.told = [];
    window.Notification = new Proxy(Notification, {
      construct(target, [title, options]) {
        const notification = new target(title, options);
        window.told.push(title);
        window.lastNotification = notification;
        notification.addEventListener('close', () => window.told.push('closed'));
        return notification;
      },
    });`;

  it('a notification tells who calls, is closed with the call, and leads to the page', async () => {
    await open({}, HIDDEN);
    await tab.page.context().grantPermissions(['notifications']);
    await tab.registration('registered');
    expect(await tab.page.evaluate('Notification.permission')).toBe('granted');
    const call = tab.sip.call(WEBRTC_OFFER);
    await tab.call('incoming');
    expect(await tab.page.evaluate('told')).toEqual(['Carol is calling']);
    expect(await tab.page.evaluate('lastNotification.onclick !== null')).toBe(true);
    await tab.page.evaluate(`(() => {
      const close = lastNotification.close.bind(lastNotification);
      lastNotification.close = () => { told.push('taken back'); close(); };
    })()`);
    call.cancel();
    await tab.call('ended');
    await expect.poll(() => tab.page.evaluate('told')).toContain('taken back');
  });

  it('where notifications are not allowed, it rings all the same', async () => {
    await open({}, HIDDEN);
    await tab.registration('registered');
    tab.sip.call(WEBRTC_OFFER);
    await tab.call('incoming');
    expect(await tab.page.evaluate('told')).toEqual([]);
    await tab.get('answer-button').waitFor();
  });
});
