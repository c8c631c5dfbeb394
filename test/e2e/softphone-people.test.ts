import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { browserStage } from '../support/browser-stage.js';
import type { ScriptedInvite } from '../support/scripted-sip-server.js';
import { looksRight } from '../support/softphone-looks.js';
import { SoftphonePage } from '../support/softphone-page.js';
import { WEBRTC_OFFER } from '../support/webrtc-offer.js';

const stage = browserStage();
let tab: SoftphonePage;
/** Whom the page called. */
let dialled: string[];

afterEach(async () => {
  expect(tab.complaints).toEqual([]);
  await tab.close();
});
async function ready(contacts: readonly [name: string, number: string][] = []): Promise<void> {
  dialled = [];
  const onInvite = (invite: ScriptedInvite): void => {
    dialled.push(invite.message.target);
    invite.reply({ status: 603 });
  };
  tab = await SoftphonePage.create({ ...stage, onInvite });
  const list = contacts.map(([name, number]) => ({ id: number, name, number }));
  const stored = JSON.stringify({ version: 1, contacts: list });
  await tab.page.addInitScript(`localStorage['copperline.contacts'] ??= ${JSON.stringify(stored)}`);
  await tab.page.emulateMedia({ reducedMotion: 'reduce' });
  await tab.open();
  await tab.registration('registered');
}

const field = () => tab.get('dial-input');
const shown = () => field().inputValue();
const digits = async () => (await shown()).replaceAll(' ', '');
const type = (text: string) => tab.page.keyboard.type(text);
const press = (key: string) => tab.page.keyboard.press(key);
const focused = () =>
  tab.page.evaluate(`(() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at?.dataset.testid ?? at?.tagName;
  })()`);

async function addContact(name: string, number: string): Promise<void> {
  await tab.get('contact-add').click();
  await tab.get('contact-name').fill(name);
  await tab.get('contact-number').fill(number);
  await tab.get('contact-save').click();
}

describe('the number field', () => {
  it('writes an international number as it is typed, and keeps the caret where the person is', async () => {
    await ready();
    await type('+4930');
    // The numbering plans come with the first plus.
    await tab.get('number-preview').getByText('Germany').waitFor();
    await type('123456');
    expect(await shown()).toBe('+49 30 123456');
    for (let step = 0; step < 4; step++) await press('ArrowLeft');
    await type('9');
    expect(await shown()).toBe('+49 30 1293456');
    expect(
      await field().evaluate((input: { selectionStart: number }) => input.selectionStart),
    ).toBe(10);
    await press('Backspace');
    await press('Backspace');
    await press('Backspace');
    expect(await shown()).toBe('+49 30 3456');
    // Behind the separator: the digit before it goes.
    await press('ArrowRight');
    await press('Backspace');
    expect(await digits()).toBe('+4933456');
    await press('Escape');
    expect(await shown()).toBe('');
    await tab.get('backspace-button').waitFor({ state: 'hidden' });
  });

  it('takes up what is pasted, dials what is meant, and leaves pauses and user names alone', async () => {
    await ready();
    for (const [pasted, text, target] of [
      ['tel:+49 (30) 123-456', '+49 30 123456', '+4930123456'],
      ['+49 30 123456,,77', '+4930123456,,77', '+4930123456'],
      ['sip:bob.smith@example.com', 'bob.smith', 'bob.smith'],
    ] as const) {
      await field().selectText();
      await tab.page.keyboard.insertText(pasted);
      await expect.poll(shown).toBe(text);
      const invited = tab.sip.next('INVITE');
      await press('Enter');
      expect((await invited).target).toBe(target);
      await tab.call('ended');
    }
  });

  it('is dialled by mouse and screen: keypad, plus by holding zero, delete, call', async () => {
    await ready();
    // Held until the plus is there; the very first click, which also closes the box about ringing above.
    await tab.get('key-0').hover();
    await tab.page.mouse.down();
    await expect.poll(shown).toBe('+');
    await tab.page.mouse.up();
    for (const key of ['1', '2', 'star', 'pound']) await tab.get(`key-${key}`).click();
    expect(await digits()).toBe('+12*#');
    await tab.get('backspace-button').click();
    await tab.get('letters-button').click();
    await tab.get('key-D').click();
    expect(await digits()).toBe('+12*D');
    await tab.get('letters-button').click();
    await tab.get('key-D').waitFor({ state: 'detached' });
    await tab.get('call-button').click();
    await tab.call('ended');
    expect(dialled).toEqual(['+12*D']);
  });
});

describe('people', () => {
  it('are found by name while it is typed anywhere on the page, and called with arrow keys and Enter', async () => {
    await ready([
      ['Anna Müller', '+4930123456'],
      ['Bo Anders', '601'],
      ['Zoë', '602'],
    ]);
    // Not in the field: a letter leads there.
    await tab.get('tab-recents').focus();
    await type('an');
    expect(await focused()).toBe('dial-input');
    await tab.get('match-601').waitFor();
    expect(await field().getAttribute('aria-activedescendant')).toBe('match-0');
    await looksRight(tab.page, 'search');
    await press('ArrowDown');
    expect(await tab.get('match-601').getAttribute('aria-selected')).toBe('true');
    const invited = tab.sip.next('INVITE');
    await press('Enter');
    expect((await invited).target).toBe('601');
    await tab.call('ended');
    // What was called is the newest of the recent ones, under the name of the contact.
    await tab.get('recent-601').getByText('Bo Anders').waitFor();
    const again = tab.sip.next('INVITE');
    await tab.get('recent-601').click();
    await again;
    await tab.call('ended');
    await field().fill('muller');
    await tab.get('match-+4930123456').click();
    await expect.poll(() => dialled).toEqual(['601', '601', '+4930123456']);
    await tab.call('ended');
    await field().fill('');
    await press('ArrowDown');
    await tab.get('match-601').waitFor();
    await press('Escape');
    await tab.get('matches').waitFor({ state: 'detached' });
    await field().fill('Nobody here');
    await tab.get('number-preview').getByText('Nobody here has that name.').waitFor();
    expect(await tab.get('call-button').isDisabled()).toBe(true);
  });

  it('are added, changed, deleted and brought back, with keys alone, and stay after a reload', async () => {
    await ready();
    await tab.get('no-recents').waitFor();
    await tab.get('tab-recents').focus();
    await press('ArrowRight');
    expect(await focused()).toBe('tab-contacts');
    await press('Tab');
    expect(await focused()).toBe('contact-add');
    await looksRight(tab.page, 'contacts-empty');
    await press('Enter');
    expect(await focused()).toBe('contact-name');
    await press('Enter');
    await tab.get('contact-problem').getByText('Enter a name').waitFor();
    await type('Anna');
    await press('Tab');
    await type('not a number');
    await press('Enter');
    await tab.get('contact-problem').getByText('Enter a phone number').waitFor();
    await looksRight(tab.page, 'contact-form');
    await tab.get('contact-number').fill('+49 (0)30 123-456');
    await press('Enter');
    await tab.get('contact-+4930123456').waitFor();
    expect(await focused()).toBe('contact-add');
    await tab.page.reload();
    await tab.get('tab-contacts').click();
    await tab.get('edit-+4930123456').click();
    await tab.get('contact-name').fill('Anna Müller');
    await tab.get('contact-save').click();
    await tab.get('contact-+4930123456').getByText('Anna Müller').waitFor();
    await tab.get('edit-+4930123456').click();
    await press('Escape');
    await tab.get('edit-+4930123456').click();
    await tab.get('contact-cancel').click();
    await tab.get('edit-+4930123456').click();
    await tab.get('contact-remove').click();
    await tab.get('contacts-news').getByText('Anna Müller was deleted.').waitFor();
    await tab.get('contact-+4930123456').waitFor({ state: 'detached' });
    await tab.get('contact-undo').click();
    await tab.get('contact-+4930123456').click();
    await tab.call('ended');
    expect(dialled).toEqual(['+4930123456']);
  });

  it('who called become contacts, and their name is shown when they call again', async () => {
    await ready();
    tab.sip.call(WEBRTC_OFFER).cancel();
    await tab.get('keep-+4930987654').click();
    expect(await tab.get('contact-name').inputValue()).toBe('Carol');
    await tab.get('contact-name').fill('Carol of the bakery');
    await tab.get('contact-save').click();
    await tab.get('contact-+4930987654').waitFor();
    await looksRight(tab.page, 'contacts');
    await tab.get('tab-recents').click();
    await tab.get('recent-+4930987654').getByText('Carol of the bakery').waitFor();
    await looksRight(tab.page, 'recents');
    tab.sip.call(WEBRTC_OFFER);
    await tab.call('incoming');
    expect(await tab.get('caller').textContent()).toBe('Carol of the bakery');
    await tab.get('decline-button').click();
    await tab.call('ended');
    await tab.get('recents-clear').click();
    await tab.get('no-recents').waitFor();
  });

  it('travel as a vCard file; a file that is none says that nobody was added', async () => {
    await ready([['Anna, M.', '+4930123456']]);
    await tab.get('tab-contacts').click();
    await addContact('Bo', '601');
    const downloading = tab.page.waitForEvent('download');
    await tab.get('contacts-export').click();
    const file = await (await downloading).path();
    expect(await readFile(file, 'utf8')).toContain('FN:Anna\\, M.');
    await tab.get('edit-601').click();
    await tab.get('contact-remove').click();
    const news = (text: string) => tab.get('contacts-news').getByText(text).waitFor();
    const choosing = tab.page.waitForEvent('filechooser');
    await tab.get('contacts-import').click();
    await (await choosing).setFiles(file);
    await news('Contacts added: 1.');
    await tab.get('contact-601').waitFor();
    const nothing = { name: 'x.vcf', mimeType: 'text/vcard', buffer: Buffer.from('x') };
    await tab.get('contacts-file').setInputFiles(nothing);
    await news('Contacts added: 0.');
  });
});
