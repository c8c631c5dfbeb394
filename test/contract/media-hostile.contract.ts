import { createHmac } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { expect } from 'vitest';
import { rtpPacket, type RtpToSend } from '../support/media-rtp-peer.js';
import { audio, lines, openCarrier, placeCall, type Call } from '../support/media-rig.js';
import type { Suite } from './engine-under-test.js';
import { carry, sentBy, speakAs } from './speaker.js';

async function stranger(): Promise<Socket> {
  const socket = createSocket('udp4');
  // Another address than the peer's, so that it is a stranger and not the peer's NAT.
  socket.bind(0, '127.0.0.2');
  await once(socket, 'listening');
  return socket;
}

/** RFC 8489: a binding request for a user, with an integrity made from a guessed password. */
function bindingRequest(username: string): Buffer {
  const value = Buffer.from(username);
  const padded = Math.ceil(value.length / 4) * 4;
  const request = Buffer.alloc(48 + padded);
  request.writeUInt16BE(0x0001, 0);
  request.writeUInt16BE(28 + padded, 2);
  request.writeUInt32BE(0x2112a442, 4);
  request.fill(0x5a, 8, 20);
  request.writeUInt16BE(0x0006, 20);
  request.writeUInt16BE(value.length, 22);
  value.copy(request, 24);
  request.writeUInt32BE(0x00080014, 24 + padded);
  const signed = request.subarray(0, 24 + padded);
  createHmac('sha1', 'a guess')
    .update(signed)
    .digest()
    .copy(request, 28 + padded);
  return request;
}

async function rejectedBy(call: Call, leg: 'caller' | 'callee'): Promise<number> {
  return (await call.session.statistics())[leg].packetsRejected;
}

const GARBAGE: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.of(0x80),
  Buffer.from('hello, is anybody there?'),
  Buffer.alloc(1500, 0xff),
  // Version 1; a truncated header; CSRCs, an extension and padding beyond the end.
  Buffer.from('400000010000000000000001aabb', 'hex'),
  Buffer.from('80000001000000', 'hex'),
  Buffer.from('8f0000010000000000000001', 'hex'),
  Buffer.from('900000010000000000000001bede00ff', 'hex'),
  Buffer.from('a00000010000000000000001000000ff', 'hex'),
];

const BAD_RTCP: readonly Buffer[] = [
  Buffer.from('80', 'hex'),
  Buffer.from('81c900ff00000005', 'hex'),
  Buffer.from('9fc8000600000005000000000000000000000000000000000000000000000000', 'hex'),
  Buffer.from('41c9000100000005', 'hex'),
  Buffer.alloc(300, 0xff),
];

/** Feedback that browsers send: PLI, NACK, REMB-like APP, BYE. All well formed, none for us to act on. */
const FOREIGN_RTCP: readonly Buffer[] = [
  Buffer.from('81ce00020000000100000002', 'hex'),
  Buffer.from('81cd0003000000010000000200010000', 'hex'),
  Buffer.from('8fce000400000001000000000000000052454d42', 'hex'),
  Buffer.from('81cb000100000001', 'hex'),
];

export function hostileCases({ test, shared }: Suite): void {
  test("drops and counts a stranger's RTP once the carrier is known", async () => {
    const call = await placeCall(shared().engine);
    const run = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
    await carry(shared(), audio(3, run), { from: call.carrier, to: call.browser });
    const intruder = await stranger();
    const [port, payload] = [call.carrier.remotePort, Buffer.alloc(160, 0xee)];
    for (let index = 0; index < 5; index += 1) {
      const packet = rtpPacket({ ...run, ssrc: 666, sequence: 900 + index, payload });
      intruder.send(packet, port, '127.0.0.1');
      intruder.send(packet, port + 1, '127.0.0.1');
    }
    await expect.poll(() => rejectedBy(call, 'callee')).toBe(10);
    const from = `127.0.0.2:${intruder.address().port}`;
    const own = `127.0.0.1:${call.carrier.port}`;
    expect(call.events.rejections.items).toEqual([
      {
        leg: 'callee',
        cause: 'stranger',
        sentence: `Packets come from ${from}, but the media of this side comes from ${own}.`,
      },
    ]);
    await carry(shared(), audio(3, { ...run, sequence: 4, timestamp: 480 }), {
      from: call.carrier,
      to: call.browser,
    });
    if (shared().decodes !== true) expect(call.browser.rtp.items).toHaveLength(6);
    expect(call.browser.rtp.items.some((packet) => packet.payload[0] === 0xee)).toBe(false);
    // And what we send still goes to the carrier.
    await carry(shared(), audio(2, { ...run, ssrc: 8 }), { from: call.browser, to: call.carrier });
    intruder.close();
  });

  test('lets the address of the SDP take over from a stranger who came first', async () => {
    const call = await placeCall(shared().engine);
    const run = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
    const intruder = await stranger();
    const early = rtpPacket({ ...run, ssrc: 666, payload: Buffer.alloc(160, 0xee) });
    intruder.send(early, call.carrier.remotePort, '127.0.0.1');
    await call.browser.rtp.waitFor(1);
    await carry(shared(), audio(3, run), { from: call.carrier, to: call.browser });
    intruder.send(early, call.carrier.remotePort, '127.0.0.1');
    await expect.poll(() => rejectedBy(call, 'callee')).toBe(1);
    await carry(shared(), audio(2, { ...run, ssrc: 8 }), { from: call.browser, to: call.carrier });
    intruder.close();
  });

  test('follows a carrier that fell silent and goes on from another port, and no stranger', async () => {
    const call = await placeCall(shared().engine);
    const run = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
    await carry(shared(), audio(3, run), { from: call.carrier, to: call.browser });
    const [moved, intruder] = [await openCarrier(), await stranger()];
    moved.remotePort = call.carrier.remotePort;
    const payload = Buffer.alloc(160, 0xee);
    const heard = call.browser.rtp;
    let [sequence, timestamp] = [4, 480];
    const follower = {
      rtp: moved.rtp,
      send: (next: RtpToSend): void => {
        const packet = rtpPacket({ ...next, ssrc: 666, payload });
        intruder.send(packet, moved.remotePort, '127.0.0.1');
        moved.send(next);
      },
    };
    speakAs(follower, call.carrier);
    const received = async (): Promise<number> =>
      (await call.session.statistics()).callee.packetsReceived;
    const before = await received();
    if (shared().decodes === true)
      while ((await received()) <= before)
        await carry(shared(), audio(1, run), { from: follower, to: call.browser });
    else await expect.poll(following, { timeout: 10_000 }).toBeGreaterThan(5);
    function following(): number {
      for (const next of audio(1, { ...run, sequence, timestamp })) follower.send(next);
      sequence += 1;
      timestamp += 160;
      return heard.items.length;
    }
    if (shared().decodes !== true)
      expect(heard.items.some((packet) => packet.payload[0] === 0xee)).toBe(false);
    await carry(shared(), audio(2, { ...run, ssrc: 8 }), { from: call.browser, to: moved });
    intruder.close();
  });

  test('counts connectivity checks that belong to no call', async () => {
    const { engine, strangers } = shared();
    const call = await placeCall(engine);
    const before = await strangers();
    const port = Number(lines(call.browserAnswer, 'm=audio')[0]?.split(' ')[1]);
    const intruder = await stranger();
    for (let index = 0; index < 3; index += 1) {
      intruder.send(bindingRequest(`nobody${index}:else`), port, '127.0.0.1');
    }
    await expect.poll(strangers).toBe(before + 3);
    const run = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
    await carry(shared(), audio(3, run), { from: call.carrier, to: call.browser });
    intruder.close();
  });

  test("lets no stranger into a browser's stream", async () => {
    const call = await placeCall(shared().engine);
    const port = Number(lines(call.browserAnswer, 'm=audio')[0]?.split(' ')[1]);
    const ufrag = lines(call.browserAnswer, 'a=ice-ufrag:')[0]?.slice('a=ice-ufrag:'.length);
    const intruder = await stranger();
    const packet = rtpPacket({
      payloadType: 0,
      sequence: 1,
      timestamp: 0,
      ssrc: 666,
      payload: Buffer.alloc(160, 0xee),
    });
    intruder.send(bindingRequest(`${ufrag ?? ''}:guess`), port, '127.0.0.1');
    for (const junk of [packet, ...GARBAGE.slice(1)]) intruder.send(junk, port, '127.0.0.1');
    const run = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
    await carry(shared(), audio(5, run), { from: call.browser, to: call.carrier });
    expect(call.carrier.rtp.items.some((heard) => heard.payload[0] === 0xee)).toBe(false);
    const sent = shared().decodes === true ? sentBy(call.browser) : 5;
    await expect
      .poll(async () => (await call.session.statistics()).caller.packetsReceived)
      .toBe(sent);
    intruder.close();
  });

  test('survives garbage and truncated RTP from the carrier itself', async () => {
    const call = await placeCall(shared().engine);
    const run = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
    await carry(shared(), audio(3, run), { from: call.carrier, to: call.browser });
    for (const junk of GARBAGE) call.carrier.sendRaw(junk);
    await expect.poll(() => rejectedBy(call, 'callee')).toBe(GARBAGE.length);
    await expect
      .poll(() => call.events.rejections.items)
      .toMatchObject([{ leg: 'callee', cause: 'unreadable' }]);
    await carry(shared(), audio(3, { ...run, sequence: 4, timestamp: 480 }), {
      from: call.carrier,
      to: call.browser,
    });
    if (shared().decodes !== true) expect(call.browser.rtp.items).toHaveLength(6);
  });

  test('survives broken RTCP and steps over what it does not use', async () => {
    const call = await placeCall(shared().engine);
    const run = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
    await carry(shared(), audio(3, run), { from: call.carrier, to: call.browser });
    for (const packet of [...BAD_RTCP, ...FOREIGN_RTCP]) call.carrier.sendRtcp(packet);
    for (const packet of FOREIGN_RTCP) call.browser.sendRtcp(packet);
    await expect.poll(() => rejectedBy(call, 'callee')).toBe(BAD_RTCP.length);
    await carry(shared(), audio(3, { ...run, ssrc: 6 }), { from: call.browser, to: call.carrier });
    expect(await rejectedBy(call, 'caller')).toBe(0);
    expect(call.browser.rtcp.items.some((packet) => packet.readUInt8(1) === 203)).toBe(false);
  });

  test('survives ten thousand packets of a stranger, and counts them', async () => {
    const call = await placeCall(shared().engine);
    const run = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
    await carry(shared(), audio(3, run), { from: call.carrier, to: call.browser });
    const intruder = await stranger();
    const packet = rtpPacket({ ...run, ssrc: 666, payload: Buffer.alloc(160, 0xee) });
    // In bursts that the socket's buffer holds; each ends with a packet of the call.
    const begun = sentBy(call.carrier) + 1;
    for (let burst = 0; burst < 100; burst += 1) {
      for (let index = 0; index < 100; index += 1) {
        intruder.send(packet, call.carrier.remotePort, '127.0.0.1');
      }
      const own = { ...run, sequence: Math.max(4, begun) + burst, timestamp: 480 + burst * 160 };
      if (shared().decodes === true) {
        for (const next of audio(1, own)) call.carrier.send(next);
        await expect
          .poll(async () => (await call.session.statistics()).callee.packetsReceived, {
            interval: 2,
          })
          .toBeGreaterThan(burst + sentBy(call.carrier));
      } else await carry(shared(), audio(1, own), { from: call.carrier, to: call.browser });
    }
    await expect.poll(() => rejectedBy(call, 'callee')).toBeGreaterThan(5000);
    expect(call.events.rejections.items).toHaveLength(1);
    if (shared().decodes !== true) expect(call.browser.rtp.items).toHaveLength(103);
    expect(call.browser.rtp.items.some(({ payload }) => payload[0] === 0xee)).toBe(false);
    intruder.close();
  });

  test('counts payload types that were never agreed, and RTP on the port of RTCP', async () => {
    const call = await placeCall(shared().engine);
    const run = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };
    await carry(shared(), audio(3, run), { from: call.carrier, to: call.browser });
    for (const payloadType of [18, 96, 127]) {
      for (const packet of audio(2, { ...run, payloadType, sequence: 4 }))
        call.carrier.send(packet);
    }
    const [misled] = audio(1, { ...run, sequence: 10 });
    call.carrier.sendRtcp(rtpPacket(misled!));
    await expect.poll(() => rejectedBy(call, 'callee')).toBe(7);
    const which = 'A packet has payload type 18, which was not agreed (0, 101 were).';
    expect(call.events.rejections.items).toMatchObject([
      { leg: 'callee', cause: 'payload-type', sentence: which },
      { leg: 'callee', cause: 'unreadable' },
    ]);
    await carry(shared(), audio(3, { ...run, sequence: 12 }), {
      from: call.carrier,
      to: call.browser,
    });
  });

  test('keeps one stream through wild timestamps and a source that changes with every packet', async () => {
    const call = await placeCall(shared().engine);
    const times = [0, 0xffff_ffff, 5, 0x8000_0000, 160, 0x7fff_ffff, 160];
    for (const [index, timestamp] of times.entries()) {
      const packets = audio(1, { payloadType: 0, sequence: 1 + index, timestamp, ssrc: 5 });
      await carry(shared(), packets, { from: call.carrier, to: call.browser });
    }
    for (let ssrc = 10; ssrc < 20; ssrc += 1) {
      const packets = audio(1, { payloadType: 0, sequence: ssrc * 999, timestamp: ssrc, ssrc });
      await carry(shared(), packets, { from: call.carrier, to: call.browser });
    }
    const heard = call.browser.rtp.items;
    expect(new Set(heard.map(({ ssrc }) => ssrc)).size).toBe(1);
    for (const [index, packet] of heard.slice(1).entries()) {
      expect((packet.sequence - heard[index]!.sequence) & 0xffff).toBe(1);
      expect(Math.abs((packet.timestamp - heard[index]!.timestamp) | 0)).toBeLessThan(16_000);
    }
  });
}
