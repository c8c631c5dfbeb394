import { afterEach, describe, expect, it } from 'vitest';
import { BROWSER_BYTE, CARRIER_BYTE, CarrierCall } from '../support/carrier-call.js';
import { whyNoSipp } from '../support/sipp.js';
import { hears } from '../support/voice.js';
import {
  answers,
  called,
  gets,
  hangsUp,
  HUNG_UP_ON,
  responds,
  waitsForTest,
} from './sipp/carrier-steps.js';

const missing = whyNoSipp();
let call: CarrierCall;
afterEach(() => call.close());

async function heardBothWays(port: 0 | 1 = 0): Promise<void> {
  await Promise.all([hears(call.ports[port], BROWSER_BYTE), hears(call.phone, CARRIER_BYTE)]);
}

const reliable = (number: number) => ['Require: 100rel', `RSeq: ${number}`];

describe.skipIf(missing !== undefined)(
  `sipp as a carrier before the answer${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    it('that tells all reliably gets a PRACK for each, and its early media is heard', async () => {
      call = await CarrierCall.dial('reliable', ([port]) => [
        called({ header: { name: 'Supported', value: '100rel' } }),
        responds(183, { to: 'invite', tag: 'carrier', media: { port }, headers: reliable(7) }),
        gets('PRACK', { header: { name: 'RAck', value: '7 [0-9]+ INVITE' } }),
        responds(200),
        waitsForTest(),
        responds(180, { to: 'invite', tag: 'carrier', headers: reliable(8) }),
        gets('PRACK', { header: { name: 'RAck', value: '8 [0-9]+ INVITE' } }),
        responds(200),
        ...answers({ port }),
        ...HUNG_UP_ON,
      ]);
      await call.early();
      await heardBothWays();
      await call.sipp.goOn();
      await call.browser.answerTo(call.invite, 180);
      await call.up();
      await heardBothWays();
      expect(await call.hangUp()).toMatchObject({ end: { by: 'browser', code: 'NORMAL' } });
    });

    it('that rings first has media late', async () => {
      call = await CarrierCall.dial('late media', ([port]) => [
        called(),
        responds(180, { to: 'invite', tag: 'carrier' }),
        waitsForTest(),
        responds(183, { to: 'invite', tag: 'carrier', media: { port } }),
        waitsForTest(),
        ...answers({ port }),
        ...HUNG_UP_ON,
      ]);
      const ringing = await call.browser.answerTo(call.invite, 180);
      expect(ringing.body).toBe('');
      await call.sipp.goOn();
      await call.early();
      await heardBothWays();
      await call.sipp.goOn();
      await call.up();
      await heardBothWays();
      expect(await call.hangUp()).toMatchObject({ end: { by: 'browser', code: 'NORMAL' } });
    });

    it('that makes the offer in its 200 has the answer in the ACK', async () => {
      const media = { formats: '8 96', attributes: ['rtpmap:96 telephone-event/8000'] };
      call = await CarrierCall.dial(
        'offer in 200',
        ([port]) => [
          called({ header: { name: 'Content-Length', value: ' *0' } }),
          responds(180, { to: 'invite', tag: 'carrier' }),
          responds(200, {
            ...{ to: 'invite', tag: 'carrier', element: 'retrans="500"' },
            media: { port, ...media },
          }),
          gets('ACK', { body: 'RTP/AVP 8 96' }),
          ...HUNG_UP_ON,
        ],
        { delayedOffer: true },
      );
      await call.up();
      await heardBothWays();
      expect(await call.hangUp()).toMatchObject({ end: { by: 'browser', code: 'NORMAL' } });
    });

    it.each(['repeats it in the 200', 'says nothing more in the 200'])(
      'that makes the offer in a reliable 183 has the answer in the PRACK, and %s',
      async (how) => {
        call = await CarrierCall.dial(
          'offer in 183',
          ([port]) => [
            called({ header: { name: 'Content-Length', value: ' *0' } }),
            responds(183, { to: 'invite', tag: 'carrier', media: { port }, headers: reliable(3) }),
            gets('PRACK', { body: 'RTP/AVP 8' }),
            responds(200),
            waitsForTest(),
            responds(200, {
              ...{ to: 'invite', tag: 'carrier', element: 'retrans="500"' },
              ...(how.startsWith('repeats') ? { media: { port } } : {}),
            }),
            gets('ACK', { header: { name: 'Content-Length', value: ' *0' } }),
            ...HUNG_UP_ON,
          ],
          { delayedOffer: true },
        );
        await call.early();
        await heardBothWays();
        await call.sipp.goOn();
        await call.up();
        await heardBothWays();
        expect(await call.hangUp()).toMatchObject({ end: { by: 'browser', code: 'NORMAL' } });
      },
    );

    it('that forks: media goes to the branch that spoke last, then to the one that answers; the second 200 gets ACK and BYE', async () => {
      call = await CarrierCall.dial('forks', ([first, second]) => [
        called(),
        responds(183, { to: 'invite', tag: 'one', media: { port: first } }),
        responds(183, { to: 'invite', tag: 'two', media: { port: second } }),
        responds(180, { to: 'invite', tag: 'three' }),
        waitsForTest(),
        ...answers({ port: first }, { tag: 'one' }),
        responds(200, { to: 'invite', tag: 'two', media: { port: second } }),
        gets('ACK'),
        gets('BYE', { header: { name: 'To', value: 'two' } }),
        responds(200),
        waitsForTest(),
        ...hangsUp(1, 'one'),
      ]);
      await call.early();
      await heardBothWays(1);
      await call.sipp.goOn();
      await call.up();
      await heardBothWays(0);
      await call.sipp.goOn();
      expect((await call.hungUp()).end).toMatchObject({ by: 'carrier', code: 'NORMAL' });
    });
  },
);
