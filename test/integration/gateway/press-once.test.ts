import { afterEach, describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../gateway/config/schema.js';
import { AudioTalk, PCMU_FORMATS } from '../../support/audio-talk.js';
import { heardAsEvents, heardAsTones } from '../../support/dtmf/heard-at-carrier.js';
import { GatewayWorld, type UpCall } from '../../support/gateway-world.js';
import { eventTypeIn, RTP_FORMATS } from '../../support/media-rig.js';
import { RtpPeer } from '../../support/media-rtp-peer.js';
import { WebrtcPeer } from '../../support/media-webrtc-peer.js';

type Dtmf = NonNullable<NonNullable<ConfigInput['trunks']>[number]['dtmf']>;

const TOKEN = 'token-for-the-api-of-this-test-0123456789';
const INFO = { 'Content-Type': 'application/dtmf-relay' };
/** The last one is told once; whatever a press before it brought is there before. */
const KEYS = '1239';

/** The media pairs what comes within 2 s; where a machine takes longer, the press is none that was told twice. */
const WITHIN_MS = 1500;
const MOST_ATTEMPTS = 10;

let world: GatewayWorld | undefined;
const opened: { close(): void }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) one.close();
  await world?.close();
  world = undefined;
});

/** A call from a browser with media to a trunk that is told digits so. */
class PressedCall {
  readonly world: GatewayWorld;
  readonly talk: AudioTalk;
  readonly carrier: RtpPeer;
  readonly up: UpCall;
  readonly #infos: string[];
  #sequence = 3;

  private constructor(
    parts: Pick<PressedCall, 'world' | 'talk' | 'carrier' | 'up'>,
    infos: string[],
  ) {
    this.world = parts.world;
    this.talk = parts.talk;
    this.carrier = parts.carrier;
    this.up = parts.up;
    this.#infos = infos;
  }

  static async place(dtmf: Dtmf): Promise<PressedCall> {
    world = await GatewayWorld.start((config) => ({
      ...config,
      web: { ...config.web, api: { token: TOKEN } },
      trunks: (config.trunks ?? []).map((trunk) => ({ ...trunk, codecs: ['pcmu'], dtmf })),
    }));
    const infos: string[] = [];
    const [phone, carrier] = [new WebrtcPeer(), await RtpPeer.open()];
    opened.push(phone, carrier);
    const up = await world.connect({
      offer: await phone.offer(PCMU_FORMATS),
      answer: (offer) => {
        carrier.follow(offer);
        return carrier.sdp(RTP_FORMATS.pcmu);
      },
    });
    const { carrier: trunk } = world;
    trunk.answerWhatEndsCalls();
    trunk.behave((request) => {
      if (request.method === 'ACK') return true;
      if (request.method === 'INFO') infos.push(/Signal=(.)/.exec(request.body)?.[1] ?? '?');
      trunk.reply(request, 200);
      return true;
    });
    phone.take(up.ok.body);
    await phone.opened();
    const talk = new AudioTalk(phone);
    await carrier.rtp.waitFor(1);
    return new PressedCall({ world, talk, carrier, up }, infos);
  }

  /** What the trunk was told so far, each way. */
  heard(): { events: string; infos: string; tones: string } {
    const { items } = this.carrier.rtp;
    const type = eventTypeIn(this.up.carrierInvite.body, 8000);
    const keys = (presses: readonly { digit: string }[]): string =>
      presses.map(({ digit }) => digit).join('');
    return {
      events: keys(heardAsEvents(items, type)),
      infos: this.#infos.join(''),
      tones: keys(heardAsTones(items)),
    };
  }

  /** Resolves when the gateway has answered. */
  async info(key: string): Promise<void> {
    const { browser, ok } = this.up;
    const body = `Signal=${key}\r\nDuration=100`;
    browser.callerRequest('INFO', ok, { sequence: this.#sequence++, headers: INFO, body });
    await browser.next(200, 'INFO');
  }

  async api(keys: string): Promise<void> {
    const { app } = this.world;
    const [{ id } = { id: '' }] = app.calls.list();
    const answer = await fetch(`${app.url}api/calls/${id}/digits`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ digits: keys }),
    });
    expect(answer.status).toBe(202);
  }

  async end(): Promise<void> {
    await this.talk.stop();
    const { browser, ok } = this.up;
    browser.callerRequest('BYE', ok, { sequence: this.#sequence });
    await browser.next(200, 'BYE');
    await this.world.settle(1);
    for (const one of opened.splice(0)) one.close();
    await this.world.close();
    world = undefined;
  }
}

describe('a press that a browser tells twice reaches a trunk once', () => {
  const told: Record<'rfc4733' | 'info' | 'inband' | 'auto', ReturnType<PressedCall['heard']>> = {
    rfc4733: { events: KEYS, infos: '', tones: '' },
    auto: { events: KEYS, infos: '', tones: '' },
    info: { events: '', infos: KEYS, tones: '' },
    inband: { events: '', infos: '', tones: KEYS },
  };
  for (const dtmf of ['rfc4733', 'auto', 'info', 'inband'] as const)
    it(`as ${dtmf}`, async () => {
      let attempts = 0;
      let slowestMs = Infinity;
      while (slowestMs > WITHIN_MS) {
        attempts += 1;
        expect(attempts, 'this machine stalls too often').toBeLessThan(MOST_ATTEMPTS);
        const call = await PressedCall.place(dtmf);
        slowestMs = await pressTwice(call);
        const heard = call.heard();
        await call.end();
        if (slowestMs <= WITHIN_MS) expect(heard).toEqual(told[dtmf]);
      }
    });
});

/** Presses each of KEYS; how long the two tellings of one were apart at most. */
async function pressTwice(call: PressedCall): Promise<number> {
  const { talk } = call;
  const until = (key: string): Promise<void> =>
    expect.poll(() => Object.values(call.heard()).join('')).toMatch(new RegExp(`${key}$`));
  const steps = [
    async () => {
      // In the media first.
      talk.press('1');
      await until('1');
      await call.info('1');
    },
    async () => {
      await call.info('2');
      await until('2');
      talk.press('2');
      await expect.poll(() => talk.waiting).toBe(0);
    },
    async () => {
      // By the API, while the press is under way.
      talk.press('3');
      await call.api('3');
      await until('3');
    },
  ];
  let slowestMs = 0;
  for (const step of steps) {
    const begun = performance.now();
    await step();
    slowestMs = Math.max(slowestMs, performance.now() - begun);
  }
  talk.press('9');
  await until('9');
  return slowestMs;
}
