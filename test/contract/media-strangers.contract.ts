import { expect } from 'vitest';
import { rtpPacket, type RtpToSend } from '../support/media-rtp-peer.js';
import { audio, lines, openCarrier, placeCall, type Call } from '../support/media-rig.js';
import type { EngineUnderTest, Suite } from './engine-under-test.js';
import { bindingRequest, GARBAGE, rejectedBy, sendFrom, stranger } from './hostile-packets.js';
import { expectNextCall } from './reporting-talker.js';
import { carry, sentBy, speakAs } from './speaker.js';

const RUN = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
const NEXT = { ...RUN, sequence: 4, timestamp: 480 };
const BACK = { ...RUN, ssrc: 8 };
/** What no end of a call says. */
const SHOUT = 0xee;
const SHOUTED = rtpPacket({ ...RUN, ssrc: 666, sequence: 900, payload: Buffer.alloc(160, SHOUT) });

function expectNoShout({ decodes }: EngineUnderTest, { browser }: Call): void {
  if (decodes !== true)
    expect(browser.rtp.items.some(({ payload }) => payload[0] === SHOUT)).toBe(false);
}

function portOf(call: Call): number {
  return Number(lines(call.browserAnswer, 'm=audio')[0]?.split(' ')[1]);
}

/** A carrier that is known, and a stranger who sends to the ports that it sends to. */
async function intrude(engine: EngineUnderTest): Promise<{ call: Call; from: string }> {
  const call = await placeCall(engine.engine);
  await carry(engine, audio(3, RUN), { from: call.carrier, to: call.browser });
  const intruder = await stranger();
  const port = call.carrier.remotePort;
  const sent = [port, port + 1].flatMap((each) =>
    Array.from({ length: 5 }, () => sendFrom(intruder, SHOUTED, each)),
  );
  await Promise.all(sent);
  const from = `127.0.0.2:${intruder.address().port}`;
  intruder.close();
  return { call, from };
}

async function goesOn(engine: EngineUnderTest, call: Call): Promise<void> {
  await carry(engine, audio(3, NEXT), { from: call.carrier, to: call.browser });
  expectNoShout(engine, call);
  // And what we send still goes to the carrier.
  await carry(engine, audio(2, BACK), { from: call.browser, to: call.carrier });
}

/** Ten thousand packets of a stranger in bursts that a socket's buffer holds; each ends with a packet of the call. */
async function flood(engine: EngineUnderTest): Promise<Call> {
  const call = await placeCall(engine.engine);
  const { carrier, browser } = call;
  await carry(engine, audio(3, RUN), { from: carrier, to: browser });
  const intruder = await stranger();
  const begun = sentBy(carrier) + 1;
  for (let burst = 0; burst < 100; burst += 1) {
    for (let index = 0; index < 100; index += 1)
      intruder.send(SHOUTED, carrier.remotePort, '127.0.0.1');
    const own = { ...RUN, sequence: Math.max(4, begun) + burst, timestamp: 480 + burst * 160 };
    if (engine.decodes === true) {
      for (const next of audio(1, own)) carrier.send(next);
      await expect
        .poll(async () => (await call.session.statistics()).callee.packetsReceived, { interval: 2 })
        .toBeGreaterThan(burst + sentBy(carrier));
    } else await carry(engine, audio(1, own), { from: carrier, to: browser });
  }
  intruder.close();
  expectNoShout(engine, call);
  return call;
}

export function strangerCases({ test, lesser, shared }: Suite): void {
  lesser(
    "survives a stranger's packets",
    "counts a stranger's packets once the carrier is known, and names them once",
    async () => {
      await intrude(shared());
      await expectNextCall(shared());
    },
  );

  test("counts a stranger's packets once the carrier is known, and names them once", async () => {
    const { call, from } = await intrude(shared());
    await expect.poll(() => rejectedBy(call, 'callee')).toBe(10);
    const own = `127.0.0.1:${call.carrier.port}`;
    const sentence = `Packets come from ${from}, but the media of this side comes from ${own}.`;
    const told = await call.events.rejections.waitFor(1);
    expect(told).toEqual([{ leg: 'callee', cause: 'stranger', sentence }]);
    await goesOn(shared(), call);
    if (shared().decodes !== true) expect(call.browser.rtp.items).toHaveLength(6);
  });

  test('lets the address of the SDP take over from a stranger who came first', async () => {
    const call = await placeCall(shared().engine);
    const intruder = await stranger();
    intruder.send(SHOUTED, call.carrier.remotePort, '127.0.0.1');
    await call.browser.rtp.waitFor(1);
    await carry(shared(), audio(3, RUN), { from: call.carrier, to: call.browser });
    intruder.send(SHOUTED, call.carrier.remotePort, '127.0.0.1');
    await carry(shared(), audio(2, BACK), { from: call.browser, to: call.carrier });
    intruder.close();
  });

  test('follows a carrier that fell silent and goes on from another port, and no stranger', async () => {
    const call = await placeCall(shared().engine);
    await carry(shared(), audio(3, RUN), { from: call.carrier, to: call.browser });
    const [moved, intruder] = [await openCarrier(), await stranger()];
    moved.remotePort = call.carrier.remotePort;
    const heard = call.browser.rtp;
    let { sequence, timestamp } = NEXT;
    const follower = {
      rtp: moved.rtp,
      send: (next: RtpToSend): void => {
        intruder.send(SHOUTED, moved.remotePort, '127.0.0.1');
        moved.send(next);
      },
    };
    speakAs(follower, call.carrier);
    const received = async (): Promise<number> =>
      (await call.session.statistics()).callee.packetsReceived;
    const before = await received();
    if (shared().decodes === true)
      while ((await received()) <= before)
        await carry(shared(), audio(1, RUN), { from: follower, to: call.browser });
    else await expect.poll(following, { timeout: 10_000 }).toBeGreaterThan(5);
    function following(): number {
      for (const next of audio(1, { ...RUN, sequence, timestamp })) follower.send(next);
      sequence += 1;
      timestamp += 160;
      return heard.items.length;
    }
    expectNoShout(shared(), call);
    await carry(shared(), audio(2, BACK), { from: call.browser, to: moved });
    intruder.close();
  });

  test('survives connectivity checks that are cut off, belong to no call or lie about their length', async () => {
    const call = await placeCall(shared().engine);
    const intruder = await stranger();
    const ufrag = lines(call.browserAnswer, 'a=ice-ufrag:')[0]?.slice('a=ice-ufrag:'.length) ?? '';
    for (const name of ['nobody:else', `${ufrag}:guess`]) {
      const whole = bindingRequest(name);
      for (let length = 0; length <= whole.length; length += 1)
        intruder.send(whole.subarray(0, length), portOf(call), '127.0.0.1');
      for (const [offset, value] of [
        [2, 0],
        [2, 0xffff],
        [22, 0xffff],
        [22, 0],
      ] as const) {
        const lying = Buffer.from(whole);
        lying.writeUInt16BE(value, offset);
        intruder.send(lying, portOf(call), '127.0.0.1');
      }
    }
    await carry(shared(), audio(3, RUN), { from: call.carrier, to: call.browser });
    await carry(shared(), audio(3, BACK), { from: call.browser, to: call.carrier });
    intruder.close();
  });

  test('counts connectivity checks that belong to no call', async () => {
    const { engine, strangers } = shared();
    const call = await placeCall(engine);
    const before = await strangers();
    const intruder = await stranger();
    for (let index = 0; index < 3; index += 1)
      intruder.send(bindingRequest(`nobody${index}:else`), portOf(call), '127.0.0.1');
    await expect.poll(strangers).toBe(before + 3);
    await carry(shared(), audio(3, RUN), { from: call.carrier, to: call.browser });
    intruder.close();
  });

  test("lets no stranger into a browser's stream", async () => {
    const call = await placeCall(shared().engine);
    const ufrag = lines(call.browserAnswer, 'a=ice-ufrag:')[0]?.slice('a=ice-ufrag:'.length);
    const intruder = await stranger();
    intruder.send(bindingRequest(`${ufrag ?? ''}:guess`), portOf(call), '127.0.0.1');
    for (const junk of [SHOUTED, ...GARBAGE.slice(1)])
      intruder.send(junk, portOf(call), '127.0.0.1');
    await carry(shared(), audio(5, RUN), { from: call.browser, to: call.carrier });
    expect(call.carrier.rtp.items.some((heard) => heard.payload[0] === SHOUT)).toBe(false);
    const sent = shared().decodes === true ? sentBy(call.browser) : 5;
    await expect
      .poll(async () => (await call.session.statistics()).caller.packetsReceived)
      .toBe(sent);
    intruder.close();
  });

  lesser(
    'survives ten thousand packets of a stranger',
    'counts ten thousand packets of a stranger, and names them once',
    async () => {
      const call = await placeCall(shared().engine);
      const intruder = await stranger();
      for (let burst = 0; burst < 100; burst += 1) {
        for (let index = 0; index < 100; index += 1)
          intruder.send(SHOUTED, call.carrier.remotePort, '127.0.0.1');
        await call.session.statistics();
      }
      intruder.close();
      await expectNextCall(shared());
    },
  );

  test('counts ten thousand packets of a stranger, and names them once', async () => {
    const call = await flood(shared());
    await expect.poll(() => rejectedBy(call, 'callee')).toBeGreaterThan(5000);
    expect(await call.events.rejections.waitFor(1)).toHaveLength(1);
    if (shared().decodes !== true) expect(call.browser.rtp.items).toHaveLength(103);
  });
}
