import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import {
  stunAttributes,
  stunCheck,
  stunErrorCode,
  type CheckToSend,
} from '../../../test/support/stun-check.js';
import { IceLiteAgent } from './ice-lite-agent.js';
import type { IcePath } from './ice-paths.js';
import { hasIntegrity, parseStun } from './stun-message.js';
import type { Endpoint } from './stun-response.js';

const PWD = 'a password of 22 chars';
const HOME = { address: '192.0.2.1', port: 4000 };
const MOBILE = { address: '198.51.100.9', port: 5000 };

class Bench {
  readonly clock = new ManualClock();
  readonly sent: { packet: Buffer; to: Endpoint }[] = [];
  readonly paths: IcePath[] = [];
  readonly targets: string[] = [];
  readonly agent = new IceLiteAgent({
    credentials: { ufrag: 'ours', pwd: PWD },
    clock: this.clock,
    handlers: {
      send: (packet, to) => void this.sent.push({ packet, to }),
      onPath: (path) => void this.paths.push(path),
      onPathForgotten: (path) => void this.paths.splice(this.paths.indexOf(path), 1),
      onTarget: ({ address, port }) => void this.targets.push(`${address}:${port}`),
    },
  });

  check(from: Endpoint, check: Partial<CheckToSend> = {}): boolean {
    const packet = stunCheck({ username: 'ours:theirs', pwd: PWD, ...check });
    const message = parseStun(packet);
    if (message === undefined) throw new Error('no STUN');
    return this.agent.receive(message, from);
  }

  /** The code that the last check was refused with; undefined when it was taken. */
  get refusal(): number | undefined {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error('no answer');
    return stunErrorCode(last.packet);
  }

  pathFrom({ address, port }: Endpoint): IcePath {
    const path = this.paths.find((each) => each.address === address && each.port === port);
    if (path === undefined) throw new Error('no path');
    return path;
  }
}

describe('an ICE-lite agent', () => {
  it('answers a check at once, to where it came from, under its own password', () => {
    const bench = new Bench();
    expect(bench.check(HOME)).toBe(true);
    const [answer] = bench.sent;
    expect(answer?.to).toEqual(HOME);
    expect(hasIntegrity(parseStun(answer!.packet)!, PWD)).toBe(true);
    expect(stunAttributes(answer!.packet).get(0x0020)?.readUInt16BE(2)).toBe(4000 ^ 0x2112);
    expect(bench.targets).toEqual(['192.0.2.1:4000']);
    expect(bench.clock.pending).toBe(0);
  });

  it('answers nobody without its password, and calls them strangers', () => {
    const bench = new Bench();
    expect(bench.check(HOME, { pwd: 'a guess' })).toBe(false);
    expect(bench.check(HOME, { integrity: false })).toBe(false);
    expect(bench.check(HOME, { type: 0x0101 })).toBe(false);
    expect(bench.check(HOME, { type: 0x0003 })).toBe(false);
    expect([bench.sent, bench.paths]).toEqual([[], []]);
  });

  it('takes no notice of indications', () => {
    const bench = new Bench();
    expect(bench.check(HOME, { type: 0x0011, integrity: false })).toBe(true);
    expect([bench.sent, bench.paths]).toEqual([[], []]);
  });

  it.each<[string, number, Partial<CheckToSend>]>([
    ['a peer that says it is controlled', 487, { role: 'controlled' }],
    ['a check without priority', 400, { priority: false }],
    ['an attribute that must be understood', 420, { extra: [[0x0031, Buffer.alloc(4)]] }],
    ['another user', 401, { username: 'ours' }],
  ])('refuses %s with %i', (_name, code, check) => {
    const bench = new Bench();
    expect(bench.check(HOME, { ...check, nominate: true })).toBe(true);
    expect(bench.refusal).toBe(code);
    expect(bench.paths).toEqual([]);
    expect(bench.agent.target).toBeUndefined();
    expect(bench.agent.checkedAt).toBeUndefined();
  });

  it('takes a peer that says nothing of its part, as before RFC 8445', () => {
    const bench = new Bench();
    bench.check(HOME, { role: 'none' });
    expect(bench.refusal).toBeUndefined();
  });

  it('takes whoever has its password until the peer is known, then that one alone', () => {
    const bench = new Bench();
    bench.check(HOME, { username: 'ours:other', nominate: true });
    bench.check(MOBILE);
    expect(bench.agent.target).toMatchObject(HOME);
    bench.agent.expect('theirs');
    expect(bench.agent.target).toMatchObject(MOBILE);
    expect(bench.paths).toEqual([bench.pathFrom(MOBILE)]);
    bench.check(HOME, { username: 'ours:other', nominate: true });
    expect(bench.refusal).toBe(401);
    expect(bench.agent.target).toMatchObject(MOBILE);
  });

  it('keeps the path of a peer that began anew from its old socket before it was known', () => {
    const bench = new Bench();
    bench.check(HOME, { username: 'ours:first' });
    bench.check(HOME);
    bench.agent.expect('theirs');
    expect(bench.agent.target).toMatchObject(HOME);
    expect(bench.paths).toEqual([bench.pathFrom(HOME)]);
  });

  it('that was closed may be told to another peer, who checks before its answer comes', () => {
    const bench = new Bench();
    bench.agent.expect('another');
    bench.agent.close();
    bench.check(HOME);
    expect(bench.refusal).toBeUndefined();
    expect(bench.agent.target).toMatchObject(HOME);
  });

  it('sends to the first path, then to the nominated one', () => {
    const bench = new Bench();
    bench.check(HOME);
    bench.check(MOBILE);
    expect(bench.agent.target).toMatchObject(HOME);
    bench.check(MOBILE, { nominate: true });
    expect(bench.agent.target).toMatchObject(MOBILE);
  });

  it('follows a peer that nominates anew from elsewhere, and back', () => {
    const bench = new Bench();
    bench.check(HOME, { nominate: true });
    bench.check(MOBILE, { nominate: true });
    bench.check(HOME, { nominate: true });
    bench.check(HOME, { nominate: true });
    expect(bench.targets).toEqual(['192.0.2.1:4000', '198.51.100.9:5000', '192.0.2.1:4000']);
  });

  it('follows a peer whose media come from elsewhere, once it sends nothing from where it was', () => {
    const bench = new Bench();
    bench.check(HOME, { nominate: true });
    bench.check(MOBILE);
    const [home, mobile] = [bench.pathFrom(HOME), bench.pathFrom(MOBILE)];
    for (let packet = 0; packet < 50; packet += 1) {
      bench.agent.mediaFrom(mobile);
      if (packet % 5 === 0) bench.agent.mediaFrom(home);
    }
    expect(bench.agent.target).toBe(home);
    for (let packet = 0; packet < 10; packet += 1) bench.agent.mediaFrom(mobile);
    expect(bench.agent.target).toBe(mobile);
  });

  it('follows a silent peer whose checks come from elsewhere alone', () => {
    const bench = new Bench();
    bench.check(HOME, { nominate: true });
    bench.clock.advance(5000);
    bench.check(MOBILE);
    bench.clock.advance(9000);
    bench.check(MOBILE);
    expect(bench.agent.target).toMatchObject(HOME);
    bench.clock.advance(1000);
    bench.check(MOBILE);
    expect(bench.agent.target).toMatchObject(MOBILE);
  });

  it('takes no copy of a check from elsewhere, and answers a repetition', () => {
    const bench = new Bench();
    const transaction = Buffer.alloc(12, 7);
    bench.check(HOME, { nominate: true, transaction });
    expect(bench.check(MOBILE, { nominate: true, transaction })).toBe(false);
    expect(bench.agent.target).toMatchObject(HOME);
    expect(bench.check(HOME, { nominate: true, transaction })).toBe(true);
    expect(bench.sent).toHaveLength(2);
  });

  it('remembers eight paths, and always the one it sends to', () => {
    const bench = new Bench();
    bench.check(HOME, { nominate: true });
    for (let port = 6000; port < 6100; port += 1) bench.check({ ...MOBILE, port });
    expect(bench.paths).toHaveLength(8);
    expect(bench.agent.target).toBe(bench.pathFrom(HOME));
    expect(bench.pathFrom({ ...MOBILE, port: 6099 })).toBeDefined();
    bench.agent.close();
    expect(bench.paths).toEqual([]);
    expect(bench.agent.target).toBeUndefined();
  });

  it('tells when it was checked last', () => {
    const bench = new Bench();
    bench.check(HOME);
    bench.clock.advance(2500);
    bench.check(HOME, { pwd: 'a guess' });
    expect(bench.agent.checkedAt).toBe(0);
    bench.check(MOBILE);
    expect(bench.agent.checkedAt).toBe(2500);
  });
});
