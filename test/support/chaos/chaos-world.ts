import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startApp, type App } from '../../../gateway/app.js';
import { parseConfig } from '../../../gateway/config/parse.js';
import type { ConfigInput } from '../../../gateway/config/schema.js';
import { createLog } from '../../../gateway/kernel/log.js';
import { Secret } from '../../../gateway/kernel/secret.js';
import { startSipServer } from '../../../gateway/sip-server/server.js';
import type { SipServer } from '../../../gateway/sip-server/server-options.js';
import { CuttableRelay } from '../cuttable-relay.js';
import { GatewayBrowser } from '../gateway-browser.js';
import { SkippingClock } from '../gateway-clock.js';
import { freeUdpPort } from '../gateway-port.js';
import { gatewayConfig, SECRET_WORD, type Cdr } from '../gateway-world.js';
import type { SeededRandom } from '../sip/seeded-random.js';
import { ChaosCarrier } from './chaos-carrier.js';

const APPLICATION_SECRET = 'chaos-secret';
export const USERS = ['ann', 'ben', 'cat', 'dan', 'eve'];

const EXPECTED_ERRORS: ReadonlySet<string> = new Set(['media worker died']);
/** In all longer than the 30 s after which a worker, by its own clock, misses media: nothing else ends a call between two carriers that were both killed. */
const ROUNDS = 20;
const ROUND_MS = 2_000;

interface LogLine {
  level: number;
  msg: string;
  pid?: number;
}

/** A whole gateway, its SIP server behind a connection that can be cut, two media workers and two carriers that can be killed. */
export class ChaosWorld {
  readonly app: App;
  readonly clock: SkippingClock;
  readonly carriers: readonly [ChaosCarrier, ChaosCarrier];
  readonly log: LogLine[] = [];
  readonly #server: SipServer;
  readonly #relay: CuttableRelay;
  readonly #folder: string;
  readonly #random: SeededRandom;
  readonly #idleTimers: number;
  #started = 0;

  private constructor(parts: {
    app: App;
    clock: SkippingClock;
    carriers: readonly [ChaosCarrier, ChaosCarrier];
    server: SipServer;
    relay: CuttableRelay;
    folder: string;
    random: SeededRandom;
    log: LogLine[];
    idleTimers: number;
  }) {
    this.app = parts.app;
    this.clock = parts.clock;
    this.carriers = parts.carriers;
    this.log = parts.log;
    this.#server = parts.server;
    this.#relay = parts.relay;
    this.#folder = parts.folder;
    this.#random = parts.random;
    this.#idleTimers = parts.idleTimers;
    this.app.calls.events.on('started', () => this.#started++);
  }

  static async start(random: SeededRandom): Promise<ChaosWorld> {
    const clock = new SkippingClock();
    const log: LogLine[] = [];
    const appLog = createLog({
      level: 'debug',
      destination: { write: (line) => void log.push(JSON.parse(line) as LogLine) },
    });
    const sipPort = await freeUdpPort();
    const carriers = [
      await ChaosCarrier.open(0, sipPort, random),
      await ChaosCarrier.open(0, sipPort, random),
    ] as const;
    const host = '127.0.0.1';
    const server = await startSipServer({
      listeners: [
        { protocol: 'udp', host, port: sipPort },
        { protocol: 'ws', host, port: 0 },
      ],
      application: { host, port: 0, secret: new Secret(APPLICATION_SECRET) },
      ...{ log: appLog.child({ part: 'sip-server' }), clock },
    });
    const relay = await CuttableRelay.open(server.applicationAddress);
    const input = chaosConfig({
      ...{ sip: sipPort, carrier: carriers[0].port, second: carriers[1].port },
      ...{ application: relay.port, websocket: webSocketOf(server) },
    });
    const folder = mkdtempSync(join(tmpdir(), 'copperline-chaos-'));
    const app = await startApp({
      config: parseConfig(JSON.stringify(input), 'chaos.yaml', {}),
      ...{ cdrFile: join(folder, 'cdr.jsonl'), webRoot: folder, log: appLog, clock },
    });
    const idleTimers = server.counts().timers;
    return new ChaosWorld({
      ...{ app, clock, carriers, server, relay, folder, random, log, idleTimers },
    });
  }

  /** Calls that the gateway took notice of. */
  get started(): number {
    return this.#started;
  }

  open(user: string, sentBy?: string): Promise<GatewayBrowser> {
    return GatewayBrowser.open({ url: this.app.url, user, password: SECRET_WORD, sentBy });
  }

  /** Of the media workers that run now. */
  get workerPids(): number[] {
    const started = this.log.filter(({ msg }) => msg === 'media worker ready');
    return started.flatMap(({ pid = 0 }) => (isRunning(pid) ? [pid] : []));
  }

  killWorker(): void {
    const pids = this.workerPids;
    if (pids.length > 0) process.kill(this.#random.pick(pids), 'SIGKILL');
  }

  cutLink(): void {
    this.#relay.cut();
  }

  /** Every part says that it can take calls. */
  async recovered(): Promise<void> {
    await this.#eventually({
      skipMs: 10_000,
      look: async () => (await fetch(new URL('/health', this.app.url))).json(),
      wanted: expect.objectContaining({ up: true }),
    });
  }

  /** Nothing is open any more, and each call has left exactly one record, with a sentence. */
  async expectClean(): Promise<void> {
    await this.#eventually({ skipMs: 35_000, look: () => this.#open(), wanted: {} });
    await this.#eventually({
      ...{ skipMs: 65_000, look: () => this.#left(), wanted: this.#nothingLeft() },
    });
    expect(this.#unexpectedErrors()).toEqual([]);
    await expect.poll(() => this.#cdrs().length, { timeout: 10_000 }).toBe(this.#started);
    const records = this.#cdrs();
    expect(new Set(records.map(({ callId }) => callId)).size).toBe(this.#started);
    for (const { end } of records) expect(end.sentence).toMatch(/^[A-Z"].{10,}\.$/s);
    expect(records.filter(({ end }) => end.code === 'CL_INTERNAL')).toEqual([]);
  }

  /**
   * Looks again and again. Now and then what waits for a peer that is gone, or before it starts again, is let have waited long
   * enough; seldom, since requests to media workers have a time limit too, and those are not faster than the machine is.
   */
  async #eventually(what: {
    skipMs: number;
    look: () => Promise<unknown>;
    wanted: unknown;
  }): Promise<void> {
    const { skipMs, look, wanted } = what;
    for (let round = 0; round < ROUNDS; round += 1) {
      const found = await expect
        .poll(look, { timeout: ROUND_MS })
        .toEqual(wanted)
        .then(
          () => true,
          () => false,
        );
      if (found) return;
      await this.clock.skip(skipMs);
    }
    expect(await look()).toEqual(wanted);
  }

  /** How many calls ended how. */
  ends(): Record<string, number> {
    const ends: Record<string, number> = {};
    for (const { end } of this.#cdrs()) ends[end.code] = (ends[end.code] ?? 0) + 1;
    return ends;
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.#relay.close();
    await this.#server.close();
    for (const carrier of this.carriers) await carrier.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What the gateway says about itself that no kill explains. */
  #unexpectedErrors(): LogLine[] {
    return this.log.filter(({ level, msg }) => level >= 50 && !EXPECTED_ERRORS.has(msg));
  }

  #cdrs(): Cdr[] {
    const lines = readFileSync(join(this.#folder, 'cdr.jsonl'), 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Cdr);
  }

  async #open(): Promise<object> {
    const { calls, media, web } = await this.app.counts();
    const { dialogs, waiting, flows } = this.#server.counts();
    const open = {
      ...{ calls, sessions: media.sessions, ports: media.ports, web: web.connections },
      ...{ webFlows: web.flows, dialogs, waiting, flows },
    };
    return Object.fromEntries(Object.entries(open).filter(([, count]) => count !== 0));
  }

  #left(): Promise<object> {
    const { transactions, bindings, timers, applications } = this.#server.counts();
    return Promise.resolve({ transactions, bindings, timers, applications });
  }

  #nothingLeft(): object {
    return { transactions: 0, bindings: 0, timers: this.#idleTimers, applications: 1 };
  }
}

function webSocketOf(server: SipServer): string {
  const contact = server.contacts.find((one) => one.startsWith('ws/')) ?? '';
  return `ws://${contact.slice(3)}`;
}

/** 600 goes to the first carrier, 700 to both in turn; each user has a number, and all have one together. */
function chaosConfig(ports: {
  sip: number;
  carrier: number;
  second: number;
  application: number;
  websocket: string;
}): ConfigInput {
  const { application, websocket, ...own } = ports;
  const config = gatewayConfig(own);
  const drachtio = { host: '127.0.0.1', port: application, secret: APPLICATION_SECRET, websocket };
  const { media = {} } = config;
  return {
    ...config,
    sip: { ...config.sip, server: { drachtio } },
    media: { ...media, relay: { ...media.relay, workers: 2 } },
    users: USERS.map((name) => ({ name, password: SECRET_WORD })),
    trunks: (config.trunks ?? []).map((trunk) => ({
      ...{ ...trunk, noResponseTimeoutSeconds: 2, noAnswerTimeoutSeconds: 5, transfer: 'follow' },
    })),
    inbound: {
      numbers: [
        ...USERS.map((name, index) => ({ name, numbers: [`+49301000${index}`], user: name })),
        { name: 'all', numbers: ['+493020000'], group: 'all' },
      ],
      groups: [{ name: 'all', members: USERS.slice(0, 3).map((user) => ({ user })) }],
      ...{ ringSeconds: 5, reconnectSeconds: 1 },
    },
    websocketGraceSeconds: 2,
    log: { level: 'debug' },
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
