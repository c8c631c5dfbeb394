import { expect, it } from 'vitest';
import type { InboundRule } from '../../gateway/calls/inbound-numbers.js';
import { CopperlineError } from '../../gateway/kernel/errors.js';
import { CallWorld, testTrunk } from '../support/call-world.js';
import type { MemoryDialog } from '../support/memory-dialog.js';
import type { BrowserCall, CarrierCall } from '../support/memory-sip.js';
import { trunkDials, type TrunkCall } from '../support/memory-trunk-call.js';
import { SeededRandom } from '../support/sip/seeded-random.js';

/** In the suite; `COPPERLINE_CHAOS_CALLS=500` asks for more. */
const CALLS = Number(process.env['COPPERLINE_CHAOS_CALLS'] ?? 60);

const GROUP: InboundRule = {
  ...{ name: 'all', numbers: ['*'], fallback: '+4940' },
  target: {
    kind: 'group',
    group: {
      ...{ name: 'g', strategy: 'simultaneous', memberRingMs: 10_000 },
      members: ['alice', 'bob'].map((user) => ({ user, weight: 1 })),
    },
  },
};

/** Callers, carriers, browsers, media and the SIP server do what they like, all at once. */
class Chaos {
  readonly world = new CallWorld({
    trunks: [testTrunk('one'), testTrunk('two')],
    inbound: [GROUP],
    limits: { maxCalls: 30, maxCallsPerUser: 12 },
    timeouts: { maxDurationMs: 90_000, websocketGraceMs: 8_000 },
  });
  readonly #random: SeededRandom;
  readonly #callers: (BrowserCall | TrunkCall)[] = [];
  readonly #settled = new Set<CarrierCall>();
  #started = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  async run(): Promise<void> {
    while (this.#started < CALLS || this.world.calls.count > 0) {
      this.#pick(this.#started < CALLS ? [...ACTIONS, 'dial', 'dial', 'dial'] : ACTIONS);
      if (this.#chance(0.3)) await this.world.settle();
      if (this.#chance(0.2)) await this.world.clock.advanceAsync(this.#below(6_000));
    }
    this.world.endpoint.down = false;
    this.world.engine.refuseOpen = undefined;
    await this.world.settle();
    await this.world.clock.advanceAsync(60_000);
  }

  #pick(actions: readonly Action[]): void {
    const action = this.#one(actions);
    if (action !== undefined) this[action]();
  }

  dial(): void {
    const { endpoint } = this.world;
    const kind = this.#below(3);
    const user = this.#one(['alice', 'bob', 'carol']) ?? 'alice';
    this.#started += 1;
    this.#callers.push(
      kind === 0
        ? trunkDials(endpoint, '+4930123')
        : endpoint.browserDials(kind === 1 ? '+4930' : 'bob', { user }),
    );
  }

  register(): void {
    this.world.devices.register(this.#one(['alice', 'bob', 'carol']) ?? 'alice');
  }

  loseDevices(): void {
    this.world.devices.loseAll(this.#one(['alice', 'bob', 'carol']) ?? 'alice');
  }

  loseCaller(): void {
    const caller = this.#one(this.#callers);
    if (caller !== undefined && 'loseWebSocket' in caller) caller.loseWebSocket();
  }

  cancel(): void {
    const caller = this.#one(this.#callers.filter(({ final }) => !final));
    caller?.cancel();
  }

  callee(): void {
    const { carrierCalls } = this.world.endpoint;
    const open = carrierCalls.filter(
      (one) => !this.#settled.has(one) && one.cancelReceived === undefined,
    );
    const callee = this.#one(open);
    if (callee === undefined) return;
    const what = this.#below(8);
    if (what < 3) callee.ring(what === 2 ? 183 : 180, what === 2 ? 'v=0\r\no=early' : undefined);
    else {
      this.#settled.add(callee);
      if (what < 6) callee.answer(what === 5 ? '' : 'v=0\r\no=callee 1 1 IN IP4 192.0.2.1\r\n');
      else callee.refuse(this.#one([486, 503, 603, 408, 480]) ?? 486, { local: what === 7 });
    }
  }

  hangUp(): void {
    const dialog = this.#dialog();
    if (this.#chance(0.7)) dialog?.hangUp();
    else dialog?.die('The SIP dialog ended: the SIP server is gone.');
  }

  killMedia(): void {
    const session = this.#one(this.world.engine.sessions.filter(({ open }) => open));
    const sentence = 'The media worker of the call died.';
    session?.handlers.onFailed(new CopperlineError('CL_MEDIA_WORKER_DIED', { sentence }));
  }

  server(): void {
    this.world.endpoint.down = this.#chance(0.3);
  }

  engine(): void {
    const sentence = 'No media worker is running.';
    const error = new CopperlineError('CL_MEDIA_UNAVAILABLE', { sentence });
    this.world.engine.refuseOpen = this.#chance(0.3) ? error : undefined;
  }

  /** Of a leg whose gateway has had the time to set its handlers. */
  #dialog(): MemoryDialog | undefined {
    const all = [...this.#callers, ...this.world.endpoint.carrierCalls].map(({ dialog }) => dialog);
    return this.#one(all.filter((dialog) => dialog?.open === true && dialog.handled));
  }

  #one<Item>(items: readonly Item[]): Item | undefined {
    return items[this.#below(items.length)];
  }

  #below(limit: number): number {
    return this.#random.below(limit);
  }

  #chance(probability: number): boolean {
    return this.#random.below(1_000) < probability * 1_000;
  }
}

const ACTIONS = [
  ...(['register', 'register', 'loseDevices', 'loseCaller', 'cancel'] as const),
  ...(['callee', 'callee', 'callee', 'callee', 'callee', 'callee'] as const),
  ...(['hangUp', 'hangUp', 'killMedia', 'server', 'engine'] as const),
] as const;
type Action = (typeof ACTIONS)[number] | 'dial';

it.each([1, 2, 3, 4, 5])(
  'calls that everything happens to end once each (seed %i)',
  async (seed) => {
    const chaos = new Chaos(seed);
    const { world } = chaos;
    await chaos.run();
    await world.expectClean();
    expect(world.records.length).toBeGreaterThanOrEqual(CALLS);
    expect(new Set(world.records.map(({ id }) => id)).size).toBe(world.records.length);
    expect(world.records.filter(({ end }) => end.code === 'CL_INTERNAL')).toEqual([]);
    const { browser } = await world.connect();
    browser.dialog!.hangUp();
    await world.expectClean();
  },
);
