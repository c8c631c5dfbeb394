import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingInviteResult, SipDialog } from '../../../gateway/signaling/sip-endpoint.js';
import { DialogRig, Told } from '../../support/dialog-rig.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';
import { SDP, SDP_ANSWER } from '../../support/sip-server-harness.js';

const OTHER = SDP.replace('4000', '6000');
const CHALLENGE = 'Digest realm="carrier", nonce="abc", algorithm=MD5, qop="auth"';

let rig: DialogRig;
beforeEach(async () => {
  rig = await DialogRig.start();
});
afterEach(() => rig.close());

function dialogOf(result: OutgoingInviteResult): SipDialog {
  if (result.kind !== 'answered') throw new Error(result.kind);
  return result.dialog;
}

describe('delayed offer', () => {
  it('of ours: the 200 brings the offer, the ACK our answer', async () => {
    const offers: string[] = [];
    const { invite, result } = await rig.call({
      offer: undefined,
      answerTo: (offer) => {
        offers.push(offer);
        return Promise.resolve(SDP_ANSWER);
      },
    });
    expect([invite.body, invite.get('Content-Type')]).toEqual(['', undefined]);
    rig.carrier.reply(invite, 200, { body: OTHER });
    const ack = await rig.carrier.next('ACK');
    expect([offers, ack.body, ack.get('Content-Type')]).toEqual([
      ...[[OTHER], SDP_ANSWER, 'application/sdp'],
    ]);
    await rig.hangUp(dialogOf(await result));
  });

  it('of ours: an offer that cannot be answered is refused in the ACK, and the call hung up', async () => {
    const { invite, result } = await rig.call({
      offer: undefined,
      answerTo: () => Promise.reject(new Error('no codec')),
    });
    const failed = expect(result).rejects.toMatchObject({ code: 'CL_INTERNAL' });
    rig.carrier.reply(invite, 200, { body: OTHER });
    expect((await rig.carrier.next('ACK')).body).toContain('m=audio 0 RTP/AVP 0');
    rig.carrier.reply(await rig.carrier.next('BYE'), 200);
    await failed;
  });

  it('of a browser: our 200 offers and its ACK answers', async () => {
    const browser = await rig.browser();
    const incoming = rig.nextInvite();
    await browser.invite('+49301', { body: '' });
    const invite = await incoming;
    expect(invite.offer).toBeUndefined();
    const accepted = invite.accept(SDP);
    const ok = await browser.peer.next(200, 'INVITE');
    expect(ok.body).toBe(SDP);
    browser.peer.callerRequest('ACK', ok, { sequence: 2, body: SDP_ANSWER });
    const told = new Told();
    const dialog = await accepted;
    dialog.setHandlers(told);
    await expect.poll(() => told.answers).toEqual([SDP_ANSWER]);
    browser.peer.callerRequest('BYE', ok, { sequence: 3 });
    await browser.peer.next(200, 'BYE');
    expect(dialog.outgoing).toBe(false);
  });
});

describe('inside a dialog', () => {
  it('the peer asks for an offer by a re-INVITE without SDP and answers in its ACK', async () => {
    const { invite, dialog, told } = await rig.connect();
    rig.carrier.calleeRequest('INVITE', invite, { sequence: 1 });
    const ok = await rig.carrier.next(200, 'INVITE');
    expect([told.offers, ok.body]).toEqual([[undefined], SDP_ANSWER]);
    rig.carrier.calleeRequest('ACK', invite, { sequence: 1, body: OTHER });
    await expect.poll(() => told.answers).toEqual([OTHER]);
    // An answered offer leaves nothing open: the ACK of an ordinary re-INVITE is no answer.
    rig.carrier.calleeRequest('INVITE', invite, { sequence: 2, body: OTHER });
    await rig.carrier.next(200, 'INVITE');
    rig.carrier.calleeRequest('ACK', invite, { sequence: 2 });
    await rig.hangUp(dialog);
    expect([told.offers, told.answers]).toEqual([[undefined, OTHER], [OTHER]]);
  });

  it('the peer changes the session by UPDATE, and only refreshes it by one without SDP', async () => {
    const { invite, dialog, told } = await rig.connect();
    rig.carrier.calleeRequest('UPDATE', invite, { sequence: 1, body: OTHER });
    const ok = await rig.carrier.next(200, 'UPDATE');
    expect([told.offers, ok.body]).toEqual([[OTHER], SDP_ANSWER]);
    rig.carrier.calleeRequest('UPDATE', invite, { sequence: 2 });
    expect((await rig.carrier.next(200, 'UPDATE')).body).toBe('');
    await rig.hangUp(dialog);
  });

  it('we ask for an offer; one that cannot be answered is refused in the ACK', async () => {
    const { dialog } = await rig.connect();
    const asked = dialog.requestOffer(() => Promise.resolve(SDP_ANSWER));
    const first = await rig.carrier.next('INVITE');
    expect([first.body, first.get('Content-Type')]).toEqual(['', undefined]);
    rig.carrier.reply(first, 200, { body: OTHER });
    expect((await rig.carrier.next('ACK')).body).toBe(SDP_ANSWER);
    await asked;
    const failing = dialog.requestOffer(() => Promise.reject(new Error('no codec')));
    const failed = expect(failing).rejects.toThrow('no codec');
    rig.carrier.reply(await rig.carrier.next('INVITE'), 200, { body: OTHER });
    expect((await rig.carrier.next('ACK')).body).toContain('m=audio 0 ');
    await failed;
    await rig.hangUp(dialog);
  });

  it.each([
    ['BYE', 407, 'Proxy-Authenticate', 'Proxy-Authorization'],
    ['INFO', 401, 'WWW-Authenticate', 'Authorization'],
    ['INVITE', 407, 'Proxy-Authenticate', 'Proxy-Authorization'],
  ] as const)('a challenge to our %s is answered once', async (...row) => {
    const [method, status, asks, answers] = row;
    const { dialog } = await rig.connect();
    const requests = {
      BYE: () => dialog.bye({ sipStatus: 200, sentence: 'Done.' }),
      INFO: () => dialog.info({ contentType: 'text/plain', content: 'hello' }),
      INVITE: () => dialog.reoffer(OTHER),
    };
    const sent = requests[method]();
    const first = await rig.carrier.next(method);
    rig.carrier.reply(first, status, { headers: { [asks]: CHALLENGE } });
    const second = await rig.carrier.next(method);
    expect(second.require(answers)).toMatch(
      new RegExp(`username="acct".*uri="${first.uri.replaceAll('.', '\\.')}"`),
    );
    expect([second.sequence, second.body]).toEqual([first.sequence + 1, first.body]);
    rig.carrier.reply(second, 200, method === 'INVITE' ? { body: SDP_ANSWER } : {});
    await sent;
    if (method !== 'BYE') await rig.hangUp(dialog);
  });

  it('a second challenge is the peer’s refusal', async () => {
    const { dialog } = await rig.connect();
    const sent = dialog.info({ contentType: 'text/plain', content: 'hello' });
    for (let round = 0; round < 2; round++) {
      const headers = { 'WWW-Authenticate': CHALLENGE };
      rig.carrier.reply(await rig.carrier.next('INFO'), 401, { headers });
    }
    expect(await sent).toBe(401);
    await rig.hangUp(dialog);
  });
});

describe('REFER', () => {
  const notifies = async (count: number): Promise<PeerMessage[]> => {
    const messages: PeerMessage[] = [];
    while (messages.length < count) {
      const notify = await rig.carrier.next('NOTIFY');
      rig.carrier.reply(notify, 200);
      messages.push(notify);
    }
    return messages;
  };

  it('is accepted with 202 and followed by NOTIFY until the final status', async () => {
    const { invite, dialog, told } = await rig.connect();
    const replaces = encodeURIComponent('call@x;to-tag=a;from-tag=b');
    const headers = { 'Refer-To': `<sip:%2B49302@gw.test?Replaces=${replaces}>` };
    rig.carrier.calleeRequest('REFER', invite, { sequence: 1, headers });
    await expect.poll(() => told.refers).toHaveLength(1);
    const [refer] = told.refers;
    expect(refer?.target).toEqual({ user: '+49302', host: 'gw.test' });
    expect(refer?.replaces).toEqual({ callId: 'call@x', toTag: 'a', fromTag: 'b' });
    refer?.accept();
    await rig.carrier.next(202, 'REFER');
    void refer?.report(180, 'Ringing');
    void refer?.report(200, 'OK');
    void refer?.report(500, 'Too late');
    const messages = await notifies(3);
    expect(messages.map(({ body }) => body.trim())).toEqual([
      ...['SIP/2.0 100 Trying', 'SIP/2.0 180 Ringing', 'SIP/2.0 200 OK'],
    ]);
    expect(messages.map((message) => message.require('Subscription-State'))).toEqual([
      ...['active;expires=180', 'active;expires=180', 'terminated;reason=noresource'],
    ]);
    expect(messages[0]?.require('Event')).toBe('refer');
    expect(messages[0]?.require('Content-Type')).toBe('message/sipfrag;version=2.0');
    await rig.hangUp(dialog);
  });

  it('is refused with a sentence; a later one has an id in its events; Refer-Sub: false sends none', async () => {
    const { invite, dialog, told } = await rig.connect();
    const refer = async (sequence: number, headers: Record<string, string> = {}): Promise<void> => {
      const to = { 'Refer-To': '<sip:100@gw.test>' };
      rig.carrier.calleeRequest('REFER', invite, { sequence, headers: { ...to, ...headers } });
      await expect.poll(() => told.refers).toHaveLength(sequence);
    };
    await refer(1);
    told.refers[0]?.reject(603, { sentence: 'Not allowed.', code: 'CL_CALL_TRANSFER_REFUSED' });
    expect((await rig.carrier.next(603, 'REFER')).require('Reason')).toContain('Not allowed.');
    await refer(2);
    told.refers[1]?.accept();
    expect((await notifies(1))[0]?.require('Event')).toBe('refer;id=2');
    await refer(3, { 'Refer-Sub': 'false' });
    told.refers[2]?.accept();
    const accepted = await rig.carrier.nextThat(
      (message) => message.status === 202 && message.get('Refer-Sub') === 'false',
    );
    expect(accepted.about).toBe('REFER');
    await told.refers[2]?.report(200, 'OK');
    expect(rig.carrier.inbox.filter(({ method }) => method === 'NOTIFY')).toEqual([]);
    const headers = { 'Refer-To': '<mailto:bob@x>' };
    rig.carrier.calleeRequest('REFER', invite, { sequence: 4, headers });
    await rig.carrier.next(400, 'REFER');
    await rig.hangUp(dialog);
  });
});

describe('reliable provisional responses', () => {
  it('of a carrier get their PRACK, once we said that we take them', async () => {
    const progress: string[] = [];
    const { invite, result } = await rig.call({
      reliableProvisionals: 'supported',
      onProgress: ({ status, tag }) => progress.push(`${status} ${tag}`),
    });
    expect(invite.require('Supported')).toBe('timer, 100rel');
    const headers = { Require: '100rel', RSeq: '7' };
    rig.carrier.reply(invite, 183, { body: SDP_ANSWER, headers });
    const prack = await rig.carrier.next('PRACK');
    expect(prack.require('RAck')).toBe(`7 ${invite.sequence} INVITE`);
    rig.carrier.reply(prack, 200);
    rig.carrier.reply(invite, 200, { body: SDP_ANSWER });
    await rig.carrier.next('ACK');
    expect(progress).toEqual(['183 peer']);
    await rig.hangUp(dialogOf(await result));
  });

  it.each([
    ['Require', '180'],
    ['Supported', '183 with SDP'],
  ])('go to a browser that names 100rel in %s: its %s', async (name, which) => {
    const browser = await rig.browser();
    const incoming = rig.nextInvite();
    await browser.invite('+49301', { headers: { [name]: 'timer, 100rel' } });
    const invite = await incoming;
    if (name === 'Supported') {
      invite.progress(180);
      expect((await browser.peer.next(180)).get('RSeq')).toBeUndefined();
    }
    if (which === '180') invite.progress(180);
    else invite.progress(183, { sdp: SDP_ANSWER });
    const reliable = await browser.peer.nextThat((message) => message.get('RSeq') !== undefined);
    expect(reliable.require('Require')).toBe('100rel');
    const accepted = invite.accept(SDP_ANSWER);
    const RAck = `${reliable.require('RSeq')} ${reliable.sequence} INVITE`;
    browser.peer.callerRequest('PRACK', reliable, { sequence: 3, headers: { RAck } });
    await browser.peer.next(200, 'PRACK');
    const ok = await browser.peer.next(200, 'INVITE');
    browser.peer.callerRequest('ACK', ok, { sequence: 2 });
    const dialog = await accepted;
    const over = dialog.bye({ sipStatus: 200, sentence: 'Done.' });
    browser.peer.reply(await browser.peer.next('BYE'), 200);
    await over;
  });
});
