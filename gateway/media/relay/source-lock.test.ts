import { describe, expect, it } from 'vitest';
import { SourceLock } from './source-lock.js';

const [CARRIER, NAT, STRANGER] = ['198.51.100.7', '203.0.113.9', '192.0.2.66'];

function expecting(): SourceLock {
  const lock = new SourceLock(1000);
  lock.expect(CARRIER, 4000);
  return lock;
}

describe('SourceLock', () => {
  it('sends to the SDP until a source is learned, then to the source', () => {
    const lock = expecting();
    expect([lock.address, lock.port]).toEqual([CARRIER, 4000]);
    expect(lock.accept(NAT, 61_000, 0)).toBe(true);
    expect([lock.address, lock.port, lock.locked]).toEqual([NAT, 61_000, false]);
  });

  it("locks at once to the SDP's address, on whatever port", () => {
    const lock = expecting();
    expect(lock.accept(CARRIER, 5555, 0)).toBe(true);
    expect(lock.locked).toBe(true);
    expect(lock.accept(CARRIER, 4000, 1)).toBe(false);
    expect(lock.accept(STRANGER, 5555, 2)).toBe(false);
    expect([lock.address, lock.port]).toEqual([CARRIER, 5555]);
  });

  it("lets the SDP's address take over while it is still learning", () => {
    const lock = expecting();
    lock.accept(STRANGER, 1, 0);
    expect(lock.accept(NAT, 2, 500), 'one source at a time').toBe(false);
    expect(lock.accept(CARRIER, 4000, 900)).toBe(true);
    expect(lock.accept(STRANGER, 1, 901)).toBe(false);
  });

  it('locks to what it learned when the time is over', () => {
    const lock = expecting();
    lock.accept(NAT, 61_000, 0);
    expect(lock.accept(NAT, 61_000, 1000)).toBe(true);
    expect(lock.locked).toBe(true);
    expect(lock.accept(CARRIER, 4000, 1001)).toBe(false);
  });

  it('learns again when a new SDP names another address, not when it repeats the old one', () => {
    const lock = expecting();
    lock.accept(CARRIER, 4000, 0);
    lock.expect(CARRIER, 4000);
    expect(lock.accept(NAT, 1, 1)).toBe(false);
    lock.expect(NAT, 7000);
    expect([lock.address, lock.port]).toEqual([NAT, 7000]);
    expect(lock.accept(NAT, 7000, 2)).toBe(true);
    expect(lock.accept(CARRIER, 4000, 3)).toBe(false);
  });
});
