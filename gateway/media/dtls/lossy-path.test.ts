import { describe, expect, it } from 'vitest';
import {
  HandshakeRig,
  other,
  type SentDatagram,
} from '../../../test/support/dtls/handshake-rig.js';
import { SeededRandom } from '../../../test/support/sip/seeded-random.js';
import { HANDSHAKE_HEADER_BYTES, encodeFragment, readFragments } from './handshake-message.js';
import { CONTENT, readRecords, recordHeader, type DtlsRecord } from './record.js';

/** The four of a handshake without loss. */
const DATAGRAMS = [0, 1, 2, 3];

function connectsOver(path: (sent: SentDatagram) => readonly Buffer[]): HandshakeRig {
  const rig = new HandshakeRig();
  rig.path = path;
  expect(rig.start().run().agreed).toBe(true);
  return rig;
}

/** One datagram per record, and one record per `bytes` of a message in the clear. */
function crumble(datagram: Buffer, bytes: number): Buffer[] {
  return readRecords(datagram).flatMap((record) => {
    if (record.epoch !== 0 || record.type !== CONTENT.handshake)
      return [encode(record, record.fragment)];
    return readFragments(record.fragment).flatMap((fragment) => {
      const whole = Buffer.alloc(fragment.length);
      fragment.bytes.copy(whole, fragment.offset);
      const message = { type: fragment.type, sequence: fragment.sequence, body: whole };
      const end = fragment.offset + fragment.bytes.length;
      const starts = [];
      for (let at = fragment.offset; at < end || at === fragment.offset; at += bytes)
        starts.push(at);
      return starts.map((at) =>
        encode(record, encodeFragment(message, at, Math.min(end, at + bytes))),
      );
    });
  });
}

function encode(record: DtlsRecord, fragment: Buffer): Buffer {
  return Buffer.concat([recordHeader(record, fragment.length), fragment]);
}

describe('DTLS on a bad path', () => {
  it.each(DATAGRAMS)('connects when datagram %i is lost', (lost) => {
    const rig = connectsOver(({ number, datagram }) => (number === lost ? [] : [datagram]));
    // Nobody waited longer than the first time-out.
    expect(rig.clock.monotonic()).toBeLessThanOrEqual(120);
    rig.end();
  });

  it('connects when each datagram is lost in its first three tries', () => {
    for (const lost of DATAGRAMS) {
      let tries = 0;
      const rig = connectsOver(({ from, number, datagram }) => {
        const same = number >= lost && from === (lost % 2 === 0 ? 'client' : 'server');
        return same && tries++ < 3 ? [] : [datagram];
      });
      rig.end();
    }
  });

  it('sends its last flight again, but not for a replay', () => {
    const rig = new HandshakeRig();
    rig.path = ({ number, datagram }) => (number === 3 ? [] : [datagram]);
    rig.start().deliver();
    expect(rig.server.keys).toBeDefined();
    expect(rig.client.keys).toBeUndefined();
    rig.clock.advance(50);
    rig.ends.server.receive(rig.sent[2]!.datagram);
    expect(rig.sent).toHaveLength(4);
    rig.clock.advance(50);
    rig.deliver();
    expect(rig.agreed).toBe(true);
    expect(rig.sent).toHaveLength(6);
    rig.end();
  });

  it('connects when every datagram comes three times, and sends none again for it', () => {
    const rig = connectsOver(({ datagram }) => [datagram, datagram, datagram]);
    expect(rig.sent).toHaveLength(4);
    rig.end();
  });

  it.each([1, 7, 64, 200])('connects when messages come in pieces of %i bytes', (bytes) => {
    const rig = connectsOver(({ datagram }) => crumble(datagram, bytes));
    rig.end();
  });

  it.each([7, 64, 200])('connects when pieces of %i bytes come in reverse', (bytes) => {
    // Within the ranges that are kept of one message; what is above is asked for again.
    const rig = connectsOver(({ datagram }) => crumble(datagram, bytes).reverse());
    rig.end();
  });

  it('keeps a Finished that overtakes the rest of its flight', () => {
    const rig = new HandshakeRig();
    rig.path = ({ datagram }) => crumble(datagram, 1000);
    rig.order = (waiting) => waiting - 1;
    expect(rig.start().deliver().agreed).toBe(true);
    expect(rig.clock.monotonic()).toBe(0);
    rig.end();
  });

  it('connects in any order', () => {
    const random = new SeededRandom(4);
    for (let round = 0; round < 60; round += 1) {
      const rig = new HandshakeRig();
      rig.path = ({ datagram }) => crumble(datagram, 30 + random.below(400));
      rig.order = (waiting) => random.below(waiting);
      expect(rig.start().run().agreed, `round ${round}`).toBe(true);
      rig.end();
    }
  });

  it('connects with a quarter of all lost, doubled and out of order', () => {
    const random = new SeededRandom(156);
    let slowest = 0;
    for (let round = 0; round < 120; round += 1) {
      const rig = new HandshakeRig();
      rig.path = ({ datagram }) => {
        const pieces = random.below(2) === 0 ? [datagram] : crumble(datagram, 500);
        return pieces.flatMap((piece) => {
          const luck = random.below(12);
          return luck < 3 ? [] : luck < 5 ? [piece, piece] : [piece];
        });
      };
      rig.order = (waiting) => random.below(waiting);
      expect(rig.start().run().agreed, `round ${round}`).toBe(true);
      slowest = Math.max(slowest, rig.clock.monotonic());
      rig.end();
    }
    expect(slowest).toBeLessThan(15_000);
  });

  it.each([
    [150, 0],
    [600, 0],
    [2000, 0],
    [300, 0.2],
    [800, 0.2],
  ])('connects over a way of %i ms with a share of %d lost, without a storm', (delayMs, loss) => {
    const random = new SeededRandom(delayMs);
    for (let round = 0; round < 20; round += 1) {
      const rig = new HandshakeRig();
      rig.path = ({ from, datagram }) => {
        const arrives = delayMs + random.below(delayMs / 2);
        if (random.below(100) >= 100 * loss)
          rig.clock.setTimer(() => {
            rig.ends[other(from)].receive(datagram);
          }, arrives);
        return [];
      };
      expect(rig.start().run().agreed, `round ${round}`).toBe(true);
      // 4 are what it takes; what was not lost but slow is answered too, each time once.
      expect(rig.sent.length).toBeLessThan(60);
      if (loss === 0) expect(rig.clock.monotonic()).toBeLessThan(7 * delayMs);
      // What is still on the way finds both connected, and leads to nothing that does not end.
      rig.clock.advance(20_000);
      expect(rig.sent.length).toBeLessThan(80);
      rig.path = () => [];
      rig.end();
    }
  });

  it('needs no more than its header for a message without a body', () => {
    const rig = new HandshakeRig().start().deliver();
    const done = readRecords(rig.sent[1]!.datagram).at(-1);
    expect(done?.fragment).toHaveLength(HANDSHAKE_HEADER_BYTES);
    rig.end();
  });
});
