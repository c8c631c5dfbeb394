import { expect } from 'vitest';
import type { Dialplan } from '../../dialplan/plan.js';
import { Calls, DEFAULT_CALL_LIMITS, type CallsOptions } from '../../gateway/calls/calls.js';
import type { CallRecord } from '../../gateway/calls/call-events.js';
import { InboundNumbers, type InboundRule } from '../../gateway/calls/inbound-numbers.js';
import { silentLog, type Log } from '../../gateway/kernel/log.js';
import { Secret } from '../../gateway/kernel/secret.js';
import { writeCdrs } from '../../gateway/ops/cdr.js';
import { TRUNK_DEFAULTS, type Trunk } from '../../gateway/trunks/trunk.js';
import { ManualClock, settle } from './manual-clock.js';
import { MemoryDevices } from './memory-devices.js';
import { MemoryEndpoint, type BrowserCall, type CarrierCall } from './memory-sip.js';
import { ScriptedEngine } from './scripted-engine.js';

export function testTrunk(name: string, changes: Partial<Trunk> = {}): Trunk {
  return { ...TRUNK_DEFAULTS, name, host: `${name}.example`, ...changes };
}

/** `+...` goes to every trunk in order, 112 as an emergency call; `900...` is forbidden; the rest is unknown. */
function planFor(trunks: readonly Trunk[]): Dialplan {
  return {
    plan: (dialled) => {
      if (dialled.startsWith('900')) {
        const sentence = 'Numbers that start with 900 are not allowed.';
        return {
          ...{
            kind: 'refuse',
            code: 'CL_DIAL_FORBIDDEN',
            sipStatus: 403,
            sentence,
            rule: 'premium',
          },
        };
      }
      if (dialled === '112') {
        const routes = trunks.map(({ name }) => ({ trunk: name, number: dialled }));
        return { kind: 'route', number: dialled, rule: 'emergency', routes, emergency: true };
      }
      if (!dialled.startsWith('+')) {
        const sentence = `No rule matches ${dialled}.`;
        return {
          ...{
            kind: 'refuse',
            code: 'CL_DIAL_NO_ROUTE',
            sipStatus: 404,
            sentence,
            rule: undefined,
          },
        };
      }
      const routes = trunks.map(({ name }) => ({ trunk: name, number: dialled }));
      return { kind: 'route', number: dialled, rule: 'everything', routes };
    },
  };
}

/** What users may dial to reach each other. */
const INTERNAL: Readonly<Record<string, string>> = {
  ...{ bob: 'bob', '22': 'bob', alice: 'alice' },
  // No user can be in the way of an emergency call.
  '112': 'bob',
};

export interface WorldOptions {
  trunks?: readonly Trunk[];
  limits?: Partial<CallsOptions['limits']>;
  timeouts?: Partial<CallsOptions['timeouts']>;
  inbound?: readonly InboundRule[];
  holdMusic?: string;
  /** Draws of weighted groups. */
  random?: () => number;
  log?: Log;
}

/** Call control between scripted browsers, carriers and media, under a clock that the test moves. */
export class CallWorld {
  readonly clock = new ManualClock();
  readonly endpoint = new MemoryEndpoint();
  readonly engine = new ScriptedEngine();
  readonly devices = new MemoryDevices();
  readonly calls: Calls;
  readonly records: CallRecord[] = [];
  readonly cdrLines: string[] = [];
  #started = 0;

  constructor(options: WorldOptions = {}) {
    const trunks = options.trunks ?? [testTrunk('one')];
    this.calls = new Calls({
      ...{ endpoint: this.endpoint, engine: this.engine, dialplan: planFor(trunks), trunks },
      findUser: (user) => ({
        ...{ password: new Secret('x'), displayName: `Name of ${user}`, callerId: '+4930111' },
      }),
      browserLeg: () => ({
        ...{ kind: 'webrtc', codecs: ['opus', 'pcma'], minToneMs: 80, minGapMs: 60, ptimeMs: 20 },
      }),
      ...{ devices: this.devices, domain: 'gateway.test', ringMs: 30_000, reconnectMs: 5_000 },
      inbound: new InboundNumbers(options.inbound ?? [], 'DE'),
      userBehind: (dialled) => INTERNAL[dialled],
      holdMusic: options.holdMusic,
      toneCountry: 'DE',
      ...(options.random === undefined ? {} : { random: options.random }),
      limits: { ...DEFAULT_CALL_LIMITS, ...options.limits },
      timeouts: { ...DEFAULT_CALL_LIMITS, ...options.timeouts },
      clock: this.clock,
      log: options.log ?? silentLog,
    });
    this.calls.events.on('started', () => this.#started++);
    this.calls.events.on('ended', (record) => this.records.push(record));
    writeCdrs(this.calls.events, {
      write: (line) => this.cdrLines.push(line),
      close: () => Promise.resolve(),
    });
  }

  /** Lets everything that can happen now happen. */
  async settle(): Promise<void> {
    for (let round = 0; round < 5; round++) await settle();
  }

  /** A browser dials, and the INVITE reached the first carrier. */
  async dial(number = '+49301234'): Promise<{ browser: BrowserCall; carrier: CarrierCall }> {
    const browser = this.endpoint.browserDials(number);
    await this.settle();
    return { browser, carrier: this.lastCarrierCall() };
  }

  /** A call that is up. */
  async connect(): Promise<{ browser: BrowserCall; carrier: CarrierCall }> {
    const both = await this.dial();
    both.carrier.ring();
    both.carrier.answer();
    await this.settle();
    expect(both.browser.dialog?.open).toBe(true);
    return both;
  }

  lastCarrierCall(): CarrierCall {
    const call = this.endpoint.carrierCalls.at(-1);
    if (call === undefined) throw new Error('no carrier was called');
    return call;
  }

  get lastRecord(): CallRecord {
    const record = this.records.at(-1);
    if (record === undefined) throw new Error('no call has ended');
    return record;
  }

  /** The leak check: one record and one CDR per call, and nothing is open. */
  async expectClean(): Promise<void> {
    await this.settle();
    expect(this.calls.list()).toEqual([]);
    expect(this.records).toHaveLength(this.#started);
    expect(this.cdrLines).toHaveLength(this.#started);
    expect(await this.engine.counts()).toMatchObject({ sessions: 0, ports: 0 });
    expect(this.endpoint.counts()).toEqual({ dialogs: 0, invites: 0 });
    expect(this.devices.listeners).toBe(0);
    expect(this.clock.pending).toBe(0);
  }
}
