import { describe, expect, it } from 'vitest';
import { Secret } from '../kernel/secret.js';
import { ChallengeAnswers, type ChallengedResponse } from './challenge-answers.js';
import { parseCredentials } from './digest.js';

const CREDENTIALS = { username: 'u', password: new Secret('p') };
const REQUEST = { method: 'INVITE', uri: 'sip:1@h' };

const challenged = (status: number, value: string): ChallengedResponse => ({
  status,
  header: (name) =>
    name === (status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate') ? value : undefined,
});
const digest = (nonce: string, more = ''): string =>
  `Digest realm="r", nonce="${nonce}", qop="auth"${more}`;

describe('answers to challenges', () => {
  it('take the first one that we know', () => {
    const answers = new ChallengeAnswers(CREDENTIALS);
    const value = `${digest('1', ', algorithm=SHA-512-256')}, ${digest('2', ', algorithm=SHA-256')}, ${digest('3')}`;
    const headers = answers.next(challenged(401, value), REQUEST);
    const given = parseCredentials(headers?.['Authorization'] ?? '');
    expect(given).toMatchObject({ nonce: '2', algorithm: 'SHA-256' });
  });

  it('keep those of the proxy when the server asks too', () => {
    const answers = new ChallengeAnswers(CREDENTIALS);
    answers.next(challenged(407, digest('1')), REQUEST);
    const headers = answers.next(challenged(401, digest('2')), REQUEST);
    expect(Object.keys(headers ?? {})).toEqual(['Proxy-Authorization', 'Authorization']);
  });

  it('are given again for a stale nonce, but not for ever', () => {
    const answers = new ChallengeAnswers(CREDENTIALS);
    expect(answers.next(challenged(401, digest('1')), REQUEST)).toBeDefined();
    for (const nonce of ['2', '3'])
      expect(answers.next(challenged(401, digest(nonce, ', stale=true')), REQUEST)).toBeDefined();
    expect(answers.next(challenged(401, digest('4', ', stale=TRUE')), REQUEST)).toBeUndefined();
    expect(answers.failure).toBe('wrong');
  });

  it('are not repeated for the same nonce, nor when they are wrong', () => {
    const same = new ChallengeAnswers(CREDENTIALS);
    same.next(challenged(401, digest('1')), REQUEST);
    expect(same.next(challenged(401, digest('1', ', stale=true')), REQUEST)).toBeUndefined();
    const wrong = new ChallengeAnswers(CREDENTIALS);
    wrong.next(challenged(401, digest('1')), REQUEST);
    expect(wrong.next(challenged(401, digest('2')), REQUEST)).toBeUndefined();
    expect([same.failure, wrong.failure]).toEqual(['wrong', 'wrong']);
  });

  it('are refused with a reason where none is possible', () => {
    const none = new ChallengeAnswers(undefined);
    expect(none.next(challenged(401, digest('1')), REQUEST)).toBeUndefined();
    expect(none.failure).toBe('no-credentials');
    const strange = new ChallengeAnswers(CREDENTIALS);
    expect(strange.next(challenged(401, 'Bearer realm="x"'), REQUEST)).toBeUndefined();
    expect(strange.failure).toBe('not-understood');
    expect(strange.next({ status: 403, header: () => undefined }, REQUEST)).toBeUndefined();
  });
});
