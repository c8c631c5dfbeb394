import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDecoder } from '../../gateway/media/codecs/create-codec.js';
import { AudioTalk, PCMU_FORMATS } from '../support/audio-talk.js';
import { Baresip, whyNoBaresip } from '../support/baresip.js';
import { GatewayWorld } from '../support/gateway-world.js';
import type { ReceivedRtp } from '../support/media-rtp-peer.js';
import { closeOpened, openBrowser } from '../support/media-rig.js';
import type { WebrtcPeer } from '../support/media-webrtc-peer.js';
import { hearTone } from '../support/tone.js';

const missing = whyNoBaresip();
/** The browser hums 1000 Hz. */
const PHONE_HZ = 440;
const BROWSER_HZ = 1000;
const PCMU = 0;
/** Of PCMU_FORMATS. */
const EVENT_TYPE = 126;
const PACKETS = 50;
const RATE = 8000;
const PACKET_SAMPLES = 160;

describe.skipIf(missing !== undefined).each([
  { how: 'plain RTP', srtp: 'off' },
  { how: 'SRTP with keys in the SDP', srtp: 'required' },
] as const)(
  `baresip behind a trunk, by $how${missing === undefined ? '' : ` (${missing})`}`,
  ({ srtp }) => {
    let phone: Baresip;
    let world: GatewayWorld;

    beforeAll(async () => {
      phone = await Baresip.start('600', PHONE_HZ, srtp === 'required');
      world = await GatewayWorld.start((config) => ({
        ...config,
        trunks: [{ name: 'carrier', host: '127.0.0.1', port: phone.port, codecs: ['pcmu'], srtp }],
        dialplan: {
          country: 'DE',
          routes: [{ name: 'phone', short: ['600'], trunks: ['carrier'] }],
        },
        inbound: { numbers: [{ name: 'alice', numbers: ['+493011112222'], user: 'alice' }] },
      }));
    });
    afterEach(() => closeOpened());
    afterAll(async () => {
      await world.close();
      await phone.stop();
    });

    it('is called by a browser, rings, talks both ways and hangs up', async () => {
      const media = openBrowser();
      const browser = await world.browser();
      const invite = await browser.invite('600', await media.offer(PCMU_FORMATS));
      expect((await phone.next('CALL_INCOMING')).peeruri).toMatch(/^sip:alice@127\.0\.0\.1/);
      await browser.answerTo(invite, 180);
      phone.command('accept');
      const ok = await browser.answerTo(invite, 200);
      browser.callerRequest('ACK', ok, { sequence: 2 });
      media.take(ok.body);
      await talk(media);
      phone.command('hangup');
      browser.reply(await browser.next('BYE'), 200);
      await phone.next('CALL_CLOSED');
      const [cdr] = await world.settle(1);
      expect(cdr?.end).toMatchObject({ by: 'carrier', code: 'NORMAL' });
    });

    it('calls a browser, hears it ring, talks both ways, and is hung up on', async () => {
      const media = openBrowser();
      const browser = await world.browser();
      expect((await browser.register()).status).toBe(200);
      phone.command('dial', `sip:+493011112222@127.0.0.1:${world.sipPort}`);
      const rung = await browser.next('INVITE');
      browser.reply(rung, 180);
      await phone.next('CALL_RINGING');
      browser.reply(rung, 200, { body: await media.answer(rung.body, PCMU_FORMATS) });
      await browser.next('ACK');
      await phone.next('CALL_ESTABLISHED');
      await talk(media);
      browser.calleeRequest('BYE', rung, { sequence: 1 });
      await browser.next(200, 'BYE');
      await phone.next('CALL_CLOSED');
      const [cdr] = await world.settle(1);
      expect(cdr).toMatchObject({
        ...{ direction: 'inbound', trunk: 'carrier', rule: 'alice', from: { user: '600' } },
        end: { by: 'browser', code: 'NORMAL' },
      });
    });

    /** The browser hums until both have heard each other, and a key of each. */
    async function talk(media: WebrtcPeer): Promise<void> {
      await media.opened();
      const talking = new AudioTalk(media);
      try {
        const packets = await media.rtp.waitFor(PACKETS, ({ payloadType }) => payloadType === PCMU);
        expect(clearness(decoded(packets.slice(0, PACKETS)), PHONE_HZ)).toBeGreaterThan(20);
        await expect.poll(() => clearness(latest(phone.heard()), BROWSER_HZ)).toBeGreaterThan(20);
        talking.press('5');
        expect((await phone.next('CALL_DTMF_START')).param).toBe('5');
        phone.command('sndcode', '8');
        const isKey = ({ payloadType }: ReceivedRtp): boolean => payloadType === EVENT_TYPE;
        expect((await media.rtp.waitFor(1, isKey))[0]?.payload[0]).toBe(8);
      } finally {
        await talking.stop();
      }
    }
  },
);

function decoded(packets: readonly ReceivedRtp[]): Int16Array {
  const decoder = createDecoder('pcmu', 'pcmu');
  const pcm = new Int16Array(PACKET_SAMPLES * packets.length);
  packets.forEach(({ payload }, index) => {
    decoder.decode(payload, pcm.subarray(index * PACKET_SAMPLES));
  });
  return pcm;
}

/** The last half second; nothing when there is less. */
function latest(pcm: Int16Array): Int16Array {
  return pcm.length < RATE / 2 ? new Int16Array(1) : pcm.subarray(-RATE / 2);
}

/** The tone over all else, dB. */
function clearness(pcm: Int16Array, hz: number): number {
  return hearTone(pcm, hz, RATE).signalToNoiseDb;
}
