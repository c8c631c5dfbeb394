import { afterEach, describe, expect, it } from 'vitest';
import { browserOffer } from '../support/gateway-sdp.js';
import { GatewayWorld } from '../support/gateway-world.js';
import { runSipp, whyNoSipp } from '../support/sipp.js';

const CALLS = 10;
const missing = whyNoSipp();
const MID_CALL_SCENARIO = new URL('sipp/mid-call-carrier.xml', import.meta.url).pathname;
const OPTIONS_SCENARIO = new URL('../vectors/sipp/options.xml', import.meta.url).pathname;

let world: GatewayWorld;

afterEach(() => world.close());

/** The gateway with a trunk that leads to sipp. */
async function startWithTrunk(port: number): Promise<void> {
  world = await GatewayWorld.start((config) => ({
    ...config,
    trunks: (config.trunks ?? []).map((trunk) => ({ ...trunk, port })),
  }));
}

describe.skipIf(missing !== undefined)(
  `the gateway and sipp${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    it('as carrier: browsers call it, hear it ring, talk and hang up', async () => {
      const sipp = await runSipp(CALLS, ['-sn', 'uas']);
      await startWithTrunk(sipp.port);
      await Promise.all(
        Array.from({ length: CALLS }, async () => {
          const browser = await world.browser();
          const invite = await browser.invite('600', browserOffer());
          await browser.answerTo(invite, 180);
          const ok = await browser.answerTo(invite, 200);
          expect(ok.body).toMatch(/^m=audio \d+ UDP\/TLS\/RTP\/SAVPF 0/m);
          browser.callerRequest('ACK', ok, { sequence: 2 });
          await world.hangUp({ browser, invite, ok, carrierInvite: invite });
        }),
      );
      await sipp.done;
      const cdrs = await world.settle(CALLS);
      expect(cdrs.map(({ end }) => end.code)).toEqual(Array(CALLS).fill('NORMAL'));
    });

    it('as a carrier that rings reliably, refreshes, asks for an offer and may not transfer', async () => {
      const sipp = await runSipp(1, ['-sf', MID_CALL_SCENARIO]);
      await startWithTrunk(sipp.port);
      const browser = await world.browser();
      const invite = await browser.invite('600', browserOffer());
      await browser.answerTo(invite, 183);
      const ok = await browser.answerTo(invite, 200);
      browser.callerRequest('ACK', ok, { sequence: 2 });
      browser.reply(await browser.next('BYE'), 200);
      await sipp.done;
      const [cdr] = await world.settle(1);
      expect(cdr?.end).toMatchObject({ by: 'carrier', code: 'NORMAL' });
    });

    it('as one that asks OPTIONS: the gateway answers', async () => {
      await startWithTrunk(9);
      const target = `127.0.0.1:${world.sipPort}`;
      const sipp = await runSipp(CALLS, ['-sf', OPTIONS_SCENARIO, target]);
      await sipp.done;
      await world.settle(0);
    });
  },
);
