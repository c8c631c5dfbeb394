import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GatewayBrowser } from '../../support/gateway-browser.js';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import { GatewayWorld } from '../../support/gateway-world.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';

let world: GatewayWorld;
let browser: GatewayBrowser;

beforeAll(async () => {
  world = await GatewayWorld.start();
});

beforeEach(async () => {
  world.carrier.answerWhatEndsCalls();
  browser = await world.browser();
});

afterAll(() => world.close());

async function dial(): Promise<{ invite: PeerMessage; carrierInvite: PeerMessage }> {
  const invite = await browser.invite('600', browserOffer());
  return { invite, carrierInvite: await world.carrier.next('INVITE') };
}

interface BadAnswer {
  what: string;
  body: string;
  code?: string;
  named: RegExp;
}

const BAD_ANSWERS: readonly BadAnswer[] = [
  { what: 'without SDP', body: '', code: 'CL_TRUNK_NO_SDP', named: /without SDP/ },
  { what: 'with garbage', body: '\u0000\u0001garbage=\r\nm=', named: /begins with/ },
  { what: 'with a codec never offered', body: carrierAnswer(18), named: /pcmu, pcma.*18/ },
  { what: 'with a dynamic codec', body: carrierAnswer(97), named: /pcmu, pcma.*97/ },
  {
    what: 'with its audio off',
    body: carrierAnswer().replace('m=audio 30000', 'm=audio 0'),
    named: /m=audio/,
  },
  { what: 'with an impossible port', body: carrierAnswer(8, 99_999), named: /99999/ },
  {
    what: 'with an address that is none',
    body: carrierAnswer().replaceAll('127.0.0.1', '999.1.2.3'),
    named: /999\.1\.2\.3/,
  },
];

describe('a carrier that answers 200', () => {
  it.each(BAD_ANSWERS)('$what gets ACK and BYE, and the browser reads why', async (bad) => {
    const { body, named, code = 'CL_TRUNK_BAD_SDP' } = bad;
    const heard: (string | undefined)[] = [];
    world.carrier.behave((request) => {
      heard.push(request.method);
      if (request.method === 'BYE') world.carrier.reply(request, 200);
      return request.method !== 'INVITE';
    });
    const { invite, carrierInvite } = await dial();
    world.carrier.reply(carrierInvite, 200, { body });
    const refusal = await browser.refusalOf(invite);
    expect(refusal).toMatchObject({ status: 502, code });
    expect(refusal.reason).toMatch(named);
    expect(refusal.reason).toContain('carrier "carrier"');
    await expect.poll(() => heard).toEqual(['INVITE', 'ACK', 'BYE']);
    const [cdr] = await world.settle(1);
    expect(cdr?.end).toMatchObject({ code, bucket: 'upstream', sentence: refusal.reason });
  });

  it('twice, the second time with another tag: the second gets its own ACK and BYE', async () => {
    const tagsOf: Record<string, (string | undefined)[]> = { ACK: [], BYE: [] };
    world.carrier.behave((request) => {
      tagsOf[request.method ?? '']?.push(request.tag('To'));
      if (request.method === 'BYE') world.carrier.reply(request, 200);
      return request.method !== 'INVITE';
    });
    const { invite, carrierInvite } = await dial();
    world.carrier.reply(carrierInvite, 200, { body: carrierAnswer(), tag: 'first' });
    const ok = await browser.answerTo(invite, 200);
    browser.callerRequest('ACK', ok, { sequence: 2 });
    world.carrier.reply(carrierInvite, 200, { body: carrierAnswer(0, 31_000), tag: 'second' });
    await expect.poll(() => tagsOf['BYE']).toEqual(['second']);
    expect(tagsOf['ACK']).toEqual(['first', 'second']);
    expect(world.app.calls.list().map(({ state }) => state)).toEqual(['up']);
    await world.hangUp({ browser, invite, ok, carrierInvite });
    await expect.poll(() => tagsOf['BYE']).toEqual(['second', 'first']);
    const [cdr] = await world.settle(1);
    expect(cdr?.end).toMatchObject({ by: 'browser', code: 'NORMAL' });
  });

  it('and repeats it because our ACK was lost: it gets the ACK again', async () => {
    const acks: string[] = [];
    world.carrier.behave((request) => {
      if (request.method === 'ACK') acks.push(request.uri);
      if (request.method === 'BYE') world.carrier.reply(request, 200);
      return request.method !== 'INVITE';
    });
    const { invite, carrierInvite } = await dial();
    const answer = { body: carrierAnswer() };
    world.carrier.reply(carrierInvite, 200, answer);
    const ok = await browser.answerTo(invite, 200);
    browser.callerRequest('ACK', ok, { sequence: 2 });
    await expect.poll(() => acks.length).toBe(1);
    const before = world.carrier.datagrams;
    world.carrier.reply(carrierInvite, 200, answer);
    await expect.poll(() => world.carrier.datagrams).toBe(before + 1);
    await world.hangUp({ browser, invite, ok, carrierInvite });
    await world.settle(1);
  });

  it('after our CANCEL: the 200 gets ACK and BYE, the browser its 487', async () => {
    const heard: (string | undefined)[] = [];
    world.carrier.behave((request) => {
      if (request.method === 'INVITE') return false;
      heard.push(request.method);
      if (request.method !== 'ACK') world.carrier.reply(request, 200);
      return true;
    });
    const { invite, carrierInvite } = await dial();
    world.carrier.reply(carrierInvite, 180);
    await browser.answerTo(invite, 180);
    await browser.cancel(invite);
    await expect.poll(() => heard).toEqual(['CANCEL']);
    world.carrier.reply(carrierInvite, 200, { body: carrierAnswer() });
    await expect.poll(() => heard).toEqual(['CANCEL', 'ACK', 'BYE']);
    const [cdr] = await world.settle(1);
    expect(cdr?.end).toMatchObject({ by: 'browser', code: 'CANCELLED', sipStatus: 487 });
  });

  it('to a browser that never acknowledges: both sides are hung up', async () => {
    const { invite, carrierInvite } = await dial();
    world.carrier.reply(carrierInvite, 200, { body: carrierAnswer() });
    await browser.answerTo(invite, 200);
    await world.skip(33_000);
    browser.reply(await browser.next('BYE'), 200);
    const [cdr] = await world.settle(1);
    expect(cdr?.end).toMatchObject({ code: 'CL_CALL_LEG_LOST' });
  });
});

describe('a carrier that refuses', () => {
  it.each([
    [486, 'BUSY', 486],
    [603, 'DECLINED', 603],
    [404, 'NOT_FOUND', 404],
    [500, 'CL_TRUNK_FAILED', 502],
    [503, 'CL_TRUNK_FAILED', 502],
    [302, 'CL_TRUNK_REFUSED', 502],
    [401, 'CL_TRUNK_CREDENTIALS', 502],
    // drachtio-srf knows no 699: the general code of its class (RFC 3261 section 8.1.3.2).
    [699, 'DECLINED', 600],
  ])('with %i ends the call as %s', async (status, code, passedOn) => {
    const { invite, carrierInvite } = await dial();
    world.carrier.reply(carrierInvite, status);
    expect(await browser.refusalOf(invite)).toMatchObject({ code, status: passedOn });
    const [cdr] = await world.settle(1);
    expect(cdr?.end).toMatchObject({ by: 'carrier', code });
  });
});

describe('early media', () => {
  it('gives a caller that knows silent SDP its answer with the 180, and the same one with the 200', async () => {
    browser.inviteHeaders['P-Early-Media'] = 'supported';
    const { invite, carrierInvite } = await dial();
    world.carrier.reply(carrierInvite, 180);
    const ringing = await browser.answerTo(invite, 180);
    expect(ringing.get('P-Early-Media')).toBe('inactive');
    expect(ringing.get('Content-Type')).toBe('application/sdp');
    expect(ringing.body).toMatch(/m=audio \d+ UDP\/TLS\/RTP\/SAVPF 0 /);
    // The other law: the caller keeps what it was told.
    world.carrier.reply(carrierInvite, 200, { body: carrierAnswer(8) });
    const ok = await browser.answerTo(invite, 200);
    expect(ok.body).toBe(ringing.body);
    browser.callerRequest('ACK', ok, { sequence: 2 });
    await world.hangUp({ browser, invite, ok, carrierInvite });
    const [cdr] = await world.settle(1);
    expect(cdr).not.toHaveProperty('earlyMediaAt');
  });

  it('with SDP that cannot be used does not end the call', async () => {
    const { invite, carrierInvite } = await dial();
    world.carrier.reply(carrierInvite, 183, { body: carrierAnswer(18) });
    expect((await browser.answerTo(invite, 183)).body).toBe('');
    world.carrier.reply(carrierInvite, 200, { body: carrierAnswer() });
    const ok = await browser.answerTo(invite, 200);
    browser.callerRequest('ACK', ok, { sequence: 2 });
    await world.hangUp({ browser, invite, ok, carrierInvite });
    await world.settle(1);
  });
});
