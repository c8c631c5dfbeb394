import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runSipp, whyNoSipp } from '../support/sipp.js';
import { routed, SDP, SDP_ANSWER, SipServerHarness } from '../support/sip-server-harness.js';
import { answerCall, type SrfClient } from '../support/srf-wire.js';

const CALLS = 20;
const missing = whyNoSipp();
const CALLER = new URL('sipp/caller-with-loss.xml', import.meta.url).pathname;
const CALLEE = new URL('sipp/callee-with-loss.xml', import.meta.url).pathname;
/** sipp otherwise gives a call up when a copy of its INVITE comes that it does not recognise as one. */
const PATIENT = ['-default_behaviors', 'all,-abortunexp'];

let harness: SipServerHarness;
let srf: SrfClient;

beforeEach(async () => {
  harness = await SipServerHarness.start();
  srf = await harness.srf();
});
afterEach(() => harness.close());

/** sipp loses that many of a hundred messages, of those that it sends and of those that come. */
describe.skipIf(missing !== undefined).each([5, 20])(
  `with %i of 100 messages lost${missing === undefined ? '' : ` (${missing})`}`,
  (lost) => {
    it('sipp’s calls are answered, acknowledged and hung up', async () => {
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
      const sipp = await runSipp(CALLS, ['-sf', CALLER, target, '-r', '20', '-lost', String(lost)]);
      await sipp.done;
      expect(destroyed).toBe(CALLS);
      expect(harness.server.counts()).toMatchObject({ dialogs: 0, waiting: 0 });
    });

    it('calls to sipp are set up and hung up', async () => {
      const sipp = await runSipp(CALLS, ['-sf', CALLEE, ...PATIENT, '-lost', String(lost)]);
      const target = `sip:service@127.0.0.1:${sipp.port}`;
      await Promise.all(
        Array.from({ length: CALLS }, async () => {
          const dialog = await srf.createUAC(target, { localSdp: SDP });
          await dialog.destroy();
        }),
      );
      expect(harness.server.counts()).toMatchObject({ dialogs: 0, waiting: 0 });
      await sipp.done;
    });
  },
);
