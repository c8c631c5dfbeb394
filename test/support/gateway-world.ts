import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { startApp, type App } from '../../gateway/app.js';
import { parseConfig } from '../../gateway/config/parse.js';
import type { ConfigInput } from '../../gateway/config/schema.js';
import { createLog } from '../../gateway/kernel/log.js';
import { freeUdpPort } from './gateway-port.js';
import { GatewayBrowser } from './gateway-browser.js';
import { GatewayCarrier } from './gateway-carrier.js';
import { SkippingClock } from './gateway-clock.js';
import { browserOffer, carrierAnswer } from './gateway-sdp.js';
import { SHOP } from './widget-site.js';
import { REALM } from './signaling-rig.js';
import type { PeerMessage } from './sip-peer-message.js';

// A message that never comes must not hold up the whole suite.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

/** For what takes no time on a machine that has any. */
const PATIENCE = { timeout: 10_000 };

/** A word that occurs nowhere else, so that any trace of it in a log is a leak. */
export const SECRET_WORD = 'Zm9vYmFy-Kw7';

/** 600 and 601 go to the carrier, 700 to the carrier and then to the second one; nothing else is known. */
export function gatewayConfig(ports: {
  sip: number;
  carrier: number;
  second: number;
}): ConfigInput {
  const trunk = { host: '127.0.0.1', codecs: ['pcmu', 'pcma'] } satisfies Partial<
    NonNullable<ConfigInput['trunks']>[number]
  >;
  return {
    web: { port: 0, pingIntervalSeconds: 3_600, messagesPerSecond: 50 },
    sip: { domain: REALM, server: { embedded: { udp: { port: ports.sip } } } },
    media: { relay: { workers: 1, browser: { port: 0 }, carrier: { ports: { min: 0, max: 0 } } } },
    users: ['alice', 'bob'].map((name) => ({ name, password: SECRET_WORD })),
    trunks: [
      { name: 'carrier', port: ports.carrier, ...trunk },
      { name: 'second', port: ports.second, ...trunk },
    ],
    dialplan: {
      country: 'DE',
      routes: [
        { name: 'one', short: ['600', '601'], trunks: ['carrier'] },
        { name: 'both', short: ['700'], trunks: ['carrier', 'second'] },
      ],
    },
    limits: { maxCallsPerUser: 50 },
    log: { level: 'trace' },
  };
}

type LogLine = Record<string, unknown> & { msg: string; level: number };
export type Cdr = Record<string, unknown> & {
  end: { by: string; code: string; sipStatus: number; sentence: string };
  media?: Record<
    'caller' | 'callee',
    { packetsReceived: number; packetsSent: number; packetsRejected: number }
  >;
};

/** A call that is up, by the messages that made it. */
export interface UpCall {
  browser: GatewayBrowser;
  /** The browser's INVITE and its 200. */
  invite: PeerMessage;
  ok: PeerMessage;
  /** The INVITE that the carrier got. */
  carrierInvite: PeerMessage;
}

/** The whole gateway with a scripted carrier or two, real WebSockets, and a clock that can be pushed. */
export class GatewayWorld {
  readonly clock: SkippingClock;
  readonly app: App;
  readonly carrier: GatewayCarrier;
  readonly second: GatewayCarrier;
  readonly sipPort: number;
  readonly #lines: string[];
  readonly #folder: string;
  readonly #browsers: GatewayBrowser[] = [];
  readonly #idleTimers: number;
  #seenLines = 0;
  #seenCdrs = 0;

  private constructor(parts: {
    app: App;
    clock: SkippingClock;
    carriers: readonly [GatewayCarrier, GatewayCarrier];
    sipPort: number;
    lines: string[];
    folder: string;
    idleTimers: number;
  }) {
    this.app = parts.app;
    this.clock = parts.clock;
    [this.carrier, this.second] = parts.carriers;
    this.sipPort = parts.sipPort;
    this.#lines = parts.lines;
    this.#folder = parts.folder;
    this.#idleTimers = parts.idleTimers;
  }

  static async start(
    change: (config: ConfigInput) => ConfigInput = (config) => config,
  ): Promise<GatewayWorld> {
    const clock = new SkippingClock();
    const carriers = [await GatewayCarrier.open(), await GatewayCarrier.open()] as const;
    const sipPort = await freeUdpPort();
    const input = gatewayConfig({
      ...{ sip: sipPort, carrier: carriers[0].port, second: carriers[1].port },
    });
    const folder = mkdtempSync(join(tmpdir(), 'copperline-world-'));
    const lines: string[] = [];
    const app = await startApp({
      config: parseConfig(JSON.stringify(change(input)), 'test.yaml', {}),
      cdrFile: join(folder, 'cdr.jsonl'),
      webRoot: folder,
      log: createLog({ level: 'trace', destination: { write: (line) => void lines.push(line) } }),
      clock,
    });
    const idleTimers = (await app.counts()).sip?.timers ?? 0;
    return new GatewayWorld({ app, clock, carriers, sipPort, lines, folder, idleTimers });
  }

  /** Log lines since the last settle(). */
  get log(): LogLine[] {
    return this.#lines.slice(this.#seenLines).map((line) => JSON.parse(line) as LogLine);
  }

  /** Of the media worker that started last. */
  get workerPid(): number {
    const lines = this.#lines.map((line) => JSON.parse(line) as LogLine);
    return Number(lines.findLast(({ msg }) => msg === 'media worker ready')?.['pid']);
  }

  /** Call detail records since the last settle(). */
  get cdrs(): Cdr[] {
    const lines = readFileSync(join(this.#folder, 'cdr.jsonl'), 'utf8').split('\n');
    return lines
      .filter((line) => line !== '')
      .slice(this.#seenCdrs)
      .map((line) => JSON.parse(line) as Cdr);
  }

  async browser(user = 'alice', sentBy?: string): Promise<GatewayBrowser> {
    const options = { url: this.app.url, user, password: SECRET_WORD, sentBy };
    const browser = await GatewayBrowser.open(options);
    this.#browsers.push(browser);
    return browser;
  }

  /** The browser of a visitor with a one-call token. */
  async visitor(
    token: string,
    options: { origin?: string; localAddress?: string; user?: string } = {},
  ): Promise<GatewayBrowser> {
    const { user = 'widget~shop', origin = SHOP, ...rest } = options;
    const visit = { token, origin, ...rest };
    const browser = await GatewayBrowser.open({ url: this.app.url, user, password: '', visit });
    this.#browsers.push(browser);
    return browser;
  }

  /** A call that is up and has signalling only, unless other SDP is given. */
  async connect(
    options: { browser?: GatewayBrowser; offer?: string; answer?: (offer: string) => string } = {},
  ): Promise<UpCall> {
    const browser = options.browser ?? (await this.browser());
    const invite = await browser.invite('600', options.offer ?? browserOffer());
    const carrierInvite = await this.carrier.next('INVITE');
    this.carrier.reply(carrierInvite, 180);
    await browser.answerTo(invite, 180);
    const body = options.answer?.(carrierInvite.body) ?? carrierAnswer();
    this.carrier.reply(carrierInvite, 200, { body });
    const ok = await browser.answerTo(invite, 200);
    browser.callerRequest('ACK', ok, { sequence: 2 });
    return { browser, invite, ok, carrierInvite };
  }

  /** The browser hangs up. */
  async hangUp({ browser, ok }: UpCall): Promise<void> {
    browser.callerRequest('BYE', ok, { sequence: 3 });
    await browser.next(200, 'BYE');
  }

  /**
   * How every test ends: nothing is open, one record and one summary line per call, each with a plain sentence, and
   * no secret in the log, and no error but those named. Leaves the gateway as a new one.
   */
  async settle(
    calls: number,
    secrets: readonly (string | RegExp)[] = [],
    errors: readonly string[] = [],
  ): Promise<Cdr[]> {
    try {
      for (const browser of this.#browsers.splice(0)) await browser.close();
      await expect.poll(() => this.#open(), PATIENCE).toEqual({});
      await this.skip(65_000);
      await expect.poll(() => this.#left(), PATIENCE).toEqual(this.#nothingLeft());
      await expect.poll(() => this.cdrs.length, PATIENCE).toBe(calls);
      const { cdrs, log } = this;
      for (const { end } of cdrs) expect(end.sentence).toMatch(/^[A-Z"].{10,}\.$/s);
      expect(log.filter(({ msg }) => msg === 'call ended')).toHaveLength(calls);
      this.#expectNoSecret([SECRET_WORD, ...secrets]);
      expect(log.filter(({ level }) => level === 50).map(({ msg }) => msg)).toEqual(errors);
      return cdrs;
    } finally {
      this.#seenCdrs += this.cdrs.length;
      this.#seenLines = this.#lines.length;
      this.carrier.reset();
      this.second.reset();
    }
  }

  /**
   * Lets so much time pass, once the media worker has answered what it was asked before: to one that has not in 10 s, however quickly
   * they pass, the gateway is as hard as to one that hangs.
   */
  async skip(ms: number): Promise<void> {
    await this.app.counts();
    await this.clock.skip(ms);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.carrier.close();
    await this.second.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #open(): Promise<object> {
    const { calls, media, sip, web } = await this.app.counts();
    const open = {
      ...{ calls, sessions: media.sessions, ports: media.ports, web: web.connections },
      ...{ webFlows: web.flows, dialogs: sip?.dialogs, waiting: sip?.waiting },
      sipFlows: sip?.flows,
    };
    return Object.fromEntries(Object.entries(open).filter(([, count]) => (count ?? 0) !== 0));
  }

  async #left(): Promise<object> {
    const { sip, web } = await this.app.counts();
    if (sip === undefined) return this.#nothingLeft();
    const { transactions, bindings, timers } = sip;
    return { transactions, bindings, timers, visits: web.visits };
  }

  /** The SIP server's own timers aside, which are there from its start. */
  #nothingLeft(): object {
    return { transactions: 0, bindings: 0, timers: this.#idleTimers, visits: 0 };
  }

  #expectNoSecret(secrets: readonly (string | RegExp)[]): void {
    const written = [
      ...this.#lines.slice(this.#seenLines),
      ...this.cdrs.map((cdr) => JSON.stringify(cdr)),
    ];
    for (const secret of secrets) {
      const leaks = written.filter((line) =>
        typeof secret === 'string' ? line.includes(secret) : secret.test(line),
      );
      expect(leaks).toEqual([]);
    }
    expect(written.filter((line) => line.includes('CL_INTERNAL'))).toEqual([]);
  }
}
