import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ChaosPage } from '../../support/chaos/chaos-page.js';
import { ChaosWorld, USERS } from '../../support/chaos/chaos-world.js';
import { SeededRandom } from '../../support/sip/seeded-random.js';

/** Calls over real SIP and real media while everything they need is killed. `COPPERLINE_CHAOS_CALLS=500` asks for more of them. */
const CALLS = Number(process.env['COPPERLINE_CHAOS_CALLS'] ?? 40);
const SEED = Number(process.env['COPPERLINE_CHAOS_SEED'] ?? 1);
/** At once. */
const SCRIPTS = 10;

vi.setConfig({ testTimeout: 60_000 + CALLS * 2_000, hookTimeout: 60_000 });

let world: ChaosWorld;
let random: SeededRandom;
let pages: ChaosPage[] = [];
const warnings: Error[] = [];
const onWarning = (warning: Error): void => void warnings.push(warning);

beforeEach(async () => {
  process.on('warning', onWarning);
  random = new SeededRandom(SEED);
  world = await ChaosWorld.start(random);
});
afterEach(async () => {
  process.off('warning', onWarning);
  for (const page of pages) await page.close();
  await world.close();
});

async function openPages(): Promise<void> {
  pages = USERS.map(
    (user) =>
      new ChaosPage({
        ...{ user, random, open: (name, sentBy) => world.open(name, sentBy) },
        others: [...USERS.filter((other) => other !== user), '600', '700'],
      }),
  );
  for (const page of pages) await page.signIn();
}

/** One call from somewhere to somewhere, until it is over for whoever made it. */
function anyCall(): Promise<void> {
  const kind = random.below(8);
  if (kind < 3) return random.pick(pages).call(random.pick(['600', '700']));
  if (kind < 5) return random.pick(pages).call(random.pick(USERS));
  const number = kind === 5 ? '+493020000' : `+49301000${random.below(USERS.length)}`;
  return random.pick(world.carriers).call(number);
}

/** In every direction, with audio. */
async function newCallsWork(): Promise<void> {
  await openPages();
  for (const one of [...pages, ...world.carriers]) one.calm = true;
  await pages[0]?.calmCall('600');
  await pages[0]?.calmCall(USERS[1] ?? '');
  await world.carriers[0].calmCall('+493010001');
  for (const page of pages) await page.close();
}

const TARGETS = ['webSocket', 'worker', 'carrier', 'link', 'webSocket'] as const;
const kills = { webSocket: 0, worker: 0, carrier: 0, link: 0 };

const struckAll = (): boolean => Object.values(kills).every((count) => count > 0);

/** Strikes after a random number of things that calls go through: in any of their states, and between any two. */
class Killer {
  #left = 10;
  #strikes = random.below(TARGETS.length);
  #unlisten: () => void = () => undefined;
  readonly #under = new Set<Promise<void>>();
  readonly #onEvent = (): void => {
    this.#left -= 1;
    if (this.#left > 0) return;
    this.#left = 5 + random.below(30);
    const strike = this.#strike().finally(() => this.#under.delete(strike));
    this.#under.add(strike);
  };

  start(): void {
    this.#unlisten = world.app.calls.events.on('changed', this.#onEvent);
  }

  async stop(): Promise<void> {
    this.#unlisten();
    await Promise.all(this.#under);
  }

  async #strike(): Promise<void> {
    const what = TARGETS[this.#strikes++ % TARGETS.length] ?? 'webSocket';
    kills[what] += 1;
    if (what === 'webSocket') await random.pick(pages).vanish();
    else if (what === 'worker') world.killWorker();
    else if (what === 'carrier') await random.pick(world.carriers).restart();
    else world.cutLink();
  }
}

it('calls whose WebSockets, media workers, carriers and SIP server connection die end once each, and new ones work', async () => {
  await openPages();
  const killer = new Killer();
  killer.start();
  const scripts = Array.from({ length: SCRIPTS }, async () => {
    while (world.started < CALLS || !struckAll()) await anyCall();
  });
  await Promise.all(scripts);
  await killer.stop();
  for (const page of pages) await page.close();
  await world.recovered();
  await newCallsWork();
  await world.expectClean();
  if (CALLS > 100) {
    const figures = { calls: world.started, kills, ends: world.ends() };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  }
  expect(warnings).toEqual([]);
});
