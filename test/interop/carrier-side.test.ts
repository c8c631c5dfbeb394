import { afterEach, describe, expect, it } from 'vitest';
import { BROWSER_BYTE, CARRIER_BYTE, CarrierCall } from '../support/carrier-call.js';
import { whyNoSipp } from '../support/sipp.js';
import { hears } from '../support/voice.js';
import {
  answers,
  asks,
  called,
  changes,
  gets,
  hangsUp,
  HUNG_UP_ON,
  OPTIONAL,
  responds,
  waitsForTest,
} from './sipp/carrier-steps.js';

const missing = whyNoSipp();
let call: CarrierCall;
afterEach(() => call.close());

/** Bytes that the browser says later. */
const UNHEARD = 0x55;
const AGAIN = 0x66;
const DTMF = { 'Content-Type': 'application/dtmf-relay' };

async function heardBothWays(port: 0 | 1 = 0, byte = BROWSER_BYTE): Promise<void> {
  await Promise.all([hears(call.ports[port], byte), hears(call.phone, CARRIER_BYTE)]);
}

/** What the carrier asks for moves its media to its second port. */
const moved = (port: number) => ({ port, version: 2 });

describe.skipIf(missing !== undefined)(
  `sipp as a carrier in a call${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    it.each([
      ['a=sendonly', 'recvonly', ['sendonly'], '127.0.0.1'],
      ['a=inactive', 'inactive', ['inactive'], '127.0.0.1'],
      ['c=0.0.0.0', 'recvonly', [], '0.0.0.0'],
    ])('that holds by %s hears nothing until it resumes', async (...[, agreed, how, host]) => {
      const held = { host, attributes: how, version: 2 };
      call = await CarrierCall.dial('hold', ([port]) => [
        called(),
        ...answers({ port }),
        waitsForTest(),
        ...changes('INVITE', { sequence: 1, media: { port, ...held } }, { body: `a=${agreed}` }),
        waitsForTest(),
        ...changes('INVITE', { sequence: 2, media: { port, version: 3 } }, { body: 'a=sendrecv' }),
        ...HUNG_UP_ON,
      ]);
      await call.up();
      await heardBothWays();
      await call.sipp.goOn();
      const told = await call.agrees(agreed);
      expect(told.body).toContain(agreed === 'recvonly' ? 'a=sendonly\r\n' : 'a=inactive\r\n');
      await call.sipp.arrives();
      call.voice.says(UNHEARD);
      await expect.poll(() => call.voice.said, { timeout: 15_000 }).toBeGreaterThan(25);
      const [{ rtp }] = call.ports;
      expect(rtp.items.filter(({ payload }) => payload[0] === UNHEARD)).toEqual([]);
      call.voice.says(AGAIN);
      await call.sipp.nudge();
      expect((await call.agrees('sendrecv')).body).toContain('a=sendrecv\r\n');
      await heardBothWays(0, AGAIN);
      expect((await call.hangUp()).end).toMatchObject({ by: 'browser', code: 'NORMAL' });
    });

    it.each(['INVITE', 'UPDATE'] as const)(
      'that changes its port, codec and payload type of keys by %s gets everything there',
      async (method) => {
        call = await CarrierCall.dial('change', ([first, second]) => [
          called(),
          ...answers({
            ...{ port: first, formats: '8 101' },
            attributes: ['rtpmap:101 telephone-event/8000'],
          }),
          waitsForTest(),
          ...changes(
            method,
            {
              sequence: 1,
              media: {
                ...{ port: second, formats: '0 96', version: 2 },
                attributes: ['rtpmap:96 telephone-event/8000'],
              },
            },
            { body: 'RTP/AVP 0 96' },
          ),
          ...HUNG_UP_ON,
        ]);
        await call.up();
        await heardBothWays();
        await call.sipp.goOn();
        const told = await call.agrees('sendrecv', '0 126');
        expect(told.body).toMatch(/^m=audio \d+ UDP\/TLS\/RTP\/SAVPF 0 /m);
        call.voice.says(AGAIN, 0);
        const packets = await hears(call.ports[1], AGAIN);
        expect(new Set(packets.map(({ payloadType }) => payloadType))).toEqual(new Set([0]));
        call.asks('INFO', 'Signal=5\r\nDuration=160\r\n', DTMF);
        expect((await call.browser.next(200, 'INFO')).status).toBe(200);
        const events = await call.ports[1].rtp.waitFor(3, ({ payloadType }) => payloadType === 96);
        expect(events.map(({ payload }) => payload[0])).toContain(5);
        expect((await call.hangUp()).end).toMatchObject({ by: 'browser', code: 'NORMAL' });
      },
    );

    it('that asks for an offer moves by its answer; an UPDATE without SDP changes nothing', async () => {
      call = await CarrierCall.dial('ask', ([first, second]) => [
        called(),
        ...answers({ port: first }),
        waitsForTest(),
        asks('UPDATE', { sequence: 1 }),
        gets(200, { header: { name: 'Content-Length', value: ' *0' } }),
        asks('INVITE', { sequence: 2 }),
        gets(100, OPTIONAL),
        gets(200, { body: 'a=sendrecv' }),
        asks('ACK', { sequence: 2, media: moved(second) }),
        ...HUNG_UP_ON,
      ]);
      await call.up();
      await heardBothWays();
      await call.sipp.goOn();
      await heardBothWays(1);
      expect(call.browser.inbox.filter(({ method }) => method === 'INVITE')).toEqual([]);
      expect((await call.hangUp()).end).toMatchObject({ by: 'browser', code: 'NORMAL' });
    });

    it('whose offer meets that of the browser: both get 491, and both are taken when they come again', async () => {
      call = await CarrierCall.dial('glare', ([first, second]) => [
        called(),
        ...answers({ port: first }),
        gets('INVITE', { keep: 'hold', body: 'a=sendonly' }),
        asks('INVITE', { sequence: 1, media: moved(second) }),
        gets(100, OPTIONAL),
        gets(491),
        asks('ACK', { sequence: 1, branch: 'INVITE1' }),
        responds(491, { to: 'hold', tag: 'carrier', element: 'retrans="500"' }),
        gets('ACK'),
        waitsForTest(),
        ...changes('INVITE', { sequence: 2, media: moved(second) }),
        gets('INVITE', { body: 'a=sendonly' }),
        responds(200, {
          media: { port: second, version: 3, attributes: ['recvonly'] },
          element: 'retrans="500"',
        }),
        gets('ACK'),
        ...HUNG_UP_ON,
      ]);
      await call.up();
      await heardBothWays();
      const hold = call.asks('INVITE', call.sdp('sendonly'));
      const pending = await call.browser.answerTo(hold, 491);
      call.browser.sameBranch('ACK', hold, pending.require('To'));
      await call.sipp.goOn();
      await call.agrees('sendrecv');
      await heardBothWays(1);
      const again = call.asks('INVITE', call.sdp('sendonly'));
      expect((await call.browser.answerTo(again, 200)).body).toContain('a=recvonly');
      call.asks('ACK');
      expect((await call.hangUp()).end).toMatchObject({ by: 'browser', code: 'NORMAL' });
    });

    it('that answers an offer of the gateway itself with 491 gets it again', async () => {
      call = await CarrierCall.dial('glare of the gateway', ([port]) => [
        called(),
        ...answers({ port }),
        gets('INVITE', { body: 'a=sendonly' }),
        responds(491, { element: 'retrans="500"' }),
        gets('ACK'),
        gets('INVITE', { body: 'a=sendonly' }),
        responds(200, {
          media: { port, version: 2, attributes: ['recvonly'] },
          element: 'retrans="500"',
        }),
        gets('ACK'),
        ...hangsUp(1),
      ]);
      await call.up();
      await heardBothWays();
      const asked = call.asks('INVITE');
      await call.browser.answerTo(asked, 200);
      const body = call.sdp('sendonly').replace('a=setup:actpass', 'a=setup:active');
      call.asks('ACK', body);
      expect((await call.hungUp()).end).toMatchObject({ by: 'carrier', code: 'NORMAL' });
    });
  },
);
