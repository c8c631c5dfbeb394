import { describe, expect, it } from 'vitest';
import { SourceLock, type Sighting } from './source-lock.js';

const [CARRIER, NAT, STRANGER] = ['198.51.100.7', '203.0.113.9', '192.0.2.66'] as const;

/** A packet of the peer at that time. */
function at(now: number, more: Partial<Sighting> = {}): Sighting {
  return { ssrc: 5, sequence: 1, now, authentic: false, ...more };
}

function expecting(): SourceLock {
  const lock = new SourceLock(1000);
  lock.expect(CARRIER, 4000);
  return lock;
}

describe('SourceLock', () => {
  it('sends to the SDP until a source is learned, then to the source', () => {
    const lock = expecting();
    expect([lock.address, lock.port]).toEqual([CARRIER, 4000]);
    expect(lock.accept(NAT, 61_000, at(0))).toBe(true);
    expect([lock.address, lock.port, lock.locked]).toEqual([NAT, 61_000, false]);
  });

  it("locks at once to the SDP's address, on whatever port", () => {
    const lock = expecting();
    expect(lock.accept(CARRIER, 5555, at(0))).toBe(true);
    expect(lock.locked).toBe(true);
    expect(lock.accept(CARRIER, 4000, at(1))).toBe(false);
    expect(lock.accept(STRANGER, 5555, at(2))).toBe(false);
    expect([lock.address, lock.port]).toEqual([CARRIER, 5555]);
  });

  it("lets the SDP's address take over while it is still learning", () => {
    const lock = expecting();
    lock.accept(STRANGER, 1, at(0));
    expect(lock.accept(NAT, 2, at(500)), 'one source at a time').toBe(false);
    expect(lock.accept(CARRIER, 4000, at(900))).toBe(true);
    expect(lock.accept(STRANGER, 1, at(901))).toBe(false);
  });

  it('locks to what it learned when the time is over', () => {
    const lock = expecting();
    lock.accept(NAT, 61_000, at(0));
    expect(lock.accept(NAT, 61_000, at(1000))).toBe(true);
    expect(lock.locked).toBe(true);
    expect(lock.accept(CARRIER, 4000, at(1001))).toBe(false);
  });

  it('learns again when a new SDP names another address, not when it repeats the old one', () => {
    const lock = expecting();
    lock.accept(CARRIER, 4000, at(0));
    lock.expect(CARRIER, 4000);
    expect(lock.accept(NAT, 1, at(1))).toBe(false);
    lock.expect(NAT, 7000);
    expect([lock.address, lock.port]).toEqual([NAT, 7000]);
    expect(lock.accept(NAT, 7000, at(2))).toBe(true);
    expect(lock.accept(CARRIER, 4000, at(3))).toBe(false);
  });

  it('goes where a new SDP says, although packets of the former source are still on their way', () => {
    const lock = expecting();
    lock.accept(CARRIER, 4000, at(0));
    lock.expect(CARRIER, 6000);
    expect(lock.accept(CARRIER, 4000, at(10))).toBe(true);
    expect([lock.address, lock.port, lock.locked]).toEqual([CARRIER, 6000, false]);
    expect(lock.accept(CARRIER, 6000, at(20))).toBe(true);
    expect(lock.accept(CARRIER, 4000, at(30)), 'it is a stranger now').toBe(false);
    expect([lock.port, lock.locked]).toEqual([6000, true]);
  });

  it('goes back to the former source when nobody else is heard for the learning time', () => {
    const lock = expecting();
    lock.accept(NAT, 61_000, at(0));
    lock.accept(NAT, 61_000, at(1000));
    lock.expect(CARRIER, 6000);
    expect(lock.accept(NAT, 61_000, at(2000))).toBe(true);
    expect(lock.accept(NAT, 61_000, at(2980))).toBe(true);
    expect(lock.port).toBe(6000);
    expect(lock.accept(NAT, 61_000, at(3000))).toBe(true);
    expect([lock.address, lock.port]).toEqual([NAT, 61_000]);
  });

  /** Whether each of a run of packets is taken, 20 ms apart. */
  function run(lock: SourceLock, from: [string, number], first: Sighting): boolean[] {
    return Array.from({ length: 4 }, (_, index) =>
      lock.accept(...from, {
        ...first,
        now: first.now + index * 20,
        sequence: first.sequence + index,
      }),
    );
  }
  const TAKEN_THIRD = [false, false, true, true];
  const NEVER = [false, false, false, false];

  interface Successor {
    from: [string, number];
    more: Partial<Sighting>;
    expected: boolean[];
  }

  it.each<[string, Successor]>([
    [
      'the same address on another port',
      { from: [CARRIER, 9000], more: { ssrc: 77 }, expected: TAKEN_THIRD },
    ],
    [
      'another address that goes on with the stream',
      { from: [NAT, 9000], more: {}, expected: TAKEN_THIRD },
    ],
    [
      'another address with another stream',
      { from: [STRANGER, 9000], more: { ssrc: 77 }, expected: NEVER },
    ],
  ])('after silence, lets take over as it should: %s', (_, { from, more, expected }) => {
    const lock = expecting();
    lock.accept(CARRIER, 4000, at(0));
    expect(run(lock, from, at(500, more)), 'too early').toEqual(NEVER);
    expect(run(lock, from, at(1100, more))).toEqual(expected);
    expect(lock.port).toBe(expected === TAKEN_THIRD ? 9000 : 4000);
  });

  it('lets nobody take over whose packets are not in sequence', () => {
    const lock = expecting();
    lock.accept(CARRIER, 4000, at(0));
    const taken = [9, 300, 5, 9, 77].map((sequence, index) =>
      lock.accept(NAT, 9000, at(2000 + index * 20, { sequence })),
    );
    expect(taken).not.toContain(true);
  });

  it('follows what SRTP vouches for at once', () => {
    const lock = expecting();
    lock.accept(CARRIER, 4000, at(0, { authentic: true }));
    expect(lock.accept(NAT, 9000, at(10, { authentic: true, ssrc: 77 }))).toBe(true);
    expect([lock.address, lock.port]).toEqual([NAT, 9000]);
  });
});
