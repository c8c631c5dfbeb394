import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../gateway/kernel/secret.js';
import { authorize, SignalingRig, type RigBrowser } from '../../support/signaling-rig.js';
import { SDP } from '../../support/sip-server-harness.js';

let rig: SignalingRig;
let browser: RigBrowser;
beforeEach(async () => {
  rig = await SignalingRig.start({
    trunk: { credentials: { username: 'acct', password: new Secret('trunk pass') } },
  });
  browser = await rig.browser();
});
afterEach(() => rig.close());

describe('a call over drachtio-srf', () => {
  it('comes up, and ends when the browser hangs up', async () => {
    const { invite, ok } = await rig.connect(browser);
    expect(invite.uri).toBe(`sip:+49301234@${rig.carrier.sentBy};transport=udp`);
    expect(invite.require('From')).toContain('<sip:alice@127.0.0.1>');
    expect(invite.body).toContain('o=gateway 1');
    expect(ok.body).toContain('s=stable');
    browser.peer.callerRequest('BYE', ok, { sequence: 3 });
    await browser.peer.next(200, 'BYE');
    const bye = await rig.carrier.next('BYE');
    expect(bye.require('Reason')).toBe('SIP;cause=200;text="The browser hung up."');
    rig.carrier.reply(bye, 200);
    expect(await rig.nextRecord()).toMatchObject({ end: { by: 'browser', code: 'NORMAL' } });
  });

  it('refuses what requires an unknown extension, in a call and before it', async () => {
    const { invite, ok } = await rig.connect(browser);
    rig.carrier.calleeRequest('INFO', invite, { sequence: 1, headers: { Require: 'x-holo' } });
    const inside = await rig.carrier.next(420, 'INFO');
    expect(inside.require('Unsupported')).toBe('x-holo');
    rig.carrier.request('OPTIONS', { headers: { Require: 'x-holo' } });
    expect((await rig.carrier.next(420, 'OPTIONS')).require('Unsupported')).toBe('x-holo');
    browser.peer.callerRequest('BYE', ok, { sequence: 3, headers: { Require: 'x-holo' } });
    await browser.peer.next(200, 'BYE');
    rig.carrier.reply(await rig.carrier.next('BYE'), 200);
  });

  it('ends when the carrier hangs up, with its reason', async () => {
    const { invite } = await rig.connect(browser);
    rig.carrier.calleeRequest('BYE', invite, {
      sequence: 1,
      headers: { Reason: 'Q.850;cause=31;text="Network out of order"' },
    });
    await rig.carrier.next(200, 'BYE');
    const bye = await browser.peer.next('BYE');
    expect(bye.require('Reason')).toContain('The carrier hung up (Network out of order).');
    browser.peer.reply(bye, 200);
    expect(await rig.nextRecord()).toMatchObject({ end: { by: 'carrier' } });
  });

  it('relays early media once and then the refusal with its sentence', async () => {
    const invite = await browser.invite('+49301234');
    const out = await rig.carrier.next('INVITE');
    rig.carrier.reply(out, 183, { body: SDP });
    expect((await browser.peer.next(183)).body).toContain('s=stable');
    rig.carrier.reply(out, 404);
    await rig.carrier.next('ACK');
    const refusal = await browser.acknowledgeRefusal(invite, 404);
    expect(refusal.require('Reason')).toBe(
      'SIP;cause=404;text="The carrier \\"carrier\\" says that the number does not exist (404 Scripted); it was asked for +49301234 (numberFormat e164)."',
    );
    expect(refusal.require('X-Copperline-Code')).toBe('NOT_FOUND');
  });

  it('answers the carrier’s challenge once, with the topmost algorithm that it knows', async () => {
    await browser.invite('+49301234');
    const first = await rig.carrier.next('INVITE');
    rig.carrier.reply(first, 407, {
      headers: {
        'Proxy-Authenticate': [
          'Digest realm="c", nonce="n0", algorithm=SHA-512-256, qop="auth"',
          'Digest realm="c", nonce="n1", algorithm=SHA-256, qop="auth,auth-int"',
          'Digest realm="c", nonce="n2", algorithm=MD5, qop="auth"',
        ],
      },
    });
    await rig.carrier.next('ACK');
    const second = await rig.carrier.next('INVITE');
    const value = second.require('Proxy-Authorization');
    expect(value).toContain('nonce="n1"');
    expect(value).toContain('algorithm=SHA-256');
    expect(second.require('Call-ID')).toBe(first.require('Call-ID'));
    expect(second.tag('From')).toBe(first.tag('From'));
    expect(second.sequence).toBe(first.sequence + 1);
    rig.carrier.reply(second, 407, {
      headers: { 'Proxy-Authenticate': 'Digest realm="c", nonce="n3", qop="auth"' },
    });
    await rig.carrier.next('ACK');
    const refusal = await browser.peer.next(502, 'INVITE');
    expect(refusal.require('X-Copperline-Code')).toBe('CL_TRUNK_CREDENTIALS');
  });

  it('refuses an INVITE whose From is not the signed-in user', async () => {
    const uri = 'sip:1@gateway.test';
    const headers = { From: '<sip:bob@gateway.test>;tag=x', 'Call-ID': 'spoof', To: `<${uri}>` };
    const first = browser.peer.request('INVITE', { uri, headers, body: SDP });
    const challenge = await browser.peer.next(407, 'INVITE');
    browser.peer.sameBranch('ACK', first, challenge.require('To'));
    const value = authorize(challenge, {
      ...{ method: 'INVITE', uri, user: 'alice', password: 'correct horse' },
    });
    const second = browser.peer.request('INVITE', {
      ...{ uri, body: SDP },
      headers: { ...headers, CSeq: '2 INVITE', 'Proxy-Authorization': value },
    });
    const refusal = await browser.acknowledgeRefusal(second, 403);
    expect(refusal.require('X-Copperline-Code')).toBe('CL_AUTH_IDENTITY');
  });
});

describe('inside a call', () => {
  it('passes digits and reports to the browser, and answers other INFO with 415', async () => {
    const { invite, ok } = await rig.connect(browser);
    rig.engine.sessions[0]!.handlers.onDigit({
      ...{ from: 'callee', digit: '4', durationMs: 120, carried: true },
    });
    const info = await browser.peer.next('INFO');
    expect(info.require('Content-Type')).toBe('application/dtmf-relay');
    expect(info.body).toBe('Signal=4\r\nDuration=120\r\n');
    browser.peer.reply(info, 200);
    const type = 'application/vnd.copperline.dtmf-report+json';
    rig.carrier.calleeRequest('INFO', invite, {
      ...{ sequence: 1, headers: { 'Content-Type': type }, body: '{"digits":1}' },
    });
    await rig.carrier.next(200, 'INFO');
    const report = await browser.peer.next('INFO');
    expect([report.require('Content-Type'), report.body]).toEqual([type, '{"digits":1}']);
    browser.peer.reply(report, 200);
    rig.carrier.calleeRequest('INFO', invite, {
      ...{ sequence: 2, headers: { 'Content-Type': 'text/plain' }, body: 'x' },
    });
    await rig.carrier.next(415, 'INFO');
    browser.peer.callerRequest('BYE', ok, { sequence: 3 });
    rig.carrier.reply(await rig.carrier.next('BYE'), 200);
  });

  it('answers re-INVITEs: without SDP with our offer, a change that the browser refuses with 488', async () => {
    const { invite, ok } = await rig.connect(browser);
    const refresh = rig.carrier.calleeRequest('INVITE', invite, { sequence: 1 });
    const answer = await rig.carrier.next(200, 'INVITE');
    expect(answer.body).toContain('o=gateway 2');
    rig.carrier.calleeRequest('ACK', invite, { sequence: 1 });
    expect(refresh.sequence).toBe(1);
    const change = rig.carrier.calleeRequest('INVITE', invite, {
      ...{ sequence: 2, body: SDP.replace('o=- 1 1', 'o=- 1 2').replace('4000', '4002') },
    });
    browser.peer.reply(await browser.peer.next('INVITE'), 488);
    await browser.peer.next('ACK');
    const refused = await rig.carrier.next(488, 'INVITE');
    rig.carrier.sameBranch('ACK', change, refused.require('To'));
    expect(refused.require('Reason')).toContain('does not take the change');
    rig.carrier.calleeRequest('REFER', invite, {
      ...{ sequence: 3, headers: { 'Refer-To': '<sip:+49302@gateway.test>' } },
    });
    await rig.carrier.next(603, 'REFER');
    rig.carrier.calleeRequest('MESSAGE', invite, { sequence: 4 });
    expect((await rig.carrier.next(405, 'MESSAGE')).require('Allow')).toContain('REFER');
    browser.peer.callerRequest('BYE', ok, { sequence: 3 });
    rig.carrier.reply(await rig.carrier.next('BYE'), 200);
  });

  it('hangs up at the carrier when the WebSocket is lost', async () => {
    await rig.connect(browser);
    await browser.loseWebSocket();
    const bye = await rig.carrier.next('BYE');
    expect(bye.require('Reason')).toContain('The WebSocket of the browser was lost.');
    rig.carrier.reply(bye, 200);
    expect(await rig.nextRecord()).toMatchObject({ end: { code: 'CL_CALL_BROWSER_LOST' } });
  });
});

describe('CANCEL', () => {
  it('goes to the carrier when the WebSocket is lost while it rings', async () => {
    await browser.invite('+49301234');
    const out = await rig.carrier.next('INVITE');
    rig.carrier.reply(out, 180);
    await browser.peer.next(180);
    await browser.loseWebSocket();
    const cancel = await rig.carrier.next('CANCEL');
    expect(cancel.require('Reason')).toContain('The WebSocket of the browser was lost.');
    rig.carrier.reply(cancel, 200);
    rig.carrier.reply(out, 487);
    await rig.carrier.next('ACK');
    expect(await rig.nextRecord()).toMatchObject({ end: { code: 'CL_CALL_BROWSER_LOST' } });
    // Nobody will ever CANCEL the browser's INVITE; its transaction has to end all the same.
    await expect.poll(() => rig.harness.server.counts().waiting).toBe(0);
  });

  it('of the browser reaches the carrier while it rings, with a Reason', async () => {
    const invite = await browser.invite('+49301234');
    const out = await rig.carrier.next('INVITE');
    rig.carrier.reply(out, 180);
    await browser.peer.next(180);
    browser.peer.sameBranch('CANCEL', invite);
    await browser.peer.next(200, 'CANCEL');
    await browser.acknowledgeRefusal(invite, 487);
    const cancel = await rig.carrier.next('CANCEL');
    expect(cancel.require('Reason')).toContain('The caller hung up before the call was answered.');
    rig.carrier.reply(cancel, 200);
    rig.carrier.reply(out, 487);
    await rig.carrier.next('ACK');
    expect(await rig.nextRecord()).toMatchObject({ end: { code: 'CANCELLED' } });
  });

  it('that crosses the carrier’s 200 is followed by ACK and BYE', async () => {
    const invite = await browser.invite('+49301234');
    const out = await rig.carrier.next('INVITE');
    rig.carrier.reply(out, 180);
    await browser.peer.next(180);
    browser.peer.sameBranch('CANCEL', invite);
    const cancel = await rig.carrier.next('CANCEL');
    rig.carrier.reply(cancel, 200);
    rig.carrier.reply(out, 200, { body: SDP });
    await rig.carrier.next('ACK');
    rig.carrier.reply(await rig.carrier.next('BYE'), 200);
    await browser.acknowledgeRefusal(invite, 487);
    expect(browser.peer.inbox.filter(({ status }) => status === 200).length).toBeLessThan(2);
    expect(await rig.nextRecord()).toMatchObject({ end: { code: 'CANCELLED' } });
  });

  it('in the same moment as the carrier’s 200 leaves no leg up', async () => {
    const invite = await browser.invite('+49301234');
    const out = await rig.carrier.next('INVITE');
    rig.carrier.reply(out, 200, { body: SDP });
    browser.peer.sameBranch('CANCEL', invite);
    await rig.carrier.next('ACK');
    rig.carrier.reply(await rig.carrier.next('BYE'), 200);
    await browser.acknowledgeRefusal(invite, 487);
    expect(await rig.nextRecord()).toMatchObject({ end: { code: 'CANCELLED' } });
  });
});

describe('the connection to the SIP server', () => {
  it('ends a ringing call when it is lost, and says so', async () => {
    await browser.invite('+49301234');
    rig.carrier.reply(await rig.carrier.next('INVITE'), 180);
    await browser.peer.next(180);
    await rig.harness.server.close();
    expect(await rig.nextRecord()).toMatchObject({
      end: { by: 'gateway', code: 'CL_SIP_SERVER_UNREACHABLE' },
    });
  });

  it('takes its calls with it when it is lost, each with a record', async () => {
    await rig.connect(browser);
    await rig.harness.server.close();
    expect(await rig.nextRecord()).toMatchObject({
      end: { code: 'CL_CALL_LEG_LOST', bucket: 'indeterminate' },
    });
  });
});
