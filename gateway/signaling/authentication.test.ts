import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.js';
import { Secret } from '../kernel/secret.js';
import { answerChallenge } from './digest-client.js';
import {
  Authenticator,
  DEFAULT_AUTHENTICATION,
  type AuthenticationVerdict,
} from './authentication.js';
import type { SipRequest } from './sip-request.js';

const clock = new ManualClock();
const flow = { id: 'f', remoteAddress: '198.51.100.1', closed: new AbortController().signal };

function authenticator(): Authenticator {
  const accounts: Record<string, { password: Secret }> = { alice: { password: new Secret('pw') } };
  return new Authenticator(
    { ...DEFAULT_AUTHENTICATION, realm: 'r' },
    (user) => accounts[user],
    clock,
  );
}

function request(
  headers: Record<string, string> = {},
  changes: Partial<SipRequest> = {},
): SipRequest {
  return {
    ...{ method: 'REGISTER', uri: 'sip:r', source: '198.51.100.1:1', flow },
    header: (name) => headers[name],
    ...changes,
  };
}

function challengeIn(verdict: AuthenticationVerdict): string {
  if (verdict.kind !== 'refused') throw new Error('not refused');
  const { 'WWW-Authenticate': www, 'Proxy-Authenticate': proxy } = verdict.refusal.headers ?? {};
  return [www ?? proxy ?? ''].flat().join(',');
}

function answer(challenge: string, username = 'alice', password = 'pw'): string {
  const credentials = { username, password: new Secret(password) };
  return answerChallenge({ challenge, method: 'REGISTER', uri: 'sip:r', credentials }) ?? '';
}

describe('authentication', () => {
  it('challenges, then accepts the answer, once', () => {
    const subject = authenticator();
    const first = subject.check(request(), 401);
    expect(first).toMatchObject({ refusal: { status: 401, code: 'CL_AUTH_REQUIRED' } });
    const Authorization = answer(challengeIn(first));
    expect(subject.check(request({ Authorization }), 401)).toEqual({
      ...{ kind: 'accepted', user: 'alice' },
    });
    const again = subject.check(request({ Authorization }), 401);
    expect(challengeIn(again)).toContain('stale=true');
  });

  it('uses the Proxy- headers for 407 and takes no other', () => {
    const subject = authenticator();
    const value = answer(challengeIn(subject.check(request(), 407)));
    expect(subject.check(request({ Authorization: value }), 407).kind).toBe('refused');
    expect(subject.check(request({ 'Proxy-Authorization': value }), 407).kind).toBe('accepted');
  });

  it('says stale, not wrong, when a right answer comes too late', () => {
    const subject = authenticator();
    const Authorization = answer(challengeIn(subject.check(request(), 401)));
    clock.advance(300_001);
    const late = subject.check(request({ Authorization }), 401);
    expect(late).toMatchObject({ refusal: { code: 'CL_AUTH_REQUIRED' } });
    expect(challengeIn(late)).toContain('stale=true');
  });

  it('treats an unknown user, a wrong password and another request-URI alike', () => {
    const subject = authenticator();
    const challenge = (): string => challengeIn(subject.check(request(), 401));
    const verdicts = [
      subject.check(request({ Authorization: answer(challenge(), 'nobody') }), 401),
      subject.check(request({ Authorization: answer(challenge(), 'alice', 'no') }), 401),
      subject.check(request({ Authorization: answer(challenge()) }, { uri: 'sip:other' }), 401),
      subject.check(request({ Authorization: answer(challenge()) }, { method: 'INVITE' }), 401),
    ];
    for (const verdict of verdicts) {
      expect(verdict).toMatchObject({ refusal: { status: 401, code: 'CL_AUTH_WRONG' } });
      expect(challengeIn(verdict)).not.toContain('stale');
    }
  });

  it('insists on qop=auth', () => {
    const subject = authenticator();
    const challenge = challengeIn(subject.check(request(), 401)).replaceAll(', qop="auth"', '');
    const verdict = subject.check(request({ Authorization: answer(challenge) }), 401);
    expect(verdict).toMatchObject({ refusal: { code: 'CL_AUTH_WRONG' } });
  });

  it('blocks an address after ten wrong passwords, even for the right one', () => {
    const subject = authenticator();
    const good = answer(challengeIn(subject.check(request(), 401)));
    for (let attempt = 0; attempt < 10; attempt++) {
      const challenge = challengeIn(subject.check(request(), 401));
      subject.check(request({ Authorization: answer(challenge, 'alice', 'no') }), 401);
    }
    const verdict = subject.check(request({ Authorization: good }), 401);
    expect(verdict).toMatchObject({
      refusal: { status: 403, code: 'CL_AUTH_BLOCKED', headers: { 'Retry-After': '60' } },
    });
  });

  it('takes the user of a WebSocket that signed in by itself', () => {
    const verdict = authenticator().check(request({}, { flow: { ...flow, user: 'bob' } }), 401);
    expect(verdict).toEqual({ kind: 'accepted', user: 'bob' });
  });
});
