import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../gateway/config/schema.js';
import { browserOffer } from '../support/gateway-sdp.js';
import { GatewayWorld, SECRET_WORD } from '../support/gateway-world.js';
import { runSipp, whyNoSipp, type SippRun } from '../support/sipp.js';
import { TRUNKS } from './sipp/trunk-scenarios.js';

type TrunkInput = NonNullable<ConfigInput['trunks']>[number];

const missing = whyNoSipp();
let folder: string;
let world: GatewayWorld;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunk-sipp-'));
});
afterEach(() => world.close());
afterAll(() => {
  rmSync(folder, { recursive: true });
});

let serial = 0;

function sipp(name: keyof typeof TRUNKS): Promise<SippRun> {
  const file = join(folder, `${name}-${++serial}.xml`);
  writeFileSync(file, TRUNKS[name]);
  return runSipp(1, ['-sf', file]);
}

/** The gateway with these settings for its trunks. */
async function startWith(changes: readonly Partial<TrunkInput>[]): Promise<void> {
  world = await GatewayWorld.start((config) => ({
    ...config,
    trunks: (config.trunks ?? []).map((trunk, index) => ({ ...trunk, ...changes[index] })),
  }));
}

/** A trunk that registers at these, in order or at all of them. */
function registering(at: readonly SippRun[], mode: 'in-order' | 'all' = 'in-order') {
  const registrars = at.map(({ port }) => `sip:127.0.0.1:${port}`);
  const credentials = { username: 'acct', password: SECRET_WORD };
  return startWith([{ credentials, registration: { registrars, mode } }]);
}

async function registrations(): Promise<{ registrar: string; state: string }[]> {
  const response = await fetch(new URL('/api/trunks', world.app.url));
  const [trunk] = (await response.json()) as { registrations: [] }[];
  return trunk?.registrations ?? [];
}

/** The registrars have had everything that their scenarios say, the farewell too. */
async function leave(runs: readonly SippRun[]): Promise<void> {
  await world.app.close();
  await Promise.all(runs.map(({ done }) => done));
}

describe.skipIf(missing !== undefined)(
  `trunks and sipp${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    it.each(['brief', 'stale'] as const)('as a registrar: %s', async (name) => {
      const registrar = await sipp(name);
      await registering([registrar]);
      await expect
        .poll(registrations, { timeout: 10_000 })
        .toMatchObject([{ state: 'registered', expiresS: 1800 }]);
      await leave([registrar]);
    });

    it('as two registrars, of which the first is down', async () => {
      const registrars = [await sipp('refusingRegistrar'), await sipp('registrar')];
      await registering(registrars);
      await expect
        .poll(registrations, { timeout: 10_000 })
        .toMatchObject([
          { state: 'registered', registrar: `sip:127.0.0.1:${registrars[1]?.port}` },
        ]);
      await leave(registrars);
    });

    it('as two registrars that both want to know us', async () => {
      const registrars = [await sipp('registrar'), await sipp('registrar')];
      await registering(registrars, 'all');
      await expect.poll(registrations, { timeout: 10_000 }).toMatchObject(
        registrars.map(({ port }) => ({
          ...{ state: 'registered', registrar: `sip:127.0.0.1:${port}` },
        })),
      );
      await leave(registrars);
    });

    it('as a carrier that asks for a rest: the next trunk has the call, and the next call at once', async () => {
      const busy = await sipp('busyCarrier');
      const good = await runSipp(2, ['-sn', 'uas']);
      await startWith([{ port: busy.port }, { port: good.port }]);
      for (let call = 0; call < 2; call++) {
        const browser = await world.browser();
        const invite = await browser.invite('700', browserOffer());
        const ok = await browser.answerTo(invite, 200);
        browser.callerRequest('ACK', ok, { sequence: 2 });
        await world.hangUp({ browser, invite, ok, carrierInvite: invite });
      }
      await Promise.all([busy.done, good.done]);
      const cdrs = await world.settle(2);
      expect(cdrs.map(({ trunk }) => trunk)).toEqual(['second', 'second']);
      expect(cdrs.map(({ attempts }) => (attempts as []).length)).toEqual([1, 0]);
    });
  },
);
