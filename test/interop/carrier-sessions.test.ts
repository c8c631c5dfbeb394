import { afterEach, describe, expect, it } from 'vitest';
import { CarrierCall } from '../support/carrier-call.js';
import { whyNoSipp } from '../support/sipp.js';
import {
  answers,
  asks,
  called,
  changes,
  gets,
  HUNG_UP_ON,
  OPTIONAL,
  responds,
  tellsTest,
  waitsForTest,
} from './sipp/carrier-steps.js';

const missing = whyNoSipp();
let call: CarrierCall;
afterEach(() => call.close());

/** The smallest interval (RFC 4028 section 4). */
const INTERVAL_S = 90;
const timer = (refresher: 'uac' | 'uas') => [
  'Require: timer',
  `Session-Expires: ${INTERVAL_S};refresher=${refresher}`,
];
const CONFIRMED = { header: { name: 'Session-Expires', value: `${INTERVAL_S};refresher=uac` } };

/** Where time is skipped our INVITE may go out again, and then its 200 and its ACK. */
const repeated = () => [1, 2, 3].map(() => gets('ACK', OPTIONAL));

/** Once sipp is as far, half of the interval passes. */
async function halfAnInterval(): Promise<void> {
  await call.sipp.arrives();
  await call.world.clock.skip((INTERVAL_S / 2) * 1_000);
}

describe.skipIf(missing !== undefined)(
  `sipp as a carrier with sessions${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    it('that leaves the refreshes to the gateway gets one in each half of the interval', async () => {
      call = await CarrierCall.dial('gateway refreshes', ([port]) => [
        called({ header: { name: 'Supported', value: 'timer' } }),
        ...answers({ port }, { headers: timer('uac') }),
        tellsTest(),
        ...[1, 2].flatMap(() => [
          gets('INVITE', CONFIRMED),
          responds(200, { media: { port }, headers: timer('uac'), element: 'retrans="500"' }),
          gets('ACK'),
          tellsTest(),
          ...repeated(),
        ]),
        ...HUNG_UP_ON,
      ]);
      await call.up();
      await halfAnInterval();
      await halfAnInterval();
      await call.sipp.arrives();
      expect((await call.hangUp()).end).toMatchObject({ by: 'browser', code: 'NORMAL' });
    });

    it('that refreshes itself, by UPDATE and by INVITE, and then no more: the call is ended', async () => {
      call = await CarrierCall.dial('carrier refreshes', ([port]) => [
        called(),
        ...answers({ port }, { headers: timer('uas') }),
        waitsForTest(),
        ...changes('UPDATE', { sequence: 1, headers: timer('uac') }, CONFIRMED),
        waitsForTest(),
        ...changes('INVITE', { sequence: 2, media: { port }, headers: timer('uac') }, CONFIRMED),
        tellsTest(),
        ...HUNG_UP_ON,
      ]);
      await call.up();
      await halfAnInterval();
      await call.sipp.nudge();
      await halfAnInterval();
      await call.sipp.nudge();
      await call.sipp.arrives();
      await call.world.clock.skip(INTERVAL_S * 1_000);
      const { end } = await call.hungUp();
      expect(end).toMatchObject({ by: 'carrier', code: 'CL_CALL_LEG_LOST' });
    });

    it('that hangs up instead of answering an offer', async () => {
      call = await CarrierCall.dial('BYE for an answer', ([port]) => [
        called(),
        ...answers({ port }),
        gets('INVITE', { keep: 'hold' }),
        asks('BYE', { sequence: 1 }),
        gets(200),
        responds(487, { to: 'hold', tag: 'carrier', element: 'retrans="500"' }),
        gets('ACK'),
      ]);
      await call.up();
      const hold = call.asks('INVITE', call.sdp('sendonly'));
      const refusal = await call.browser.nextThat(
        ({ status, about }) => about === 'INVITE' && (status ?? 0) >= 300,
      );
      call.browser.sameBranch('ACK', hold, refusal.require('To'));
      expect((await call.hungUp()).end).toMatchObject({ by: 'carrier', code: 'NORMAL' });
    });

    it('whose offer is under way when the browser hangs up gets a final answer and BYE', async () => {
      call = await CarrierCall.dial('BYE during an offer', ([port]) => [
        called(),
        ...answers({ port }),
        asks('INVITE', { sequence: 1, media: { port, attributes: ['sendonly'], version: 2 } }),
        gets(100, OPTIONAL),
        gets(487, { header: { name: 'Reason', value: 'The call is over' } }),
        asks('ACK', { sequence: 1, branch: 'INVITE1' }),
        ...HUNG_UP_ON,
      ]);
      await call.up();
      await call.browser.next('INVITE');
      expect((await call.hangUp()).end).toMatchObject({ by: 'browser', code: 'NORMAL' });
    });
  },
);
