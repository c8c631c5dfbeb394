import { describe, expect, it } from 'vitest';
import { HandshakeRig, type Role } from '../../../test/support/dtls/handshake-rig.js';
import { SeededRandom } from '../../../test/support/sip/seeded-random.js';
import { DTLS_1_2, recordHeader } from './record.js';

const ROLES: Role[] = ['client', 'server'];
const DATAGRAMS = [0, 1, 2, 3];

/** A handshake in which one datagram arrives changed the first time. Whatever comes of it, it comes to an end, and never to wrong keys. */
function comesToAnEnd(number: number, change: (datagram: Buffer) => Buffer): 'agreed' | 'failed' {
  const rig = new HandshakeRig();
  rig.path = (sent) => [sent.number === number ? change(sent.datagram) : sent.datagram];
  rig.start().run();
  const { client, server } = rig;
  const agreed = rig.agreed;
  if (!agreed) {
    expect([client.error, server.error].some((error) => error !== undefined)).toBe(true);
    expect(client.keys !== undefined && server.keys !== undefined).toBe(false);
    for (const { error } of [client, server]) expect(error?.cause).not.toBeInstanceOf(TypeError);
  }
  rig.end();
  return agreed ? 'agreed' : 'failed';
}

/** The lengths of the datagrams of a handshake; a signature is a byte or two shorter now and then. */
const LENGTHS = new HandshakeRig()
  .start()
  .deliver()
  .sent.map(({ datagram }) => datagram.length);

describe('DTLS and broken datagrams', () => {
  it.each(DATAGRAMS)('comes to an end when a byte of datagram %i is another', (number) => {
    const outcomes = new Set<string>();
    for (let at = 0; at < (LENGTHS[number] ?? 0); at += 1)
      outcomes.add(
        comesToAnEnd(number, (datagram) => {
          const changed = Buffer.from(datagram);
          if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
          return changed;
        }),
      );
    // The last datagram is protected: what is wrong with it is as good as lost.
    expect(outcomes).toEqual(new Set(number === 3 ? ['agreed'] : ['agreed', 'failed']));
  });

  it.each(DATAGRAMS)('asks again for datagram %i when it is cut', (number) => {
    for (let length = 0; length < (LENGTHS[number] ?? 0) - 4; length += 9)
      expect(comesToAnEnd(number, (datagram) => datagram.subarray(0, length))).toBe('agreed');
  });

  it.each(ROLES)('stands a flood of garbage: %s', (role) => {
    const random = new SeededRandom(3);
    const rig = new HandshakeRig();
    const flood = (count: number): void => {
      for (let round = 0; round < count; round += 1)
        rig.ends[role].receive(garbage(random, rig.sent));
    };
    flood(20);
    rig.path = ({ number, datagram }) => {
      if (number < 4) flood(500);
      return [datagram];
    };
    rig.start().run();
    // Some of it is a message that ends the handshake; the rest must not have hurt.
    expect(rig.settled).toBe(true);
    rig.end();
    expect(rig.clock.pending).toBe(0);
  });

  it.each(ROLES)('stays connected in a flood of garbage: %s', (role) => {
    const random = new SeededRandom(5);
    const rig = new HandshakeRig().start().deliver();
    for (let round = 0; round < 3000; round += 1)
      rig.ends[role].receive(garbage(random, rig.sent.slice(0, 4)));
    expect(rig.sent).toHaveLength(4);
    expect(rig[role]).toMatchObject({ error: undefined, closed: false });
    rig.end();
  });
});

/** From noise to a real datagram with a few bits changed. */
function garbage(random: SeededRandom, real: readonly { datagram: Buffer }[]): Buffer {
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => random.below(256)));
  const kind = random.below(3);
  if (kind === 0 || real.length === 0) return bytes(random.below(1500));
  if (kind === 1) {
    const content = bytes(random.below(200));
    const type = 19 + random.below(6);
    const epoch = random.below(3);
    const sequence = random.next();
    const header = recordHeader({ type, version: DTLS_1_2, epoch, sequence }, content.length);
    return Buffer.concat([header, content]);
  }
  const changed = Buffer.from(random.pick(real).datagram);
  for (let count = random.below(8); count >= 0; count -= 1)
    changed[random.below(changed.length)] = random.below(256);
  return changed;
}
