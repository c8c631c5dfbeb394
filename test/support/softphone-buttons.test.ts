import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const COMPONENTS = 'webclient/softphone/components';
const TESTS = 'test/e2e';

const read = (folder: string, wanted: RegExp): { name: string; text: string }[] =>
  readdirSync(folder)
    .filter((name) => wanted.test(name))
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

/** Every `<button>` in the templates of the components: where, and its test id. */
const buttons = read(COMPONENTS, /\.ts$/).flatMap(({ name, text }) =>
  [...text.matchAll(/<button\b([\s\S]*?)(?:\n\s*>|[^=]>)/g)].map(([all]) => ({
    component: name,
    testId: /data-testid=(?:"([^"]+)"|\$\{(\w+)\})/.exec(all)?.slice(1).find(Boolean),
  })),
);

/** Ids that a component makes of a name: one for each name that it is used with. */
const MADE: Readonly<Record<string, readonly string[]>> = {
  '${name}-button': ['mute', 'hold', 'transfer', 'add', 'hangup'].map((name) => `${name}-button`),
  'remote-${command}': ['answer', 'decline', 'hang-up', 'mute', 'hold'].map(
    (name) => `remote-${name}`,
  ),
  testId: ['contact-add', 'contacts-import', 'contacts-export'],
  'tab-${tab}': ['tab-recents', 'tab-contacts'],
  'key-${TEST_NAMES[key] ?? key}': ['key-'],
  'number-${number}': ['number-600'],
  'recent-${number}': ['recent-'],
  'contact-${number}': ['contact-+'],
  'keep-${number}': ['keep-+'],
  'edit-${number}': ['edit-+'],
};

const clicked = read(TESTS, /^(?:softphone-.*|pre-call-check)\.test\.ts$/);

/** Tests that click it: `get('mute-button').click()`, `click('remote-mute')`, or by its role and name. */
function clickedIn(id: string): string[] {
  const literal = id.replace(/[+]/g, '\\+');
  const open = id.endsWith('-') || id.endsWith('+') ? '' : '[\'"`]';
  const pattern = new RegExp(
    `(?:(?:get|getByTestId)\\(\\s*['"\`]${literal}${open}[^;]*?\\.(?:click|check)\\(|click\\(\\s*['"\`]${literal}${open})`,
  );
  return clicked.filter(({ text }) => pattern.test(text)).map(({ name }) => name);
}

describe('every button of the softphone', () => {
  it('has a name that tests find it by', () => {
    expect(buttons.length).toBeGreaterThan(20);
    expect(buttons.filter(({ testId }) => testId === undefined)).toEqual([]);
  });

  const ids = new Set(buttons.flatMap(({ testId = '' }) => MADE[testId] ?? [testId]));
  it.each([...ids].sort())('%s is clicked in a test', (id) => {
    expect(clickedIn(id)).not.toEqual([]);
  });
});
