import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.js';
import { muLawToALaw } from './g711.js';
import { MediaSession } from './media-session.js';
import { RtpEndpoint } from './rtp-endpoint.js';
import { emptyRtpPacket, readRtp, type RtpPacket } from './rtp-packet.js';
import type { Negotiated } from './sdp-answer.js';
import { toneAudio } from './tone-audio.js';

const HOST = '127.0.0.1';

let clock: ManualClock;
let peer: Socket;
let heard: RtpPacket[];
let media: MediaSession;

async function open(negotiated: Partial<Negotiated> = {}): Promise<void> {
  media = new MediaSession({
    endpoint: await RtpEndpoint.open(HOST),
    negotiated: {
      codec: 'PCMU',
      payloadType: 0,
      clockRate: 8000,
      eventPayloadType: 101,
      remote: { host: HOST, port: peer.address().port },
      sending: true,
      receiving: true,
      sdp: '',
      ...negotiated,
    },
    mode: 'play',
    clock,
    digitPauseMs: 1500,
    onDigit: () => undefined,
    onDigits: () => undefined,
    onTone: () => undefined,
  });
  media.start();
}

/** Moves the clock and waits until the peer has `count` packets in all. */
async function after(ms: number, count: number): Promise<RtpPacket[]> {
  clock.advance(ms);
  while (heard.length < count) await once(peer, 'message');
  return heard;
}

beforeEach(async () => {
  clock = new ManualClock();
  heard = [];
  peer = createSocket('udp4');
  peer.on('message', (datagram) => {
    const packet = emptyRtpPacket();
    if (readRtp(datagram, packet)) heard.push(packet);
  });
  peer.bind(0, HOST);
  await once(peer, 'listening');
});

afterEach(async () => {
  await media.close();
  peer.close();
  expect(clock.pending).toBe(0);
});

describe('a session that plays', () => {
  it('sends one packet per 20 ms, in sequence, the first with the marker', async () => {
    await open();
    const packets = await after(1000, 51);
    expect(packets).toHaveLength(51);
    expect(media.counts.sent).toBe(51);
    const [first] = packets;
    packets.forEach((packet, n) => {
      expect(packet.sequence).toBe(((first?.sequence ?? 0) + n) & 0xffff);
      expect(packet.timestamp).toBe(((first?.timestamp ?? 0) + n * 160) >>> 0);
      expect(packet.marker).toBe(n === 0);
      expect(packet.payload.every((byte) => byte === 0xff)).toBe(true);
      expect(packet.payload).toHaveLength(160);
    });
  });

  it('plays to the end, pads the last frame, and tells when it is done', async () => {
    await open();
    const done = media.playback.play([Buffer.alloc(100, 1), Buffer.alloc(100, 2)]);
    const [first, second, third] = await after(40, 3);
    expect(await done).toBe('done');
    const expected = Buffer.alloc(480, 0xff).fill(1, 0, 100).fill(2, 100, 200);
    expect(Buffer.concat([first!.payload, second!.payload, third!.payload])).toEqual(expected);
  });

  it('stops what plays when something else comes, and for good when closed', async () => {
    await open();
    const first = media.playback.play([Buffer.alloc(1600, 1)]);
    const second = media.playback.play([Buffer.alloc(1600, 2)]);
    expect(await first).toBe('stopped');
    await media.close();
    expect(await second).toBe('stopped');
    expect(await media.playback.play([Buffer.alloc(1600, 3)])).toBe('stopped');
  });

  it('translates to A-law', async () => {
    await open({ codec: 'PCMA', payloadType: 8 });
    const tone = toneAudio(440);
    media.playback.setBackground(tone);
    const packets = await after(20, 2);
    expect(packets[1]).toMatchObject({
      payloadType: 8,
      payload: muLawToALaw(tone.subarray(160, 320)),
    });
  });

  it('loops its background without a gap', async () => {
    await open();
    const tone = toneAudio(440);
    media.playback.setBackground(tone);
    const packets = await after(1500, 76);
    const audio = Buffer.concat(packets.map(({ payload }) => payload));
    expect(audio).toEqual(Buffer.concat([tone, tone]).subarray(0, 76 * 160));
  });

  it('pauses on hold and comes back with a marker and the time that passed', async () => {
    await open();
    await after(20, 2);
    const held = { ...media.negotiated, sending: false };
    media.renegotiate(held);
    clock.advance(200);
    media.renegotiate({ ...held, sending: true });
    const packets = await after(20, 3);
    expect(packets[2]?.marker).toBe(true);
    expect((packets[2]!.timestamp - packets[1]!.timestamp) >>> 0).toBe(11 * 160);
    expect((packets[2]!.sequence - packets[1]!.sequence) & 0xffff).toBe(1);
  });
});
