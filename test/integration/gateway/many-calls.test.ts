import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GatewayBrowser } from '../../support/gateway-browser.js';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import { GatewayWorld, SECRET_WORD } from '../../support/gateway-world.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';

let world: GatewayWorld;

beforeAll(async () => {
  const names = Array.from({ length: 20 }, (_, index) => `user${index}`);
  world = await GatewayWorld.start((config) => ({
    ...config,
    users: names.map((name) => ({ name, password: SECRET_WORD })),
  }));
});

afterAll(() => world.close());

/** Repeatable: the same seed gives the same calls (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const FATES = [
  'cancel',
  'cancel-ringing',
  'busy',
  'hang-up',
  'carrier-hangs-up',
  'vanish',
] as const;
type Fate = (typeof FATES)[number];

/** What the record of a call of each fate may say: messages cross, and the first one decides. */
const ENDS: Record<Fate, readonly string[]> = {
  cancel: ['CANCELLED'],
  'cancel-ringing': ['CANCELLED'],
  busy: ['BUSY'],
  'hang-up': ['NORMAL'],
  'carrier-hangs-up': ['NORMAL'],
  vanish: ['CL_CALL_BROWSER_LOST'],
};

/** Hands each INVITE that the carrier gets to whoever waits for one of that caller. */
function invitesByCall(): Map<string, (invite: PeerMessage) => void> {
  const waiting = new Map<string, (invite: PeerMessage) => void>();
  const invites = new Map<string, PeerMessage>();
  world.carrier.behave((request) => {
    const callId = request.require('Call-ID');
    if (request.method === 'INVITE') {
      invites.set(callId, request);
      waiting.get(request.require('From').split(';')[0] ?? '')?.(request);
    } else if (request.method !== 'ACK') world.carrier.reply(request, 200);
    const invite = invites.get(callId);
    if (request.method === 'CANCEL' && invite !== undefined) world.carrier.reply(invite, 487);
    return true;
  });
  return waiting;
}

interface Call {
  browser: GatewayBrowser;
  fate: Fate;
  invited: Promise<PeerMessage>;
}

async function play({ browser, fate, invited }: Call): Promise<void> {
  const invite = await browser.invite('600', browserOffer());
  const atCarrier = await invited;
  world.carrier.reply(atCarrier, 100);
  if (fate === 'cancel') return browser.cancel(invite);
  if (fate === 'busy') {
    world.carrier.reply(atCarrier, 486);
    await browser.refusalOf(invite);
    return;
  }
  world.carrier.reply(atCarrier, 180);
  await browser.answerTo(invite, 180);
  if (fate === 'cancel-ringing') return browser.cancel(invite);
  if (fate === 'vanish') {
    browser.vanish();
    return;
  }
  world.carrier.reply(atCarrier, 200, { body: carrierAnswer() });
  const ok = await browser.answerTo(invite, 200);
  browser.callerRequest('ACK', ok, { sequence: 2 });
  if (fate === 'hang-up') {
    browser.callerRequest('BYE', ok, { sequence: 3 });
    await browser.next(200, 'BYE');
    return;
  }
  world.carrier.calleeRequest('BYE', atCarrier, { sequence: 1 });
  browser.reply(await browser.next('BYE'), 200);
}

describe('20 calls at once', () => {
  it.each([1, 2, 3])('that end in every way leave nothing behind (seed %i)', async (seed) => {
    const random = randomFrom(seed);
    const invited = invitesByCall();
    const calls: Call[] = [];
    for (let index = 0; index < 20; index += 1) {
      const browser = await world.browser(`user${index}`);
      const fate = FATES[Math.floor(random() * FATES.length)] ?? 'busy';
      const arrived = new Promise<PeerMessage>((resolve) => {
        invited.set(`<sip:user${index}@127.0.0.1>`, resolve);
      });
      calls.push({ browser, fate, invited: arrived });
    }
    await Promise.all(calls.map(play));
    const cdrs = await world.settle(20);
    for (const [index, { fate }] of calls.entries()) {
      const own = cdrs.filter(({ user }) => user === `user${index}`);
      expect(own).toHaveLength(1);
      expect(ENDS[fate]).toContain(own[0]?.end.code);
    }
  });
});
