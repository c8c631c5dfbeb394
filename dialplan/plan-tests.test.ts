import { expect, it } from 'vitest';
import { createDialplan } from './create-dialplan.js';
import { runPlanTests, type PlanTest } from './plan-tests.js';

const dialplan = createDialplan({
  country: 'DE',
  routes: [],
  refuse: [],
  rules: [
    { name: 'no-france', countries: ['FR'], refuse: 'Not to France.' },
    { name: 'all', trunks: ['a', 'b'] },
  ],
});

function failure(dial: string, expected: PlanTest['expect']): string | undefined {
  return runPlanTests(dialplan, [{ dial, from: 'alice', origin: 'user', expect: expected }])[0]
    ?.sentence;
}

it('passes what is as expected', () => {
  expect(failure('030 1234567', { trunks: ['a', 'b'], number: '+49301234567' })).toBeUndefined();
  expect(failure('+33123456789', { refused: true, rule: 'no-france' })).toBeUndefined();
});

it('says what differs', () => {
  expect(failure('030 1234567', { trunks: ['b', 'a'] })).toBe(
    '030 1234567 from alice: expected the trunks b, a, but it goes over a, b',
  );
  expect(failure('030 1234567', { refused: true })).toBe(
    '030 1234567 from alice: expected a refusal, but the rule all routes it over a, b',
  );
  expect(failure('+33123456789', { trunks: ['a'] })).toContain('it is refused: The rule no-france');
  expect(failure('030 1234567', { rule: 'x' })).toContain('expected the rule x, but all decides');
  expect(failure('030 1234567', { number: '1' })).toContain('called as 1, but it is +49301234567');
});
