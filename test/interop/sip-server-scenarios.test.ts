import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SkippingClock } from '../support/gateway-clock.js';
import { TestAuthority } from '../support/sip/certificates.js';
import { StreamForwarder } from '../support/sip/stream-forwarder.js';
import { runSipp, untilListening, whyNoSipp, type SippRun } from '../support/sipp.js';
import { routed, SDP, SDP_ANSWER, SipServerHarness } from '../support/sip-server-harness.js';
import { answerCall, type SrfClient, type SrfDialog } from '../support/srf-wire.js';
import { CALLEES, CALLERS } from './sipp/scenarios.js';

const CALLS = 3;
const HALF_SESSION_MS = 45_000;
const SESSION_MS = 90_000;
const missing = whyNoSipp();

let authority: TestAuthority;
let clock: SkippingClock;
let harness: SipServerHarness;
let srf: SrfClient;
const forwarders: StreamForwarder[] = [];

beforeAll(() => {
  authority = new TestAuthority();
});
afterAll(() => {
  authority.remove();
});

beforeEach(async () => {
  clock = new SkippingClock();
  const place = { host: '127.0.0.1', port: 0 };
  const certificates = [authority.issue('IP:127.0.0.1')] as const;
  harness = await SipServerHarness.start(clock, {
    listeners: [
      { protocol: 'udp', ...place },
      { protocol: 'tcp', ...place },
      { protocol: 'tls', ...place, tls: { certificates, caFile: authority.caFile } },
    ],
  });
  srf = await harness.srf();
});
afterEach(async () => {
  for (const forwarder of forwarders.splice(0)) await forwarder.close();
  await harness.close();
});

type Protocol = 'udp' | 'tcp' | 'tls';

function portOf(protocol: Protocol): number {
  const contact = harness.server.contacts.find((one) => one.startsWith(`${protocol}/`));
  return Number(contact?.split(':').at(-1));
}

/** sipp speaks no TLS in the builds that distributions have: what stands between does. */
async function forward(options: Parameters<typeof StreamForwarder.open>[0]): Promise<number> {
  const forwarder = await StreamForwarder.open(options);
  forwarders.push(forwarder);
  return forwarder.port;
}

function run(name: string, xml: string, args: readonly string[]): Promise<SippRun> {
  const file = join(authority.folder, `${name}.xml`);
  writeFileSync(file, xml);
  // A copy that comes while sipp is about to speak is no reason to end the call.
  return runSipp(CALLS, ['-sf', file, '-default_behaviors', 'all,-abortunexp', ...args]);
}

const transportArgs = (protocol: Protocol): string[] => (protocol === 'udp' ? [] : ['-t', 't1']);

async function sippCalls(protocol: Protocol, name: keyof typeof CALLERS): Promise<SippRun> {
  const own = portOf(protocol);
  const port = protocol === 'tls' ? await forward({ to: { port: own, tls: true } }) : own;
  return run(name, CALLERS[name], [`127.0.0.1:${port}`, ...transportArgs(protocol)]);
}

/** Returns the URI that the application calls. */
async function sippIsCalled(
  protocol: Protocol,
  name: keyof typeof CALLEES,
): Promise<{ sipp: SippRun; uri: string }> {
  const sipp = await run(name, CALLEES[name], transportArgs(protocol));
  if (protocol !== 'udp') await untilListening(sipp);
  const certificate = authority.issue('IP:127.0.0.1');
  const port =
    protocol === 'tls'
      ? await forward({ to: { port: sipp.port, tls: false }, certificate })
      : sipp.port;
  return { sipp, uri: `sip:service@127.0.0.1:${port};transport=${protocol}` };
}

/** An application that rings and answers; counts its calls, those that were hung up, and whose session was refreshed. */
function answering(): { begun: number; refreshed: Promise<void>; over: Promise<void> } {
  let allRefreshed: () => void = () => undefined;
  const refreshed = new Promise<void>((resolve) => {
    allRefreshed = resolve;
  });
  let allOver: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    allOver = resolve;
  });
  const state = { begun: 0, ended: 0, refreshed, over };
  let acks = 0;
  srf.invite((req, res) => {
    state.begun += 1;
    res.send(180);
    const onDialog = (dialog: SrfDialog): void => {
      dialog.on('destroy', () => {
        state.ended += 1;
        if (state.ended === CALLS) allOver();
      });
      dialog.on('ack', () => {
        acks += 1;
        if (acks === 2 * CALLS) allRefreshed();
      });
    };
    answerCall([req, res], srf, { localSdp: SDP_ANSWER, onDialog });
  });
  return state;
}

/** The application calls; resolves when all are answered, with a promise of their ends. */
async function call(uri: string, headers = {}): Promise<{ ended: Promise<unknown> }> {
  const ends: Promise<unknown>[] = [];
  await Promise.all(
    Array.from({ length: CALLS }, async () => {
      const dialog = await srf.createUAC(uri, { localSdp: SDP, headers });
      // At once: the first may be hung up before the last is answered.
      ends.push(once(dialog, 'destroy'));
    }),
  );
  return { ended: Promise.all(ends) };
}

/** Over UDP sipp recognises copies of a 200, counts them and says no more of them; on a stream each is a message. */
function scenarioFor(protocol: Protocol, name: keyof typeof CALLERS): keyof typeof CALLERS {
  return name === 'lostAck' && protocol !== 'udp' ? 'lostAckOnStream' : name;
}

function retransmissionsOf200(statistics: string): number {
  return Number(/200 <-+ +\d+ +(\d+)/.exec(statistics)?.[1]);
}

const IDLE = { dialogs: 0, waiting: 0 };

describe.skipIf(missing !== undefined).each<Protocol>(['udp', 'tcp', 'tls'])(
  `sipp over %s${missing === undefined ? '' : ` (${missing})`}`,
  (protocol) => {
    it.each(['lostAck', 'retransmittedInvite', 'lateCancel'] as const)(
      'as a caller: %s',
      async (name) => {
        const state = answering();
        await routed(srf);
        const sipp = await sippCalls(protocol, scenarioFor(protocol, name));
        const [statistics] = await Promise.all([sipp.done, state.over]);
        expect(state.begun).toBe(CALLS);
        expect(harness.server.counts()).toMatchObject(IDLE);
        if (name === 'lostAck' && protocol === 'udp')
          expect(retransmissionsOf200(statistics)).toBeGreaterThanOrEqual(2 * CALLS);
      },
    );

    it.each(['lost200', 'forking'] as const)('as a callee: %s', async (name) => {
      const { sipp, uri } = await sippIsCalled(protocol, name);
      await (
        await call(uri)
      ).ended;
      await sipp.done;
      expect(harness.server.counts()).toMatchObject(IDLE);
    });

    it('as a caller that refreshes its session once, and then no more', async () => {
      const state = answering();
      await routed(srf);
      const sipp = await sippCalls(protocol, 'sessionTimer');
      await state.refreshed;
      await clock.skip(SESSION_MS);
      await Promise.all([sipp.done, state.over]);
      expect(state.begun).toBe(CALLS);
    });

    it('as a callee whose session the server refreshes', async () => {
      const { sipp, uri } = await sippIsCalled(protocol, 'sessionTimer');
      const { ended } = await call(uri, { Supported: 'timer', 'Session-Expires': '90' });
      // The server has the ACKs.
      await routed(srf);
      await clock.skip(HALF_SESSION_MS);
      await ended;
      await sipp.done;
    });
  },
);
