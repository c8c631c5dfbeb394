import { describe, expect, it } from 'vitest';
import { createDialplan } from './create-dialplan.js';
import type { DialplanConfig } from './dialplan-config.js';

const alice = { user: 'alice' };

function dialplan(rest: Partial<DialplanConfig>) {
  const rules = [{ name: 'all', trunks: ['a'] }];
  return createDialplan({ country: 'DE', routes: [], refuse: [], rules, ...rest });
}

describe('the guard', () => {
  it.each([
    ['0900 1234567', 'premium-rate numbers'],
    ['0180 5123456', 'shared-cost numbers'],
    ['+44 9098790123', 'premium-rate numbers'],
    ['+1 900 555 0123', 'premium-rate numbers'],
    ['+881 6 12345678', 'satellite phones'],
    ['+870 773 123456', 'Inmarsat satellite phones'],
    ['+979 1 23456789', 'international premium-rate numbers'],
  ])('closes %s by itself: %s', (dialled, range) => {
    const plan = dialplan({}).plan(dialled, alice);
    expect(plan).toMatchObject({ kind: 'refuse', code: 'CL_DIAL_FORBIDDEN', sipStatus: 403 });
    expect((plan as { sentence: string }).sentence).toContain(
      `${range} are closed unless dialplan.guard.open names them.`,
    );
  });

  it('opens what it is told to, and nothing beside it', () => {
    const opened = dialplan({ guard: { open: ['+49180'] } });
    expect(opened.plan('0180 5123456', alice).kind).toBe('route');
    expect(opened.plan('0900 1234567', alice).kind).toBe('refuse');
  });

  it('allows only the countries and prefixes of a list', () => {
    const guarded = dialplan({ guard: { allow: { countries: ['DE'], prefixes: ['+431'] } } });
    expect(guarded.plan('030 1234567', alice).kind).toBe('route');
    expect(guarded.plan('+43 1 234567', alice).kind).toBe('route');
    expect(guarded.plan('+33 1 23456789', alice)).toMatchObject({
      sentence: '+33123456789 (FR) may not be called: dialplan.guard.allow does not name it.',
    });
    // An allowed country is no reason to call its premium numbers.
    expect(guarded.plan('0900 1234567', alice).kind).toBe('refuse');
  });

  it('denies more than it allows', () => {
    const deny = { countries: ['FR'], prefixes: ['+4930'] };
    const guarded = dialplan({ guard: { allow: { countries: ['DE', 'FR'] }, deny } });
    expect(guarded.plan('030 1234567', alice)).toMatchObject({
      sentence: '+49301234567 may not be called: dialplan.guard.deny names +4930.',
    });
    expect(guarded.plan('+33 1 23456789', alice)).toMatchObject({
      sentence: '+33123456789 may not be called: dialplan.guard.deny names FR.',
    });
    expect(guarded.plan('089 1234567', alice).kind).toBe('route');
  });

  it('looks at a number after it was rewritten', () => {
    const rules = [
      {
        name: 'trick',
        numbers: ['+49301234567'],
        rewrite: { pattern: '^.*$', to: '+499001234567' },
      },
      { name: 'all', trunks: ['a'] },
    ];
    expect(dialplan({ rules }).plan('030 1234567', alice).kind).toBe('refuse');
  });
});

describe('emergency numbers', () => {
  const closed: Partial<DialplanConfig> = {
    emergency: { trunks: ['carrier', 'backup'] },
    guard: { allow: { countries: ['FR'] } },
    rules: [{ name: 'none', refuse: 'Nobody may call.' }],
  };

  it.each(['112', '110', '1 1 2'])('%s comes before everything else', (dialled) => {
    expect(dialplan(closed).plan(dialled, { user: 'nobody' })).toMatchObject({
      kind: 'route',
      emergency: true,
      rule: 'emergency',
      routes: [{ trunk: 'carrier' }, { trunk: 'backup' }],
    });
  });

  it('are those of the country, or of the settings', () => {
    const american = dialplan({ ...closed, country: 'US' });
    expect(american.plan('911', alice).kind).toBe('route');
    expect(american.plan('110', alice).kind).toBe('refuse');
    const own = dialplan({ ...closed, emergency: { trunks: ['a'], numbers: ['333'] } });
    expect(own.plan('333', alice)).toMatchObject({ emergency: true });
    expect(own.plan('112', alice).kind).toBe('refuse');
  });

  it('may be a rule for a short code where no trunk is named for them', () => {
    const rules = [{ name: 'own', short: ['112'], trunks: ['pbx'] }];
    expect(dialplan({ rules }).plan('112', alice)).toMatchObject({ kind: 'route', rule: 'own' });
    expect(dialplan({}).plan('112', alice)).toMatchObject({
      code: 'CL_DIAL_NO_ROUTE',
      sentence: 'The emergency number 112 cannot be called: dialplan.emergency names no trunk.',
    });
  });
});
