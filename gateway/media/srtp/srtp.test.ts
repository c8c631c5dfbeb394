import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rtpPacket } from '../../../test/support/media-rtp-peer.js';
import type { SrtpSuiteName } from '../media-engine.js';
import { SrtpReceiver } from './srtp-receiver.js';
import { SrtpSender } from './srtp-sender.js';
import { keyMaterialBytes, SRTP_SUITES, type SrtpKey } from './srtp-suite.js';

const SUITES = Object.keys(SRTP_SUITES) as SrtpSuiteName[];

function newKey(suite: SrtpSuiteName): SrtpKey {
  return { suite, material: randomBytes(keyMaterialBytes(suite)) };
}

function audio(sequence: number, ssrc = 7): Buffer {
  const payload = Buffer.alloc(160, sequence & 0xff);
  return rtpPacket({ payloadType: 0, sequence, timestamp: sequence * 160, ssrc, payload });
}

/** A sender report as we write it. */
const REPORT = Buffer.from(`80c80006${'0000000700000001'.repeat(3)}`, 'hex');

function seal(sender: SrtpSender, packet: Buffer): Buffer {
  const sealed = sender.rtp(packet, 0, packet.length);
  if (sealed === undefined) throw new Error('not sealed');
  return sealed;
}

describe.each(SUITES)('SRTP with %s', (suite) => {
  it('opens what it sealed, and nothing of it can be read or bent in between', () => {
    const key = newKey(suite);
    const [sender, receiver] = [new SrtpSender(key), new SrtpReceiver(key)];
    const sealed = seal(sender, audio(1));
    expect(sealed.length).toBe(172 + SRTP_SUITES[suite].tagBytes);
    expect(sealed.subarray(12, 172).equals(audio(1).subarray(12))).toBe(false);
    for (const at of [1, 2, 8, 12, 100, sealed.length - 1]) {
      const bent = Buffer.from(sealed);
      bent[at] = bent[at]! ^ 1;
      expect(receiver.rtp(bent)).toBeUndefined();
    }
    expect(new SrtpReceiver(newKey(suite)).rtp(Buffer.from(sealed))).toBeUndefined();
    expect(receiver.rtp(sealed)).toEqual(audio(1));
  });

  it('takes each packet once, in whatever order, and no truncated one', () => {
    const key = newKey(suite);
    const [sender, receiver] = [new SrtpSender(key), new SrtpReceiver(key)];
    const sealed = [1, 2, 3, 4].map((sequence) => seal(sender, audio(sequence)));
    const order = [0, 3, 1, 2];
    for (const index of order) expect(receiver.rtp(Buffer.from(sealed[index]!))).toBeDefined();
    for (const index of order) expect(receiver.rtp(Buffer.from(sealed[index]!))).toBeUndefined();
    const next = seal(sender, audio(5));
    for (let length = 0; length < next.length; length += 1) {
      expect(receiver.rtp(Buffer.from(next.subarray(0, length)))).toBeUndefined();
    }
    expect(receiver.rtp(next)).toBeDefined();
  });

  it('counts on when the sequence number wraps, with loss and disorder around it', () => {
    const key = newKey(suite);
    const [sender, receiver] = [new SrtpSender(key), new SrtpReceiver(key)];
    for (let turn = 0; turn < 3; turn += 1) {
      for (const sequence of [1, 20_000, 40_000, 60_000, 65_530]) {
        expect(receiver.rtp(seal(sender, audio(sequence)))).toEqual(audio(sequence));
      }
      const [late, before, after] = [65_533, 65_535, 2].map((n) => seal(sender, audio(n)));
      expect(receiver.rtp(before!)).toBeDefined();
      expect(receiver.rtp(after!)).toBeDefined();
      expect(receiver.rtp(late!)).toEqual(audio(65_533));
    }
  });

  it('takes a source that began right before a wrap, of which the first packets were lost', () => {
    const key = newKey(suite);
    const [sender, receiver] = [new SrtpSender(key), new SrtpReceiver(key)];
    const [, , lost, first, next] = [65_534, 65_535, 0, 1, 2].map((n) => seal(sender, audio(n)));
    expect(receiver.rtp(first!)).toEqual(audio(1));
    expect(receiver.rtp(next!)).toEqual(audio(2));
    expect(receiver.rtp(lost!)).toEqual(audio(0));
  });

  it('remembers the source that it hears, however many others there are', () => {
    const key = newKey(suite);
    const [sender, receiver] = [new SrtpSender(key), new SrtpReceiver(key)];
    const first = seal(sender, audio(1));
    expect(receiver.rtp(Buffer.from(first))).toEqual(audio(1));
    for (let other = 100; other < 140; other += 1) {
      expect(receiver.rtp(seal(new SrtpSender(key), audio(1, other)))).toBeDefined();
      const sequence = other - 98;
      expect(receiver.rtp(seal(sender, audio(sequence)))).toEqual(audio(sequence));
      expect(receiver.rtp(Buffer.from(first))).toBeUndefined();
    }
  });

  it('sends no sequence number twice', () => {
    const sender = new SrtpSender(newKey(suite));
    seal(sender, audio(9));
    expect(sender.rtp(audio(9), 0, 172)).toBeUndefined();
  });

  it('seals no two packets with one key stream, whatever order they come in', () => {
    const jump = fc.oneof(
      fc.integer({ min: -300, max: 300 }),
      fc.integer({ min: -40_000, max: 40_000 }),
    );
    const property = fc.property(fc.nat(65_535), fc.array(jump), (first, jumps) => {
      const sender = new SrtpSender(newKey(suite));
      const streams = new Set<string>();
      let sequence = first;
      for (const step of [0, ...jumps]) {
        sequence = (sequence + step) & 0xffff;
        // Zeros under a key stream are the key stream.
        const silence = rtpPacket({
          ...{ payloadType: 0, sequence, timestamp: 0, ssrc: 7, payload: Buffer.alloc(16) },
        });
        for (let time = 0; time < 2; time += 1) {
          const stream = sender.rtp(silence, 0, 28)?.toString('hex', 12, 28);
          if (stream === undefined) continue;
          expect(streams).not.toContain(stream);
          streams.add(stream);
        }
      }
    });
    fc.assert(property, { numRuns: 50 });
  });

  it('protects reports, each with an index of its own', () => {
    const key = newKey(suite);
    const [sender, receiver] = [new SrtpSender(key), new SrtpReceiver(key)];
    const [first, second] = [sender.rtcp(REPORT), sender.rtcp(REPORT)];
    expect(first.equals(second)).toBe(false);
    for (let length = 0; length < first.length; length += 1) {
      expect(receiver.rtcp(Buffer.from(first.subarray(0, length)))).toBeUndefined();
    }
    expect(receiver.rtcp(Buffer.from(first))).toEqual(REPORT);
    expect(receiver.rtcp(first)).toBeUndefined();
    expect(receiver.rtcp(second)).toEqual(REPORT);
  });

  it('takes a sender that counts on under a new key, and one that starts anew', () => {
    const [first, second] = [newKey(suite), newKey(suite)];
    const before = new SrtpReceiver(first);
    const old = new SrtpSender(first);
    for (const sequence of [65_000, 65_535, 3]) before.rtp(seal(old, audio(sequence)));
    expect(before.rolloverOf(7)).toBe(1);
    const anew = new SrtpReceiver(second, before);
    expect(anew.rtp(seal(new SrtpSender(second), audio(4)))).toEqual(audio(4));
    const on = new SrtpReceiver(second, before);
    const counting = new SrtpSender(second);
    for (const sequence of [65_000, 65_535, 3]) seal(counting, audio(sequence));
    expect(on.rtp(seal(counting, audio(4)))).toEqual(audio(4));
    expect(on.rtp(seal(counting, audio(5)))).toEqual(audio(5));
  });

  it('takes what is still on its way under the last key, until the new one is in use', () => {
    const [first, second] = [newKey(suite), newKey(suite)];
    const before = new SrtpReceiver(first);
    const old = new SrtpSender(first);
    before.rtp(seal(old, audio(1)));
    const receiver = new SrtpReceiver(second, before);
    expect(receiver.rtp(seal(old, audio(2)))).toEqual(audio(2));
    expect(receiver.rtp(seal(new SrtpSender(second), audio(4)))).toEqual(audio(4));
    expect(receiver.rtp(seal(old, audio(3)))).toBeUndefined();
  });

  it('takes several sources under one key', () => {
    const key = newKey(suite);
    const [sender, receiver] = [new SrtpSender(key), new SrtpReceiver(key)];
    const other = new SrtpSender(key);
    expect(receiver.rtp(seal(sender, audio(1)))).toBeDefined();
    expect(receiver.rtp(seal(other, audio(40_000, 99)))).toEqual(audio(40_000, 99));
    expect(receiver.rtp(seal(sender, audio(2)))).toBeDefined();
  });
});
