import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AudioPump } from '../../support/audio-pump.js';
import type { GatewayBrowser } from '../../support/gateway-browser.js';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import { GatewayWorld } from '../../support/gateway-world.js';
import { RtpPeer } from '../../support/media-rtp-peer.js';
import { WebrtcPeer } from '../../support/media-webrtc-peer.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';

let world: GatewayWorld;
/** Closed after each test, whatever became of it. */
const opened: { close(): void }[] = [];

beforeAll(async () => {
  world = await GatewayWorld.start((config) => ({
    ...config,
    trunks: (config.trunks ?? []).map((trunk) => ({ ...trunk, inbound: { trustIdentity: true } })),
    inbound: {
      numbers: [
        { name: 'alice', numbers: ['+493011112222'], user: 'alice' },
        { name: 'team', numbers: ['+493011113333'], group: 'team' },
      ],
      groups: [{ name: 'team', members: [{ user: 'alice' }, { user: 'bob' }] }],
    },
  }));
});
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});
afterAll(() => world.close());

async function signedIn(user = 'alice'): Promise<GatewayBrowser> {
  const browser = await world.browser(user);
  expect((await browser.register()).status).toBe(200);
  return browser;
}

const A_LAW = { payloadTypes: '8', lines: ['a=rtpmap:8 PCMA/8000'] };

let serial = 0;

/** The carrier sends an INVITE for a number of ours. */
function carrierCalls(number: string, sdp = carrierAnswer()): PeerMessage {
  world.carrier.towards(world.sipPort);
  world.carrier.answerWhatEndsCalls();
  serial += 1;
  return world.carrier.request('INVITE', {
    uri: `sip:${number}@127.0.0.1:${world.sipPort}`,
    headers: {
      From: `"Erika" <sip:+4989777@${world.carrier.sentBy}>;tag=in${serial}`,
      'P-Asserted-Identity': `<sip:+4989777;verstat=TN-Validation-Passed@${world.carrier.sentBy}>`,
    },
    body: sdp,
  });
}

/** The carrier’s refusal, acknowledged. */
async function refusal(invite: PeerMessage, status: number): Promise<PeerMessage> {
  const response = await world.carrier.next(status, 'INVITE');
  world.carrier.sameBranch('ACK', invite, response.require('To'));
  return response;
}

describe('a carrier calls a browser', () => {
  it('over real SIP and media: rings, talks both ways, hangs up', async () => {
    const browser = await signedIn();
    const rtp = await RtpPeer.open();
    const phone = new WebrtcPeer();
    opened.push(rtp, phone);
    carrierCalls('+493011112222', rtp.sdp({ payloadTypes: '8' }));
    const rung = await browser.next('INVITE');
    expect(rung.uri).toBe(`sip:peer@${browser.sentBy};transport=ws`);
    expect(rung.require('From')).toContain('"Erika" <sip:+4989777@gateway.test>');
    expect(rung.require('To')).toContain('<sip:');
    expect(rung.require('X-Copperline-Verified')).toBe('passed');
    expect(rung.require('X-Copperline-Called')).toBe('+493011112222');
    browser.reply(rung, 180);
    expect((await world.carrier.next(180)).body).toBe('');
    browser.reply(rung, 200, { body: await phone.answer(rung.body, A_LAW) });
    const ok = await world.carrier.next(200, 'INVITE');
    world.carrier.callerRequest('ACK', ok, { sequence: 1 });
    await browser.next('ACK');
    rtp.follow(ok.body);
    await phone.opened();
    const pump = new AudioPump(phone, rtp);
    opened.push({
      close: () => {
        pump.stop();
      },
    });
    await pump.heardBothWays();
    world.carrier.callerRequest('BYE', ok, { sequence: 2 });
    await world.carrier.next(200, 'BYE');
    const bye = await browser.next('BYE');
    expect(bye.require('Reason')).toBe('SIP;cause=200;text="The carrier hung up."');
    browser.reply(bye, 200);
    const [cdr] = await world.settle(1);
    expect(cdr).toMatchObject({
      ...{ direction: 'inbound', user: 'alice', trunk: 'carrier', rule: 'alice' },
      ...{ number: '+493011112222', from: { user: '+4989777', verified: 'passed' } },
      end: { by: 'carrier', code: 'NORMAL' },
    });
    expect(cdr?.media?.caller.packetsReceived).toBeGreaterThan(4);
    expect(cdr?.media?.callee.packetsReceived).toBeGreaterThan(4);
  });

  it('on several devices: the others are told that the call was completed elsewhere', async () => {
    const devices = [await signedIn(), await signedIn(), await signedIn('bob')];
    carrierCalls('+493011113333');
    const invites = await Promise.all(devices.map((device) => device.next('INVITE')));
    for (const [index, device] of devices.entries()) device.reply(invites[index]!, 180);
    await world.carrier.next(180);
    devices[1]!.reply(invites[1]!, 200, { body: browserOffer() });
    for (const index of [0, 2]) {
      const cancel = await devices[index]!.next('CANCEL');
      expect(cancel.require('Reason')).toBe('SIP;cause=200;text="Call completed elsewhere"');
      devices[index]!.reply(cancel, 200);
      devices[index]!.reply(invites[index]!, 487);
      await devices[index]!.next('ACK');
    }
    const ok = await world.carrier.next(200, 'INVITE');
    world.carrier.callerRequest('ACK', ok, { sequence: 1 });
    await devices[1]!.next('ACK');
    devices[1]!.calleeRequest('BYE', invites[1]!, { sequence: 1 });
    await devices[1]!.next(200, 'BYE');
    expect(await world.settle(1)).toMatchObject([{ end: { by: 'browser', code: 'NORMAL' } }]);
  });

  it('whose page is reloaded while it rings: the new page rings', async () => {
    const before = await signedIn();
    const invite = carrierCalls('+493011112222');
    before.reply(await before.next('INVITE'), 180);
    before.vanish();
    const after = await signedIn();
    const rung = await after.next('INVITE');
    after.reply(rung, 603);
    await after.next('ACK');
    expect((await refusal(invite, 603)).get('X-Copperline-Code')).toBe('DECLINED');
    await world.settle(1);
  });

  it('that is not signed in, or by a number that nobody has', async () => {
    const away = carrierCalls('+493011112222');
    expect((await refusal(away, 480)).get('Reason')).toContain('No browser of alice is signed in.');
    const unknown = carrierCalls('+4940404040');
    expect((await refusal(unknown, 404)).get('Reason')).toContain('+4940404040');
    await world.settle(2);
  });

  it('and cancels: the browser gets CANCEL', async () => {
    const browser = await signedIn();
    const invite = carrierCalls('+493011112222');
    const rung = await browser.next('INVITE');
    browser.reply(rung, 180);
    await world.carrier.next(180);
    world.carrier.sameBranch('CANCEL', invite);
    await refusal(invite, 487);
    const cancel = await browser.next('CANCEL');
    browser.reply(cancel, 200);
    browser.reply(rung, 487);
    await browser.next('ACK');
    expect(await world.settle(1)).toMatchObject([{ end: { by: 'carrier', code: 'CANCELLED' } }]);
  });
});

describe('a browser calls another one', () => {
  it('over real SIP and media', async () => {
    const alice = await signedIn('alice');
    const bob = await signedIn('bob');
    const phones = [new WebrtcPeer(), new WebrtcPeer()] as const;
    opened.push(...phones);
    const invite = await alice.invite('bob', await phones[0].offer());
    const rung = await bob.next('INVITE');
    expect(rung.require('From')).toContain('<sip:alice@gateway.test>');
    bob.reply(rung, 180);
    await alice.answerTo(invite, 180);
    bob.reply(rung, 200, { body: await phones[1].answer(rung.body) });
    const ok = await alice.answerTo(invite, 200);
    alice.callerRequest('ACK', ok, { sequence: 2 });
    phones[0].take(ok.body);
    await Promise.all(phones.map((phone) => phone.opened()));
    const payloadType = Number(/^m=audio \d+ \S+ (\d+)/m.exec(ok.body)?.[1]);
    const packet = {
      payloadType,
      ssrc: 7,
      sequence: 1,
      timestamp: 0,
      payload: Buffer.from('opus'),
    };
    const pump = setInterval(() => {
      packet.sequence += 1;
      packet.timestamp += 960;
      for (const phone of phones) phone.send(packet);
    }, 20);
    opened.push({
      close: () => {
        clearInterval(pump);
      },
    });
    await Promise.all(phones.map((phone) => phone.rtp.waitFor(5)));
    alice.callerRequest('BYE', ok, { sequence: 3 });
    await alice.next(200, 'BYE');
    bob.reply(await bob.next('BYE'), 200);
    const [cdr] = await world.settle(1);
    expect(cdr).toMatchObject({ direction: 'internal', user: 'alice', calledUser: 'bob' });
  });
});
