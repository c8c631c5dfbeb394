import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AudioPump } from '../../support/audio-pump.js';
import { GatewayWorld } from '../../support/gateway-world.js';
import { RtpPeer } from '../../support/media-rtp-peer.js';
import { WebrtcPeer } from '../../support/media-webrtc-peer.js';

const A_LAW = { payloadTypes: '8', lines: ['a=rtpmap:8 PCMA/8000'] };

let world: GatewayWorld;
const opened: { close(): void }[] = [];

beforeAll(async () => {
  world = await GatewayWorld.start((config) => ({
    ...config,
    inbound: { numbers: [{ name: 'alice', numbers: ['+493011112222'], user: 'alice' }] },
  }));
});
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});
afterAll(() => world.close());

async function peers(): Promise<{ phone: WebrtcPeer; rtp: RtpPeer }> {
  const [phone, rtp] = [new WebrtcPeer(), await RtpPeer.open()];
  opened.push(phone, rtp);
  return { phone, rtp };
}

async function talk({ phone, rtp }: { phone: WebrtcPeer; rtp: RtpPeer }): Promise<void> {
  await phone.opened();
  const pump = new AudioPump(phone, rtp);
  await pump.heardBothWays();
  pump.stop();
}

describe('an INVITE without SDP', () => {
  it('of a browser: the carrier is offered first, the browser by our 200; audio passes both ways', async () => {
    const { phone, rtp } = await peers();
    const browser = await world.browser();
    const invite = await browser.invite('600', '');
    const asked = await world.carrier.next('INVITE');
    world.carrier.answerWhatEndsCalls();
    expect(asked.body).toMatch(/^m=audio \d+ RTP\/AVP 0 8 101\r$/m);
    rtp.follow(asked.body);
    world.carrier.reply(asked, 200, { body: rtp.sdp({ payloadTypes: '8' }) });
    const ok = await browser.answerTo(invite, 200);
    expect(ok.body).toContain('a=setup:actpass');
    browser.callerRequest('ACK', ok, { sequence: 2, body: await phone.answer(ok.body, A_LAW) });
    await talk({ phone, rtp });
    browser.callerRequest('BYE', ok, { sequence: 3 });
    await browser.next(200, 'BYE');
    const [cdr] = await world.settle(1);
    expect(cdr?.end).toMatchObject({ by: 'browser', code: 'NORMAL' });
  });

  it('of a carrier: the browser is offered first', async () => {
    const { phone, rtp } = await peers();
    const browser = await world.browser();
    await browser.register();
    world.carrier.towards(world.sipPort);
    world.carrier.answerWhatEndsCalls();
    world.carrier.request('INVITE', {
      uri: `sip:+493011112222@127.0.0.1:${world.sipPort}`,
      headers: { From: `<sip:+4989777@${world.carrier.sentBy}>;tag=late` },
    });
    const rung = await browser.next('INVITE');
    browser.reply(rung, 200, { body: await phone.answer(rung.body, A_LAW) });
    const ok = await world.carrier.next(200, 'INVITE');
    expect(ok.body).toMatch(/^m=audio \d+ RTP\/AVP 8 0 101\r$/m);
    rtp.follow(ok.body);
    const body = rtp.sdp({ payloadTypes: '8' });
    world.carrier.callerRequest('ACK', ok, { sequence: 1, body });
    await browser.next('ACK');
    await talk({ phone, rtp });
    world.carrier.callerRequest('BYE', ok, { sequence: 2 });
    await world.carrier.next(200, 'BYE');
    browser.reply(await browser.next('BYE'), 200);
    await world.settle(1);
  });

  it('whose ACK brings no answer is hung up on both sides', async () => {
    const { rtp } = await peers();
    const browser = await world.browser();
    const invite = await browser.invite('600', '');
    const asked = await world.carrier.next('INVITE');
    world.carrier.reply(asked, 200, { body: rtp.sdp({ payloadTypes: '8' }) });
    const ok = await browser.answerTo(invite, 200);
    browser.callerRequest('ACK', ok, { sequence: 2 });
    const bye = await browser.next('BYE');
    expect(bye.require('Reason')).toContain('brings no answer to the offer in our 200.');
    browser.reply(bye, 200);
    world.carrier.reply(await world.carrier.next('BYE'), 200);
    const [cdr] = await world.settle(1);
    expect(cdr?.end).toMatchObject({ by: 'browser', code: 'CL_CALL_NO_OFFER' });
  });
});
