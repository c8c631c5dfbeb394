import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rtpPacket } from '../../../test/support/media-rtp-peer.js';
import { PlainSrtp } from '../../../test/support/plain-srtp.js';
import { SeededRandom } from '../../../test/support/sip/seeded-random.js';
import type { SrtpSuiteName } from '../media-engine.js';
import { HmacSha1 } from './hmac-sha1.js';
import { KeyStream, type PacketRun } from './key-stream.js';
import { RunningKeyStream } from './running-key-stream.js';
import { deriveSessionKeys } from './session-keys.js';
import { SrtpReceiver } from './srtp-receiver.js';
import { SrtpSender } from './srtp-sender.js';
import { keyMaterialBytes, SRTP_SUITES, type SrtpKey } from './srtp-suite.js';

const SUITES = Object.keys(SRTP_SUITES) as SrtpSuiteName[];
const PACKETS = 1200;
const SSRC = 0xf00d_cafe;

function newKey(suite: SrtpSuiteName): SrtpKey {
  return { suite, material: randomBytes(keyMaterialBytes(suite)) };
}

/** A source as bad as they come: its packets follow each other, skip some, jump, come late, and are of any length. */
class BadSource {
  readonly #random: SeededRandom;
  readonly #used = new Set<number>();
  #highest = 65_000;
  #bytes = 160;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  /** Index of 48 bits; each once. */
  nextIndex(): number {
    const kind = this.#random.below(100);
    let index = this.#highest + 1;
    if (kind < 8) index = this.#highest - this.#random.below(200);
    else if (kind < 14) index += this.#random.below(20);
    else if (kind < 16) index += this.#random.below(32_000);
    if (this.#used.has(index)) index = this.#highest + 1;
    this.#used.add(index);
    this.#highest = Math.max(this.#highest, index);
    return index;
  }

  packet(index: number, ssrc = SSRC): Buffer {
    const kind = this.#random.below(40);
    if (kind === 0) this.#bytes = this.#random.below(1400);
    const bytes = kind < 10 ? Math.min(1400, this.#random.below(200)) : this.#bytes;
    const payload = Buffer.alloc(bytes, this.#random.next() & 0xff);
    const sequence = index % 65_536;
    return rtpPacket({ payloadType: 0, sequence, timestamp: index, ssrc, payload });
  }

  /** True once in `chance`. */
  happens(chance: number): boolean {
    return this.#random.below(chance) === 0;
  }
}

describe.each(SUITES)('the stream of a bad source with %s', (suite) => {
  it.each([1, 2, 3])('is sealed as each of its packets for itself is (seed %i)', (seed) => {
    const key = newKey(suite);
    const [sender, plain, source] = [new SrtpSender(key), new PlainSrtp(key), new BadSource(seed)];
    for (let count = 0; count < PACKETS; count += 1) {
      const index = source.nextIndex();
      const packet = source.packet(index);
      const before = Buffer.from(packet);
      const sealed = sender.rtp(packet, 0, packet.length);
      const expected = plain.seal(packet, Math.floor(index / 65_536));
      expect(sealed?.equals(expected)).toBe(true);
      expect(packet.equals(before)).toBe(true);
      if (source.happens(10)) expect(sender.rtp(packet, 0, packet.length)).toBeUndefined();
    }
  });

  it.each([4, 5, 6])('is opened, each packet once (seed %i)', (seed) => {
    const key = newKey(suite);
    const [receiver, plain] = [new SrtpReceiver(key), new PlainSrtp(key)];
    const source = new BadSource(seed);
    for (let count = 0; count < PACKETS; count += 1) {
      const index = source.nextIndex();
      if (source.happens(20)) continue;
      const packet = source.packet(index);
      const sealed = plain.seal(packet, Math.floor(index / 65_536));
      if (source.happens(10)) {
        const bent = Buffer.from(sealed);
        bent[bent.length - 1]! ^= 1;
        expect(receiver.rtp(bent)).toBeUndefined();
        expect(bent.subarray(0, -1).equals(sealed.subarray(0, -1))).toBe(true);
      }
      const again = Buffer.from(sealed);
      expect(receiver.rtp(sealed)?.equals(packet)).toBe(true);
      if (source.happens(10)) expect(receiver.rtp(again)).toBeUndefined();
    }
    expect(receiver.rolloverOf(SSRC)).toBeGreaterThan(1);
  });

  it('is opened among those of another', () => {
    const key = newKey(suite);
    const [receiver, plain] = [new SrtpReceiver(key), new PlainSrtp(key)];
    const [source, other] = [new BadSource(7), new BadSource(8)];
    for (let count = 0; count < 500; count += 1)
      for (const [from, ssrc] of [
        [source, SSRC],
        [other, 9],
      ] as const) {
        const index = from.nextIndex();
        const packet = from.packet(index, ssrc);
        const sealed = plain.seal(packet, Math.floor(index / 65_536));
        expect(receiver.rtp(sealed)?.equals(packet)).toBe(true);
      }
  });
});

describe('the key stream of a stream that runs', () => {
  class Watched extends KeyStream {
    readonly runs: PacketRun[] = [];

    override make(run: Readonly<PacketRun>): Buffer {
      this.runs.push({ ...run });
      return super.make(run);
    }
  }

  function newStream() {
    const source = new Watched(deriveSessionKeys(newKey('AES_CM_128_HMAC_SHA1_80'), 'rtp'));
    const stream = new RunningKeyStream(source);
    const apply = (index: number, bytes: number): void => {
      const place = { header: 12, end: 12 + bytes, ssrc: 7, rtcpIndex: 0 };
      const [rollover, sequence] = [Math.floor(index / 65_536), index % 65_536];
      stream.apply(Buffer.alloc(12 + bytes), { ...place, rollover, sequence });
    };
    return { apply, runs: source.runs };
  }

  it('is made for sixteen packets at once, also across a rollover', () => {
    const { apply, runs } = newStream();
    for (let index = 65_500; index < 65_500 + 1 + 160; index += 1) apply(index, 160);
    expect(runs.length).toBe(11);
    expect(runs[1]).toEqual({ ssrc: 7, first: 65_501, packets: 16, blocks: 10 });
  });

  it('leaves room for the longest of the packets before, and is small', () => {
    const { apply, runs } = newStream();
    for (let index = 1; index <= 400; index += 1) apply(index, index % 2 === 0 ? 200 : 60);
    expect(runs.length).toBeLessThan(2 + 400 / 12);
    for (let index = 401; index <= 600; index += 1) apply(index, 480);
    for (let index = 601; index <= 700; index += 1) apply(index, 1400);
    for (const { packets, blocks } of runs) expect(packets * blocks).toBeLessThanOrEqual(160);
  });

  it('goes on after a loss, and is not given up for a packet that came late', () => {
    const { apply, runs } = newStream();
    for (const index of [1, 2, 3, 5, 6, 4, 7, 8]) apply(index, 160);
    expect(runs.length).toBe(2);
    for (const index of [21, 22, 1000, 1001, 1002, 23, 1003]) apply(index, 160);
    expect(runs.map(({ first }) => first)).toEqual([1, 2, 21, 1000, 1001, 23]);
  });
});

describe('HMAC-SHA1 of packets', () => {
  it('is that of node:crypto, for all lengths up to some blocks and the longest', () => {
    for (const keyBytes of [0, 20, 64]) {
      const key = randomBytes(keyBytes);
      const hmac = new HmacSha1(key);
      for (const length of [...Array(300).keys(), 1500, 65_493]) {
        const packet = randomBytes(length + 14);
        const word = Buffer.alloc(4);
        word.writeUInt32BE(0xffff_ff00 + (length & 0xff));
        const expected = createHmac('sha1', key).update(packet.subarray(0, length)).update(word);
        const digest = hmac.digest(packet, length, word.readUInt32BE(0));
        expect(expected.digest().equals(digest.subarray(0, 20))).toBe(true);
      }
    }
  });
});
