import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createEncoder } from '../../../gateway/media/codecs/create-codec.js';
import type { CodecName } from '../../../gateway/media/media-engine.js';
import { browserOffer } from '../../support/gateway-sdp.js';
import { GatewayWorld } from '../../support/gateway-world.js';
import { RtpPeer } from '../../support/media-rtp-peer.js';
import { tone } from '../../support/tone.js';

const KEYS = '47#';
const CODES = [4, 7, 11];
const EVENT = 101;
const PAYLOAD_TYPES: Partial<Record<CodecName, number>> = { pcma: 8, pcmu: 0, g722: 9 };

let world: GatewayWorld;
const opened: { close(): void }[] = [];

beforeAll(async () => {
  world = await GatewayWorld.start((config) => ({
    ...config,
    trunks: (config.trunks ?? []).map((trunk) => ({ ...trunk, codecs: ['pcmu', 'pcma', 'g722'] })),
  }));
});
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});
afterAll(() => world.close());

/** Beeps of 400 ms, with silence around each, for as long as it is not closed: the gateway may begin to listen when it likes. */
class Beeper {
  readonly #timer: NodeJS.Timeout;
  #sent = 0;

  constructor(rtp: RtpPeer, codec: CodecName) {
    const encoder = createEncoder(codec, 'pcmu');
    const { sampleRate } = encoder;
    const frame = sampleRate / 50;
    const sound = new Int16Array(40 * frame);
    sound.set(tone({ hz: 1000, sampleRate, samples: 20 * frame }), 10 * frame);
    this.#timer = setInterval(() => {
      const at = (this.#sent % 40) * frame;
      this.#sent += 1;
      rtp.send({
        ...{ payloadType: PAYLOAD_TYPES[codec] ?? 0, ssrc: 7, sequence: this.#sent },
        timestamp: this.#sent * 160,
        payload: Buffer.from(encoder.encode(sound.subarray(at, at + frame))),
      });
    }, 20);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

it.each<CodecName>(['pcma', 'pcmu', 'g722'])(
  'digits behind a w wait until the other side has beeped, in %s',
  async (codec) => {
    world.carrier.answerWhatEndsCalls();
    const rtp = await RtpPeer.open();
    opened.push(rtp);
    const browser = await world.browser();
    const invite = await browser.invite(`600ww${KEYS}`, browserOffer());
    const asked = await world.carrier.next('INVITE');
    rtp.follow(asked.body);
    const payloadTypes = `${PAYLOAD_TYPES[codec]} ${EVENT}`;
    const lines = [`a=rtpmap:${EVENT} telephone-event/8000`, 'a=fmtp:101 0-15'];
    world.carrier.reply(asked, 200, { body: rtp.sdp({ payloadTypes, lines }) });
    const ok = await browser.answerTo(invite, 200);
    browser.callerRequest('ACK', ok, { sequence: 2 });
    opened.unshift(new Beeper(rtp, codec));
    // Each digit ends with the end bit.
    const ends = await rtp.rtp.waitFor(9, ({ payloadType, payload }) => {
      return payloadType === EVENT && ((payload[1] ?? 0) & 0x80) !== 0;
    });
    expect([...new Set(ends.map(({ payload }) => payload[0]))]).toEqual(CODES);
    expect(world.log.map(({ msg }) => msg)).not.toContain(
      'no prompt was heard; the digits are sent all the same',
    );
    await world.hangUp({ browser, invite, ok, carrierInvite: asked });
    await world.settle(1);
  },
);
