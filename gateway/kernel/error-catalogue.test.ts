import { describe, expect, it } from 'vitest';
import { ERROR_CATALOGUE, RETIRED_CODES } from './error-catalogue.js';
import { CopperlineError, toCopperlineError } from './errors.js';

function document(): string {
  const rows = Object.entries(ERROR_CATALOGUE).map(
    ([code, entry]) =>
      `| \`${code}\` | ${String(entry.sipStatus)} | ${entry.bucket} | ${entry.retryable ? 'yes' : 'no'} | ${entry.when} |`,
  );
  return [
    '# Error codes',
    '',
    'Every failure that Copperline reports carries one of these codes, in the log, in the CDR and in the',
    '`Reason` header of the refusal. Codes are never renamed or reused. The table is checked against',
    '`kernel/error-catalogue.ts` by its test (`npx vitest run -u gateway/kernel` rewrites it).',
    '',
    '`ok`: ended as people meant it to. `client`: the caller or the browser. `upstream`: the carrier.',
    '`server`: the gateway. `indeterminate`: nobody can say.',
    '',
    '| code | SIP status | on | may work later | when |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

describe('the error catalogue', () => {
  it('is what gateway/ERRORS.md lists', async () => {
    await expect(document()).toMatchFileSnapshot('../ERRORS.md');
  });

  it('has well-formed entries, and no retired code comes back', () => {
    for (const [code, entry] of Object.entries(ERROR_CATALOGUE)) {
      expect(code).toMatch(/^CL(_[A-Z0-9]+)+$/);
      expect(entry.sipStatus).toBeGreaterThanOrEqual(200);
      expect(entry.sipStatus).toBeLessThan(700);
      expect(entry.when).toMatch(/\.$/);
      expect(RETIRED_CODES).not.toContain(code);
    }
  });

  it('gives an error its verdict', () => {
    const error = new CopperlineError('CL_START_PORT_IN_USE', { sentence: 'UDP 5060 is taken.' });
    expect(error).toMatchObject({ sipStatus: 500, bucket: 'server', retryable: false });
    expect(error.sentence).toBe('UDP 5060 is taken.');
    expect(new CopperlineError('CL_INTERNAL', { sentence: 'x', sipStatus: 480 }).sipStatus).toBe(
      480,
    );
  });

  it('wraps foreign errors and passes its own through', () => {
    const own = new CopperlineError('CL_INTERNAL', { sentence: 'x' });
    expect(toCopperlineError(own, 'CL_CONFIG_INVALID')).toBe(own);
    const wrapped = toCopperlineError(new Error('EPIPE'), 'CL_INTERNAL');
    expect(wrapped.code).toBe('CL_INTERNAL');
    expect(wrapped.sentence).toBe('EPIPE');
    expect(toCopperlineError('text', 'CL_INTERNAL').sentence).toBe('text');
  });
});
