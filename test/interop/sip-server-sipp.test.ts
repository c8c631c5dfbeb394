import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSipp, whyNoSipp } from '../support/sipp.js';
import { routed, SDP, SDP_ANSWER, SipServerHarness } from '../support/sip-server-harness.js';
import { answerCall, type SrfClient } from '../support/srf-wire.js';

const CALLS = 20;
const missing = whyNoSipp();
const OPTIONS_SCENARIO = new URL('../vectors/sipp/options.xml', import.meta.url).pathname;

let harness: SipServerHarness;
let srf: SrfClient;

beforeEach(async () => {
  harness = await SipServerHarness.start();
  srf = await harness.srf();
});
afterEach(() => harness.close());

describe.skipIf(missing !== undefined)(
  `sipp${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    it('as caller: every call is answered, acknowledged and hung up', async () => {
      let destroyed = 0;
      srf.invite((req, res) => {
        res.send(180);
        answerCall([req, res], srf, {
          localSdp: SDP_ANSWER,
          onDialog: (dialog) => dialog.on('destroy', () => destroyed++),
        });
      });
      await routed(srf);
      const target = (harness.server.contacts[0] ?? '').slice(4);
      const sipp = await runSipp(CALLS, ['-sn', 'uac', target, '-d', '50', '-r', '40']);
      await sipp.done;
      expect(destroyed).toBe(CALLS);
      expect(harness.server.counts()).toMatchObject({ dialogs: 0, waiting: 0 });
    });

    it('as callee: every call is set up and hung up by the application', async () => {
      // Else it gives a call up when a second ACK comes, for a 200 that it said again because the machine was busy.
      const sipp = await runSipp(CALLS, ['-sn', 'uas', '-default_behaviors', 'all,-abortunexp']);
      const target = `sip:service@127.0.0.1:${sipp.port}`;
      await Promise.all(
        Array.from({ length: CALLS }, async () => {
          const dialog = await srf.createUAC(target, { localSdp: SDP });
          expect(dialog.remote.sdp).toContain('m=audio');
          await dialog.destroy();
        }),
      );
      await sipp.done;
      expect(harness.server.counts()).toMatchObject({ dialogs: 0, waiting: 0 });
    });

    it('as one that asks OPTIONS: the application answers', async () => {
      const answered = new Promise<void>((resolve) => {
        srf.options((_req, res) => {
          res.send(200);
          resolve();
        });
      });
      await routed(srf);
      const target = (harness.server.contacts[0] ?? '').slice(4);
      const sipp = await runSipp(1, ['-sf', OPTIONS_SCENARIO, target]);
      await Promise.all([answered, sipp.done]);
    });
  },
);
