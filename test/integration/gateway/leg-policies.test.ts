import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hearsTone } from '../../contract/speaker.js';
import { formatIn, toneIn } from '../../contract/carry-tone.js';
import { AudioTalk, PCMU_FORMATS } from '../../support/audio-talk.js';
import { heardAsTones } from '../../support/dtmf/heard-at-carrier.js';
import { carrierAnswer } from '../../support/gateway-sdp.js';
import { GatewayWorld, type UpCall } from '../../support/gateway-world.js';
import type { GatewayCarrier } from '../../support/gateway-carrier.js';
import { eventTypeIn, RTP_FORMATS, sendPaced } from '../../support/media-rig.js';
import { RtpPeer, type ReceivedRtp } from '../../support/media-rtp-peer.js';
import { WebrtcPeer } from '../../support/media-webrtc-peer.js';

/** 600 goes to the trunk `carrier`, 800 to `second`. */
const DIALLED = { carrier: '600', second: '800' } as const;
type TrunkName = keyof typeof DIALLED;

const SLOW = { minToneMs: 240, minGapMs: 200 };
const DEFAULTS = { minToneMs: 80, minGapMs: 60 };
/** As AudioTalk presses keys. */
const PRESSED = { toneMs: 100, gapMs: 100 };
const KEYS = '147';

let world: GatewayWorld;
const opened: { close(): void }[] = [];

afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

/** Trunks that differ, by their names. */
async function start(
  trunks: Record<TrunkName, object>,
  users: Record<'alice' | 'bob', object> = { alice: {}, bob: {} },
): Promise<void> {
  world = await GatewayWorld.start((config) => ({
    ...config,
    users: (config.users ?? []).map((user) => ({ ...user, ...users[user.name as 'alice'] })),
    trunks: (config.trunks ?? []).map((trunk) => ({
      ...trunk,
      ...trunks[trunk.name as TrunkName],
    })),
    inbound: {
      numbers: [
        { name: 'alice', numbers: ['+493011112222'], user: 'alice' },
        { name: 'bob', numbers: ['+493011113333'], user: 'bob' },
      ],
    },
    dialplan: {
      ...config.dialplan,
      routes: [
        { name: 'one', short: ['600'], trunks: ['carrier'] },
        { name: 'two', short: ['800'], trunks: ['second'] },
      ],
    },
  }));
}

interface TalkingCall {
  up: UpCall;
  phone: WebrtcPeer;
  rtp: RtpPeer;
  /** Bodies of the INFOs that the trunk got. */
  infos: string[];
}

/** A user calls a trunk that answers in a codec; the browser's transport is up. */
async function call(
  trunk: TrunkName,
  {
    user = 'alice',
    codec,
    formats,
  }: { user?: string; codec: 'pcmu' | 'pcma'; formats?: typeof PCMU_FORMATS },
): Promise<TalkingCall> {
  const [phone, rtp] = [new WebrtcPeer(), await RtpPeer.open()];
  opened.push(phone, rtp);
  const peer: GatewayCarrier = world[trunk];
  const infos: string[] = [];
  const browser = await world.browser(user);
  const invite = await browser.invite(DIALLED[trunk], await phone.offer(formats));
  const carrierInvite = await peer.next('INVITE');
  rtp.follow(carrierInvite.body);
  peer.behave((request) => {
    if (request.method === 'ACK') return true;
    if (request.method === 'INFO') infos.push(request.body);
    peer.reply(request, 200);
    return true;
  });
  peer.reply(carrierInvite, 200, { body: rtp.sdp(RTP_FORMATS[codec]) });
  const ok = await browser.answerTo(invite, 200);
  browser.callerRequest('ACK', ok, { sequence: 2 });
  phone.take(ok.body);
  await phone.opened();
  return { up: { browser, invite, ok, carrierInvite }, phone, rtp, infos };
}

async function end({ up }: TalkingCall): Promise<void> {
  await world.hangUp(up);
  await world.settle(1);
}

/** The codecs of an SDP, in its order. */
function codecsIn(sdp: string): string[] {
  return [...sdp.matchAll(/^a=rtpmap:\d+ (\w+)\//gm)]
    .map(([, name]) => name!.toLowerCase())
    .filter((name) => name !== 'telephone');
}

describe('what a browser speaks', () => {
  beforeAll(() =>
    start(
      {
        carrier: { codecs: ['pcma'] },
        second: { codecs: ['pcma'], media: 'opus-to-browser' },
      },
      { alice: {}, bob: { media: 'opus-to-browser' } },
    ),
  );
  afterAll(() => world.close());

  it.each([
    { what: 'the codec of its trunk', trunk: 'carrier', user: 'alice', codec: 'pcma' },
    { what: 'Opus where the trunk asks for it', trunk: 'second', user: 'alice', codec: 'opus' },
    { what: 'Opus where the user asks for it', trunk: 'carrier', user: 'bob', codec: 'opus' },
  ] as const)('is $what', async ({ trunk, user, codec }) => {
    const talking = await call(trunk, { user, codec: 'pcma' });
    const { up, phone, rtp } = talking;
    expect(codecsIn(up.carrierInvite.body)).toEqual(['pcma']);
    expect(codecsIn(up.ok.body)[0]).toBe(codec);
    const own = formatIn(up.ok.body, codec);
    const first = { sequence: 1, timestamp: 160 };
    // The trunk hears its codec whatever the browser speaks, and the other way round.
    await sendPaced(toneIn(own, first), phone);
    await expect.poll(() => hearsTone(rtp.rtp.items)).toBe(true);
    expect(new Set(rtp.rtp.items.map(({ payloadType }) => payloadType))).toEqual(new Set([8]));
    await sendPaced(toneIn({ codec: 'pcma', type: 8 }, first), rtp);
    await expect.poll(() => hearsTone(phone.rtp.items)).toBe(true);
    expect(new Set(phone.rtp.items.map(({ payloadType }) => payloadType))).toEqual(
      new Set([own.type]),
    );
    await end(talking);
  });
});

describe('what a called browser is offered', () => {
  beforeAll(() =>
    start(
      { carrier: { codecs: ['pcma'] }, second: {} },
      { alice: {}, bob: { media: 'opus-to-browser' } },
    ),
  );
  afterAll(() => world.close());

  it.each([
    { user: 'alice', number: '+493011112222', best: 'pcma' },
    { user: 'bob', number: '+493011113333', best: 'opus' },
  ])('begins with $best for $user', async ({ user, number, best }) => {
    const browser = await world.browser(user);
    expect((await browser.register()).status).toBe(200);
    const { carrier } = world;
    carrier.towards(world.sipPort);
    carrier.answerWhatEndsCalls();
    const invite = carrier.request('INVITE', {
      uri: `sip:${number}@127.0.0.1:${world.sipPort}`,
      headers: { From: `<sip:+4989777@${carrier.sentBy}>;tag=${user}` },
      body: carrierAnswer(),
    });
    const rung = await browser.next('INVITE');
    expect(codecsIn(rung.body)[0]).toBe(best);
    browser.reply(rung, 486);
    const refused = await carrier.next(486, 'INVITE');
    carrier.sameBranch('ACK', invite, refused.require('To'));
    await world.settle(1);
  });
});

/** Of each telephone-event, when it began and how long it was, by its RTP timestamps: ms. */
function eventsIn(
  packets: readonly ReceivedRtp[],
  type: number,
): { beganMs: number; toneMs: number }[] {
  const events = new Map<number, number>();
  for (const { payloadType, timestamp, payload } of packets)
    if (payloadType === type)
      events.set(timestamp, Math.max(events.get(timestamp) ?? 0, payload.readUInt16BE(2)));
  return [...events].map(([timestamp, units]) => ({ beganMs: timestamp / 8, toneMs: units / 8 }));
}

async function press(talking: TalkingCall, heardAll: () => boolean): Promise<void> {
  const talk = new AudioTalk(talking.phone);
  try {
    talk.press(KEYS);
    await expect.poll(heardAll).toBe(true);
  } finally {
    await talk.stop();
  }
}

describe('the shortest tone and gap of a trunk', () => {
  const limits = { carrier: SLOW, second: DEFAULTS };

  describe.each(['rfc4733', 'info', 'inband'] as const)('that is told digits as %s', (dtmf) => {
    beforeAll(() =>
      start({
        carrier: { codecs: ['pcmu'], dtmf, ...SLOW },
        // What a trunk has that says nothing.
        second: { codecs: ['pcmu'], dtmf },
      }),
    );
    afterAll(() => world.close());

    it.each(['carrier', 'second'] as const)('holds for %s alone', async (trunk) => {
      const talking = await call(trunk, { codec: 'pcmu', formats: PCMU_FORMATS });
      const { rtp, infos, up } = talking;
      const toneMs = Math.max(PRESSED.toneMs, limits[trunk].minToneMs);
      const { minGapMs } = limits[trunk];
      if (dtmf === 'rfc4733') {
        const type = eventTypeIn(up.carrierInvite.body, 8000);
        const events = () => eventsIn(rtp.rtp.items, type);
        const isEnd = ({ payloadType, payload }: ReceivedRtp): boolean =>
          payloadType === type && (payload.readUInt8(1) & 0x80) !== 0;
        await press(talking, () => rtp.rtp.items.filter(isEnd).length >= 3 * KEYS.length);
        expect(events().map((event) => event.toneMs)).toEqual(Array.from(KEYS, () => toneMs));
        for (const [index, event] of events().entries()) {
          const before = events()[index - 1];
          if (before === undefined) continue;
          const gapMs = event.beganMs - before.beganMs - before.toneMs;
          // Timestamps are whole.
          expect(gapMs).toBeGreaterThan(minGapMs - 1);
        }
      } else if (dtmf === 'info') {
        await press(talking, () => infos.length >= KEYS.length);
        const told = infos.map((body) => Number(/Duration=(\d+)/.exec(body)?.[1]));
        expect(told).toEqual(Array.from(KEYS, () => toneMs));
      } else {
        const tones = (): number[] => heardAsTones(rtp.rtp.items).map((tone) => tone.durationMs);
        await press(talking, () => (tones()[KEYS.length - 1] ?? 0) > toneMs - 20);
        for (const ms of tones()) expect(Math.abs(ms - toneMs)).toBeLessThanOrEqual(20);
      }
      await end(talking);
    });
  });
});
