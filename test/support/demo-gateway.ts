import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, type App } from '../../gateway/app.js';
import { demoConfig } from '../../gateway/config/demo-config.js';
import type { CopperlineConfig } from '../../gateway/config/schema.js';
import { startDemoCarrier, type DemoCarrier } from '../../gateway/demo/demo-carrier.js';
import { systemClock } from '../../gateway/kernel/clock.js';
import { silentLog, type Log } from '../../gateway/kernel/log.js';

export interface DemoGatewayOptions {
  /** The built page. */
  webRoot: string;
  log?: Log;
  /** What the carrier's trunk speaks. */
  codecs?: readonly ('opus' | 'g722' | 'pcmu' | 'pcma')[];
  /** Origins of pages that may carry the widget. */
  siteOrigins?: readonly string[];
  /** How long a call waits for a page that went away; the demo's own otherwise. */
  graceSeconds?: number;
  /** Other settings of the web server than the demo's. */
  web?: Partial<CopperlineConfig['web']>;
  /** Other settings of the media than the demo's. */
  media?: Partial<CopperlineConfig['media']>;
}

/** The whole demo as `npm start` runs it, on free ports, with its CDRs in a folder of its own. */
export class DemoGateway {
  readonly app: App;
  readonly carrier: DemoCarrier;
  readonly #config: CopperlineConfig;
  readonly #folder: string;
  #closed: Promise<Record<string, unknown>[]> | undefined;

  private constructor(parts: {
    app: App;
    carrier: DemoCarrier;
    config: CopperlineConfig;
    folder: string;
  }) {
    this.app = parts.app;
    this.#config = parts.config;
    this.carrier = parts.carrier;
    this.#folder = parts.folder;
  }

  static async start(options: DemoGatewayOptions): Promise<DemoGateway> {
    const log = options.log ?? silentLog;
    const folder = await mkdtemp(join(tmpdir(), 'copperline-demo-'));
    const carrier = await startDemoCarrier({ host: '127.0.0.1', port: 0, log, clock: systemClock });
    const { config, access } = demoConfig({
      carrier: { host: carrier.host, port: carrier.sipPort },
      ...(options.codecs === undefined ? {} : { codecs: options.codecs }),
      ...(options.siteOrigins === undefined ? {} : { siteOrigins: options.siteOrigins }),
      ports: { web: 0, sip: 0, browserMedia: 0 },
    });
    try {
      const app = await startApp({
        config: {
          ...{ ...config, media: { ...config.media, ...options.media } },
          websocketGraceSeconds: options.graceSeconds ?? config.websocketGraceSeconds,
          web: { ...config.web, ...options.web },
        },
        demo: { access, carrier },
        cdrFile: cdrFile(folder),
        webRoot: options.webRoot,
        log,
        clock: systemClock,
      });
      return new DemoGateway({ app, carrier, config, folder });
    } catch (error) {
      await carrier.close();
      throw error;
    }
  }

  /** What a user of the demo signs in with. */
  account(user: string): { user: string; password: string } {
    const found = this.#config.users.find(({ name }) => name === user);
    if (found === undefined) throw new Error(`the demo has no user ${user}`);
    return { user, password: found.password.reveal() };
  }

  /** Closes everything; resolves with the call detail records that were written. Idempotent. */
  close(): Promise<Record<string, unknown>[]> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<Record<string, unknown>[]> {
    await this.app.close();
    await this.carrier.close();
    const lines = (await readFile(cdrFile(this.#folder), 'utf8')).split('\n');
    await rm(this.#folder, { recursive: true, force: true });
    return lines
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

function cdrFile(folder: string): string {
  return join(folder, 'cdr.jsonl');
}
