import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  authorize,
  PASSWORD,
  REALM,
  SignalingRig,
  type RigBrowser,
} from '../../support/signaling-rig.js';

let rig: SignalingRig;
let browser: RigBrowser;
beforeEach(async () => {
  rig = await SignalingRig.start();
  browser = await rig.browser();
});
afterEach(() => rig.close());

const answer = { method: 'REGISTER', uri: `sip:${REALM}`, user: 'alice', password: PASSWORD };

describe('registration over a WebSocket', () => {
  it('offers each algorithm in a header line of its own', async () => {
    const challenge = await browser.register();
    expect(challenge.status).toBe(401);
    const lines = challenge.all('WWW-Authenticate');
    expect(lines.map((line) => /algorithm=([\w-]+)/.exec(line)?.[1])).toEqual(['MD5', 'SHA-256']);
    for (const line of lines) expect(line).toMatch(/realm="gateway\.test".*qop="auth"/);
  });

  it.each(['MD5', 'SHA-256'] as const)('signs in with %s', async (algorithm) => {
    const challenge = await browser.register();
    const Authorization = authorize(challenge, { ...answer, algorithm });
    const ok = await browser.register({ Authorization, Expires: '300' });
    expect(ok.status).toBe(200);
    expect(ok.require('Contact')).toBe(`${browser.peer.contact};expires=300`);
    expect(ok.require('Expires')).toBe('300');
    expect(ok.get('Date')).toMatch(/GMT$/);
    expect(await rig.signaling.locations.count()).toBe(1);
    expect(rig.harness.server.counts().bindings).toBe(1);
  });

  it('refuses a wrong password and an unknown user alike', async () => {
    const wrong = await browser.register({
      Authorization: authorize(await browser.register(), { ...answer, password: 'no' }),
    });
    const stranger = await rig.browser('mallory');
    const unknown = await stranger.register({
      Authorization: authorize(await stranger.register(), { ...answer, user: 'mallory' }),
    });
    for (const refusal of [wrong, unknown]) {
      expect(refusal.status).toBe(401);
      expect(refusal.require('Reason')).toBe(
        'SIP;cause=401;text="The user name or the password is wrong."',
      );
      expect(refusal.require('X-Copperline-Code')).toBe('CL_AUTH_WRONG');
    }
    expect(await rig.signaling.locations.count()).toBe(0);
  });

  it('asks again, without blame, when a request is repeated', async () => {
    const Authorization = authorize(await browser.register(), answer);
    expect((await browser.register({ Authorization })).status).toBe(200);
    const again = await browser.register({ Authorization });
    expect(again.status).toBe(401);
    expect(again.require('WWW-Authenticate')).toContain('stale=true');
  });

  it('blocks an address after too many wrong passwords', async () => {
    for (let attempt = 0; attempt < 10; attempt++) {
      const challenge = await browser.register();
      await browser.register({
        Authorization: authorize(challenge, { ...answer, password: `guess ${attempt}` }),
      });
    }
    const blocked = await browser.register();
    expect(blocked.status).toBe(403);
    expect(Number(blocked.require('Retry-After'))).toBeGreaterThan(0);
    expect(blocked.require('X-Copperline-Code')).toBe('CL_AUTH_BLOCKED');
  });

  it('says the least time with 423', async () => {
    const brief = await browser.signIn({ Expires: '5' });
    expect(brief.status).toBe(423);
    expect(brief.require('Min-Expires')).toBe('60');
  });

  it('forgets the device when it signs off or its WebSocket closes', async () => {
    await browser.signIn();
    const gone = await browser.signIn({ Contact: '*', Expires: '0' });
    expect(gone.status).toBe(200);
    expect(gone.get('Contact')).toBeUndefined();
    expect(await rig.signaling.locations.count()).toBe(0);

    await browser.signIn();
    const removed = new Promise((resolve) => {
      rig.signaling.registrar.events.once('removed', resolve);
    });
    await browser.loseWebSocket();
    expect(await removed).toBe('alice');
    expect(await rig.signaling.locations.count()).toBe(0);
  });

  it('refuses a user who registers the address of another', async () => {
    const other = '<sip:bob@gateway.test>';
    const refusal = await browser.signIn({ To: other });
    expect(refusal.status).toBe(403);
    expect(refusal.require('X-Copperline-Code')).toBe('CL_AUTH_IDENTITY');
  });
});

describe('others', () => {
  it('may not register, nor call, but OPTIONS is answered', async () => {
    const stranger = rig.carrier;
    stranger.request('OPTIONS');
    expect((await stranger.next(200, 'OPTIONS')).require('Allow')).toContain('INVITE');
    stranger.request('REGISTER');
    expect((await stranger.next(403, 'REGISTER')).require('Reason')).toContain('Only browsers');
    stranger.request('MESSAGE', { headers: { 'Content-Type': 'text/plain' }, body: 'hi' });
    expect((await stranger.next(405, 'MESSAGE')).require('Allow')).not.toContain('MESSAGE');
    const invite = stranger.request('INVITE');
    const refusal = await stranger.next(403, 'INVITE');
    stranger.sameBranch('ACK', invite, refusal.require('To'));
    expect(refusal.require('X-Copperline-Code')).toBe('CL_SIP_NOT_A_BROWSER');
  });
});
