import { expect } from 'vitest';
import type { CopperlineError } from '../../gateway/kernel/errors.js';
import {
  ALL_CODECS,
  answerFormats,
  audio,
  closeOpened,
  openBrowser,
  openCarrier,
  openSession,
  placeCall,
  policy,
  RTP_FORMATS,
  SessionEvents,
  type Call,
} from '../support/media-rig.js';
import { rtpPacket } from '../support/media-rtp-peer.js';
import type { CreateEngine, EngineUnderTest, Suite } from './engine-under-test.js';
import { rejectedBy } from './hostile-packets.js';
import { ReportingTalker, expectNextCall } from './reporting-talker.js';
import { carry } from './speaker.js';

const RUN = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
/** A leg that was never heard gets four times as long. */
const TIMEOUT_MS = 500;
const OF_THE_CALLEE = /^No media came from the callee for 2 s/;

/** Another engine, in which silence ends a call soon. */
async function withShortTimeout(
  create: CreateEngine,
  run: (under: EngineUnderTest) => Promise<void>,
): Promise<void> {
  const impatient = await create({ timeoutMs: TIMEOUT_MS });
  try {
    await run(impatient);
  } finally {
    await closeOpened();
    await impatient.engine.close();
  }
}

/** The end of a call whose callee was never heard; the caller may stall too where a machine does. */
async function endOf(events: SessionEvents): Promise<CopperlineError> {
  const [failure] = await events.failures.waitFor(1, ({ message }) => OF_THE_CALLEE.test(message));
  expect(failure?.code).toBe('CL_MEDIA_TIMEOUT');
  return failure!;
}

/** A carrier calls a browser, which answers, connects and says nothing. */
async function silentBrowser({ engine }: EngineUnderTest): Promise<CopperlineError> {
  const events = new SessionEvents();
  const session = await openSession(engine, events);
  const [browser, carrier] = [openBrowser(), await openCarrier()];
  const policies = { from: policy('rtp', ['pcmu']), to: policy('webrtc', ALL_CODECS) };
  const offered = await session.offerTo('callee', carrier.sdp(RTP_FORMATS.pcmu), policies);
  carrier.follow(
    await session.answerTo('caller', await browser.answer(offered, answerFormats(offered, 'pcmu'))),
  );
  await browser.opened();
  const talker = new ReportingTalker(carrier, { ssrc: 0x7070 });
  const end = await endOf(events).finally(() => {
    talker.stop();
  });
  expect((await session.statistics()).callee.packetsReceived).toBe(0);
  return end;
}

/** A carrier sends its RTP where its RTCP belongs. */
async function misledCarrier(
  { engine }: EngineUnderTest,
  check: (call: Call) => Promise<void>,
): Promise<CopperlineError> {
  const call = await placeCall(engine);
  const talker = new ReportingTalker(call.browser, { ssrc: 0x6060 });
  try {
    for (const packet of audio(5, RUN)) call.carrier.sendRtcp(rtpPacket(packet));
    await check(call);
    return await endOf(call.events);
  } finally {
    talker.stop();
  }
}

/** Two calls that talk, after which the carrier of the one has sent to the port of the other, and both went on. */
async function astray(
  under: EngineUnderTest,
  check: (other: Call) => Promise<void>,
): Promise<void> {
  const [one, other] = [await placeCall(under.engine), await placeCall(under.engine)];
  const talk = async ({ carrier, browser }: Call, sequence: number): Promise<void> => {
    const packets = audio(3, { ...RUN, sequence, timestamp: 160 * sequence });
    await carry(under, packets, { from: carrier, to: browser });
  };
  for (const call of [one, other]) await talk(call, 1);
  const own = one.carrier.remotePort;
  one.carrier.remotePort = other.carrier.remotePort;
  for (const packet of audio(4, { ...RUN, sequence: 4, timestamp: 640, ssrc: 99 }))
    one.carrier.send({ ...packet, payload: Buffer.alloc(160, 0xee) });
  one.carrier.remotePort = own;
  await check(other);
  for (const call of [one, other]) await talk(call, 8);
  if (under.decodes === true) return;
  expect(other.browser.rtp.items.some(({ payload }) => payload[0] === 0xee)).toBe(false);
  expect(other.browser.rtp.items).toHaveLength(6);
}

const nothing = (): Promise<void> => Promise.resolve();

export function silenceCases({ test, lesser, shared, create }: Suite): void {
  lesser(
    'ends the call of a browser that never sends',
    'ends the call of a browser that never sends, and says what to look at',
    () =>
      withShortTimeout(create, async (impatient) => {
        await silentBrowser(impatient);
      }),
  );

  test('ends the call of a browser that never sends, and says what to look at', () =>
    withShortTimeout(create, async (impatient) => {
      const { sentence } = await silentBrowser(impatient);
      expect(sentence).toMatch(
        /No packets from the browser since the answer: check media\.(relay|wrtc)\.browser/,
      );
    }));

  lesser(
    'ends the call of a carrier that sends to the wrong port',
    'counts and names the packets of a carrier that sends to the wrong port, and says what to look at',
    () =>
      withShortTimeout(create, async (impatient) => {
        await misledCarrier(impatient, nothing);
      }),
  );

  test('counts and names the packets of a carrier that sends to the wrong port, and says what to look at', () =>
    withShortTimeout(create, async (impatient) => {
      const { sentence } = await misledCarrier(impatient, async (call) => {
        await expect.poll(() => rejectedBy(call, 'callee')).toBe(5);
        const told = await call.events.rejections.waitFor(1);
        expect(told).toMatchObject([{ leg: 'callee', cause: 'unreadable' }]);
      });
      expect(sentence).toMatch(/No packets from the carrier since the answer: check media\.relay/);
    }));

  lesser(
    "survives a carrier that sends to another call's port",
    "counts and names what a carrier sends to another call's port",
    async () => {
      const [one, other] = [await placeCall(shared().engine), await placeCall(shared().engine)];
      const own = one.carrier.remotePort;
      one.carrier.remotePort = other.carrier.remotePort;
      for (const packet of audio(4, RUN)) one.carrier.send(packet);
      one.carrier.remotePort = own;
      await expectNextCall(shared());
    },
  );

  test("counts and names what a carrier sends to another call's port", async () => {
    await astray(shared(), async (other) => {
      await expect.poll(() => rejectedBy(other, 'callee')).toBe(4);
      const told = await other.events.rejections.waitFor(1);
      expect(told).toMatchObject([{ leg: 'callee', cause: 'stranger' }]);
    });
  });
}
