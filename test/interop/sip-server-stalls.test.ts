import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../gateway/kernel/clock.js';
import { TestAuthority } from '../support/sip/certificates.js';
import { StreamForwarder, type ForwarderOptions } from '../support/sip/stream-forwarder.js';
import { runSipp, untilListening, whyNoSipp } from '../support/sipp.js';
import { routed, SDP, SDP_ANSWER, SipServerHarness } from '../support/sip-server-harness.js';
import { answerCall, type SrfClient, type SrfDialog } from '../support/srf-wire.js';
import { CALLERS } from './sipp/scenarios.js';

/*
 * TCP hides lost packets from SIP: what is left of them are messages that come late and in pieces, one held up by the
 * other. A `tc netem` would do the same, but needs a kernel module and rights that a machine of CI need not have; so
 * what stands between sipp and the server holds segments up, as long as TCP's own retransmission would.
 */
const CALLS = 20;
const missing = whyNoSipp();
const CALLEE = new URL('sipp/callee-with-loss.xml', import.meta.url).pathname;
const PATIENT = ['-default_behaviors', 'all,-abortunexp'];

let authority: TestAuthority;
let harness: SipServerHarness;
let srf: SrfClient;
let forwarder: StreamForwarder | undefined;

beforeAll(() => {
  authority = new TestAuthority();
});
afterAll(() => {
  authority.remove();
});
beforeEach(async () => {
  const certificates = [authority.issue('IP:127.0.0.1')] as const;
  const place = { host: '127.0.0.1', port: 0 };
  harness = await SipServerHarness.start(systemClock, {
    listeners: [
      { protocol: 'tcp', ...place },
      { protocol: 'tls', ...place, tls: { certificates, caFile: authority.caFile } },
    ],
  });
  srf = await harness.srf();
});
afterEach(async () => {
  await forwarder?.close();
  await harness.close();
});

async function forward(options: ForwarderOptions): Promise<StreamForwarder> {
  forwarder = await StreamForwarder.open(options);
  return forwarder;
}

/** The application rings and answers; resolves when all its calls were hung up. */
function allHungUp(): Promise<void> {
  let left = CALLS;
  return new Promise((resolve) => {
    srf.invite((req, res) => {
      res.send(180);
      const onDialog = (dialog: SrfDialog): void => {
        dialog.on('destroy', () => {
          left -= 1;
          if (left === 0) resolve();
        });
      };
      answerCall([req, res], srf, { localSdp: SDP_ANSWER, onDialog });
    });
  });
}

describe.skipIf(missing !== undefined).each([
  ['tcp', 5],
  ['tcp', 20],
  ['tls', 5],
  ['tls', 20],
] as const)(
  `over %s with %i of 100 segments lost${missing === undefined ? '' : ` (${missing})`}`,
  (protocol, lost) => {
    it('sipp’s calls are answered, acknowledged and hung up', async () => {
      const over = allHungUp();
      await routed(srf);
      const contact = harness.server.contacts.find((one) => one.startsWith(protocol));
      const to = { port: Number(contact?.split(':').at(-1)), tls: protocol === 'tls' };
      const { port } = await forward({ to, lost });
      const file = join(authority.folder, 'caller.xml');
      writeFileSync(file, CALLERS.plain);
      const args = ['-sf', file, ...PATIENT, `127.0.0.1:${port}`, '-r', '20', '-t', 't1'];
      await Promise.all([(await runSipp(CALLS, args)).done, over]);
      expect(forwarder?.stalls).toBeGreaterThan(0);
      expect(harness.server.counts()).toMatchObject({ dialogs: 0, waiting: 0 });
    });

    it('calls to sipp are set up and hung up', async () => {
      const sipp = await runSipp(CALLS, ['-sf', CALLEE, ...PATIENT, '-t', 't1']);
      await untilListening(sipp);
      const certificate = protocol === 'tls' ? authority.issue('IP:127.0.0.1') : undefined;
      const { port } = await forward({ to: { port: sipp.port, tls: false }, lost, certificate });
      const target = `sip:service@127.0.0.1:${port};transport=${protocol}`;
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
