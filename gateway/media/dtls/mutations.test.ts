import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CERTIFICATES, HandshakeRig, type Role } from '../../../test/support/dtls/handshake-rig.js';
import { against } from '../../../test/support/dtls/tampering-peer.js';
import { SeededRandom } from '../../../test/support/sip/seeded-random.js';
import { DtlsFailure } from './alerts.js';
import { readPeerKey, writeCertificate } from './peer-certificate.js';
import { DTLS_1_2, recordHeader } from './record.js';

const ROLES: Role[] = ['client', 'server'];
const DATAGRAMS = [0, 1, 2, 3];
/** What is said of an error of our own: no peer may lead to it. */
const INSIDE = 'DTLS with the browser failed inside of us.';

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
    for (const { error } of [client, server]) expect(error?.sentence).not.toBe(INSIDE);
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

  it.each(ROLES)('names what is wrong with whatever a peer says with authority: %s', (role) => {
    const random = new SeededRandom(8);
    const sentences = new Set<string>();
    for (let round = 0; round < 250; round += 1) {
      const { rig, us } = against(role, (part) => {
        if (part === 'ChangeCipherSpec' || random.below(3) > 0) return [part];
        const body = mutated(random, part.message.body);
        return [{ ...part, message: { ...part.message, body } }];
      });
      rig.start().run();
      expect(us.keys ?? us.error, `round ${round}`).toBeDefined();
      if (us.error !== undefined) sentences.add(us.error.sentence);
      rig.end();
    }
    expect([...sentences]).not.toContain(INSIDE);
    expect(sentences.size).toBeGreaterThan(5);
  });

  it('reads certificates that are spoilt, but vouched for by the SDP', () => {
    const random = new SeededRandom(9);
    const { certificate } = CERTIFICATES.client;
    let refused = 0;
    for (let round = 0; round < 3000; round += 1) {
      const spoilt = mutated(random, certificate);
      const digest = createHash('sha256').update(spoilt).digest('hex');
      try {
        readPeerKey(writeCertificate(spoilt), `sha-256 ${digest}`);
      } catch (error) {
        refused += 1;
        expect(error).toBeInstanceOf(DtlsFailure);
      }
    }
    expect(refused).toBeGreaterThan(500);
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

/** A bit turned, a piece cut out, doubled or put in, or an end cut off. */
function mutated(random: SeededRandom, body: Buffer): Buffer {
  const at = random.below(body.length);
  const end = Math.min(body.length, at + 1 + random.below(8));
  const piece = body.subarray(at, end);
  switch (random.below(5)) {
    case 0:
      return Buffer.concat([body.subarray(0, at), body.subarray(end)]);
    case 1:
      return Buffer.concat([body.subarray(0, end), piece, body.subarray(end)]);
    case 2:
      return body.subarray(0, at);
    case 3:
      return Buffer.concat([body, Buffer.of(random.below(256))]);
    default: {
      const changed = Buffer.from(body);
      if (changed.length > 0) changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
      return changed;
    }
  }
}

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
