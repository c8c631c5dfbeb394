import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startApp, type App } from '../../gateway/app.js';
import { loadConfig } from '../../gateway/config/load.js';
import type { ConfigInput } from '../../gateway/config/schema.js';
import { startDemoCarrier, type DemoCarrier } from '../../gateway/demo/demo-carrier.js';
import { systemClock } from '../../gateway/kernel/clock.js';
import { createLog } from '../../gateway/kernel/log.js';
import type { DrachtioSettings } from './external-sip-server.js';
import { GatewayBrowser } from './gateway-browser.js';
import { GatewayCarrier } from './gateway-carrier.js';
import { PASSWORD, REALM } from './signaling-rig.js';
import type { Cdr } from './gateway-world.js';

export interface ExternalGatewayOptions {
  server: DrachtioSettings;
  /** The built page; none is served without it. */
  webRoot?: string;
}

/** The demo's numbers go to the demo carrier, 900 to the scripted one, 901 to it after a silent one. */
function configOf(
  server: DrachtioSettings,
  ports: { demo: number; scripted: number; silent: number },
): ConfigInput {
  const trunk = { host: '127.0.0.1', codecs: ['opus', 'g722', 'pcmu', 'pcma'] } satisfies Partial<
    NonNullable<ConfigInput['trunks']>[number]
  >;
  return {
    web: { port: 0 },
    sip: { domain: REALM, server: { drachtio: { ...server, secret: '${SIP_SERVER_SECRET}' } } },
    media: { relay: { workers: 1, browser: { port: 0 }, carrier: { ports: { min: 0, max: 0 } } } },
    users: [
      {
        ...{ name: 'alice', password: '${ALICE_PASSWORD}', callerId: '+493012345670' },
        displayName: 'Älice "A" Bäcker',
      },
    ],
    trunks: [
      { name: 'demo', port: ports.demo, ...trunk },
      {
        ...{ name: 'scripted', port: ports.scripted, ...trunk },
        credentials: { username: 'account', password: '${CARRIER_PASSWORD}' },
      },
      { name: 'silent', port: ports.silent, noResponseTimeoutSeconds: 1, ...trunk },
    ],
    dialplan: {
      country: 'DE',
      routes: [
        { name: 'demo', short: ['183', '408', '486', '600', '700'], trunks: ['demo'] },
        { name: 'scripted', short: ['900'], trunks: ['scripted'] },
        { name: 'failover', short: ['901'], trunks: ['silent', 'scripted'] },
      ],
    },
    websocketGraceSeconds: 0,
  };
}

/** A gateway that speaks through a SIP server outside of it, with the demo carrier and a scripted one as trunks. */
export class ExternalGateway {
  readonly app: App;
  readonly demo: DemoCarrier;
  readonly scripted: GatewayCarrier;
  readonly #silent: GatewayCarrier;
  readonly log: string[];
  readonly #folder: string;
  readonly #browsers: GatewayBrowser[] = [];
  #closed: Promise<Cdr[]> | undefined;

  private constructor(parts: {
    app: App;
    demo: DemoCarrier;
    scripted: GatewayCarrier;
    silent: GatewayCarrier;
    log: string[];
    folder: string;
  }) {
    this.app = parts.app;
    this.demo = parts.demo;
    this.scripted = parts.scripted;
    this.#silent = parts.silent;
    this.log = parts.log;
    this.#folder = parts.folder;
  }

  static async start({ server, webRoot }: ExternalGatewayOptions): Promise<ExternalGateway> {
    const folder = await mkdtemp(join(tmpdir(), 'copperline-external-'));
    const log: string[] = [];
    const write = (line: string): void => void log.push(line);
    const appLog = createLog({ level: 'debug', destination: { write } });
    const demo = await startDemoCarrier({
      ...{ host: '127.0.0.1', port: 0, clock: systemClock },
      log: appLog.child({ part: 'demo-carrier' }),
    });
    const scripted = await GatewayCarrier.open();
    scripted.answerWhatEndsCalls();
    const silent = await GatewayCarrier.open();
    silent.goDeaf();
    const file = join(folder, 'copperline.yaml');
    const ports = { demo: demo.sipPort, scripted: scripted.port, silent: silent.port };
    await writeFile(file, JSON.stringify(configOf(server, ports)));
    const env = {
      SIP_SERVER_SECRET: server.secret,
      ALICE_PASSWORD: PASSWORD,
      CARRIER_PASSWORD: PASSWORD,
    };
    const { config, cdrFile } = await loadConfig({ file, env });
    const options = {
      config,
      cdrFile,
      webRoot: webRoot ?? folder,
      log: appLog,
      clock: systemClock,
    };
    const app = await startApp(options).catch(async (error: unknown) => {
      await demo.close();
      await scripted.close();
      await silent.close();
      throw error;
    });
    return new ExternalGateway({ app, demo, scripted, silent, log, folder });
  }

  /** A browser as far as SIP goes: a WebSocket at the gateway. */
  async browser(): Promise<GatewayBrowser> {
    const browser = await GatewayBrowser.open({ url: this.app.url, password: PASSWORD });
    this.#browsers.push(browser);
    return browser;
  }

  /** Resolves when no call, media session, WebSocket or carrier leg is open. */
  async settled(): Promise<void> {
    for (const browser of this.#browsers.splice(0)) await browser.close();
    await expect.poll(() => this.#open(), { timeout: 15_000 }).toEqual({});
  }

  /** Closes everything; resolves with the call detail records. Idempotent. */
  close(): Promise<Cdr[]> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #open(): Promise<object> {
    const { calls, media, web } = await this.app.counts();
    const open = {
      ...{ calls, sessions: media.sessions, ports: media.ports },
      ...{ sockets: web.connections, flows: web.flows, carrier: this.demo.counts().calls },
    };
    return Object.fromEntries(Object.entries(open).filter(([, count]) => count !== 0));
  }

  async #close(): Promise<Cdr[]> {
    for (const browser of this.#browsers.splice(0)) await browser.close();
    await this.app.close();
    await this.demo.close();
    await this.scripted.close();
    await this.#silent.close();
    const lines = (await readFile(join(this.#folder, 'data/cdr.jsonl'), 'utf8')).split('\n');
    await rm(this.#folder, { recursive: true, force: true });
    expect(this.log.filter((line) => line.includes(PASSWORD))).toEqual([]);
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Cdr);
  }
}
