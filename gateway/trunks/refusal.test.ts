import { describe, expect, it } from 'vitest';
import { judgeRefusal } from './refusal.js';

const judge = (status: number, local = false, reasonHeader?: string) =>
  judgeRefusal({ status, reason: 'Text', reasonHeader, local }, 'acme');

describe('a refusal of a carrier', () => {
  it.each([
    [302, 'CL_TRUNK_REFUSED', 502, true],
    [400, 'CL_TRUNK_REFUSED', 502, true],
    [401, 'CL_TRUNK_CREDENTIALS', 502, true],
    [403, 'CL_TRUNK_REFUSED', 502, true],
    [404, 'NOT_FOUND', 404, false],
    [407, 'CL_TRUNK_CREDENTIALS', 502, true],
    [408, 'CL_TRUNK_SILENT', 504, true],
    [410, 'NOT_FOUND', 410, false],
    [480, 'UNAVAILABLE', 480, false],
    [484, 'NOT_FOUND', 484, false],
    [486, 'BUSY', 486, false],
    [488, 'CL_TRUNK_REFUSED', 502, true],
    [500, 'CL_TRUNK_FAILED', 502, true],
    [503, 'CL_TRUNK_FAILED', 502, true],
    [600, 'BUSY', 600, false],
    [603, 'DECLINED', 603, false],
    [604, 'NOT_FOUND', 604, false],
    [606, 'CL_TRUNK_REFUSED', 502, true],
    [607, 'DECLINED', 607, false],
    [608, 'DECLINED', 608, false],
  ] as const)('%i means %s', (...[status, code, forBrowser, tryNext]) => {
    const verdict = judge(status);
    expect(verdict.tryNext).toBe(tryNext);
    expect(verdict.end).toMatchObject({ by: 'carrier', code, sipStatus: forBrowser });
    expect(verdict.end.sentence).toMatch(/^The carrier "acme" .+ \(\d{3} Text\)\.$/);
  });

  it.each([
    [408, 'did not respond'],
    [503, 'cannot be reached'],
    [410, 'cannot be reached'],
  ])('made by our own stack, %i, is about the way there', (status, text) => {
    const { end, tryNext } = judge(status, true);
    expect(end).toMatchObject({ code: 'CL_TRUNK_UNREACHABLE', bucket: 'upstream', sipStatus: 503 });
    expect(end.sentence).toContain(text);
    expect(tryNext).toBe(true);
  });

  it('carries the carrier’s own words', () => {
    const { end } = judge(403, false, 'Q.850;cause=57;text="From user not allowed"');
    expect(end.sentence).toBe(
      'The carrier "acme" refused the call (403 Text; From user not allowed).',
    );
  });

  it('keeps an endless or unprintable reason phrase of a carrier out of the sentence', () => {
    const reason = `Bad\tDay ${'x'.repeat(60_000)}`;
    const refusal = { status: 500, reason, reasonHeader: undefined, local: false };
    const { sentence } = judgeRefusal(refusal, 'acme').end;
    expect(sentence).toContain('(500 Bad Day xxx');
    expect(sentence.length).toBeLessThan(300);
  });
});
