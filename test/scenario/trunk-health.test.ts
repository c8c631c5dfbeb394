import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog } from '../../gateway/kernel/log.js';
import { TrunkHealth, type HealthState } from '../../gateway/trunks/trunk-health.js';
import { testTrunk } from '../support/call-world.js';
import { ManualClock } from '../support/manual-clock.js';
import { ScriptedSipClient } from '../support/scripted-sip-client.js';

const OK = { status: 200 };
let clock: ManualClock;
let client: ScriptedSipClient;
let health: TrunkHealth;
let states: HealthState[];
let lines: string[];

beforeEach(async () => {
  clock = new ManualClock();
  client = new ScriptedSipClient(() => OK);
  states = [];
  lines = [];
  const policy = { intervalMs: 60_000, timeoutMs: 5_000, retryMs: 4_000, failuresToDown: 3 };
  health = new TrunkHealth({
    ...{ trunk: testTrunk('acme', { health: policy }), client, clock, random: () => 1 },
    log: createLog({ level: 'trace', destination: { write: (line) => void lines.push(line) } }),
    onChanged: (state) => void states.push(state),
  });
  health.start();
  await clock.advanceAsync(0);
});

afterEach(async () => {
  await health.close();
  expect(clock.pending).toBe(0);
});

describe('the health of a trunk', () => {
  it('is asked for at its interval, and says nothing while all is well', async () => {
    expect(client.last).toMatchObject({ method: 'OPTIONS', uri: 'sip:acme.example;transport=udp' });
    await clock.advanceAsync(120_000);
    expect(client.sent).toHaveLength(3);
    expect(states).toEqual([]);
    expect(lines).toEqual([]);
  });

  it.each([404, 405, 481, 500, 401])('is good whatever is answered, %i too', async (status) => {
    client.behave(() => ({ status }));
    await clock.advanceAsync(60_000);
    expect(health.state).toBe('up');
  });

  it('goes down after failures in a row, with one line per change, and recovers fast', async () => {
    client.behave(() => ({ status: 408, local: true }));
    await clock.advanceAsync(60_000);
    expect(health.state).toBe('degraded');
    await clock.advanceAsync(8_000);
    expect(states).toEqual(['degraded', 'down']);
    await clock.advanceAsync(40_000);
    expect(lines).toHaveLength(2);
    expect(health.sentence).toBe(
      'The trunk "acme" is down: it did not answer OPTIONS, 3 times in a row.',
    );
    client.behave(() => OK);
    await clock.advanceAsync(4_000);
    expect(health.state).toBe('degraded');
    await clock.advanceAsync(4_000);
    expect(states).toEqual(['degraded', 'down', 'degraded', 'up']);
    expect(health.sentence).toBeUndefined();
  });

  it('knows a 503, a silence, and a way that is closed, by their facts', async () => {
    const facts: (string | undefined)[] = [];
    const Reason = 'SIP;cause=503;text="No connection to 192.0.2.1:5061: certificate has expired."';
    const answers = [
      { status: 503, reason: 'Maintenance' },
      undefined,
      { status: 503, local: true, headers: { Reason } },
    ];
    for (const answer of answers) {
      client.behave(() => answer);
      await clock.advanceAsync(60_000 + 5_000);
      facts.push(health.sentence);
      client.behave(() => OK);
      await clock.advanceAsync(10_000);
    }
    expect(facts[0]).toContain('it answered OPTIONS with 503 Maintenance');
    expect(facts[1]).toContain('it did not answer OPTIONS');
    expect(facts[2]).toContain('certificate has expired');
  });

  it('hears of calls that found nobody, and asks at once', async () => {
    const before = client.sent.length;
    client.behave(() => undefined);
    health.noteCall('an INVITE got no answer');
    expect(health.state).toBe('degraded');
    await clock.advanceAsync(0);
    expect(client.sent).toHaveLength(before + 1);
    health.noteCall(undefined);
    expect(health.state).toBe('up');
  });
});
