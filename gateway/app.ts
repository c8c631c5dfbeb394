import { createDialplan } from '../dialplan/create-dialplan.js';
import type { Dialplan } from '../dialplan/plan.js';
import { startMediaEngine } from './app-media.js';
import {
  browserLegs,
  inboundSettings,
  registrarLimits,
  trunkOf,
  userLookup,
} from './app-settings.js';
import { startMetrics } from './app-metrics.js';
import { sitesOf } from './app-sites.js';
import { startSip } from './app-sip.js';
import { openTrunkGate, startTrunks, trunksVerdict } from './app-trunks.js';
import { Calls } from './calls/calls.js';
import type { DemoAccess } from './config/demo-config.js';
import type { CopperlineConfig } from './config/schema.js';
import { startDemoCarrier, type DemoCarrier } from './demo/demo-carrier.js';
import type { Clock } from './kernel/clock.js';
import type { Log } from './kernel/log.js';
import type { MediaEngine } from './media/media-engine.js';
import { openCdrFile, prepareCdrFile, writeCdrs } from './ops/cdr.js';
import { logMediaProblems } from './ops/media-problems.js';
import { logSummaries } from './ops/summary.js';
import { startSignaling, type Signaling } from './signaling/start-signaling.js';
import type { FindUser } from './signaling/users.js';
import type { SipServerCounts } from './sip-server/server-options.js';
import type { TrunkBoard } from './trunks/trunk-board.js';
import type { Trunk } from './trunks/trunk.js';
import { callApiOf } from './app-call-api.js';
import { checkSounds } from './check-sounds.js';
import { startWeb } from './web/start-web.js';
import type { DemoWeb, HealthReport, Web } from './web/web-options.js';

export interface AppOptions {
  config: CopperlineConfig;
  /** Demo mode: the page may sign in by itself. `carrier` when one runs already, else the app starts it. */
  demo?: { access: DemoAccess; carrier?: DemoCarrier } | undefined;
  /** Absent: made of the configuration alone, without rate decks. */
  dialplan?: Dialplan | undefined;
  /** Absolute path of the CDR file; `-` for standard output. */
  cdrFile: string;
  /** The built web client. */
  webRoot: string;
  log: Log;
  clock: Clock;
}

/** What is open in each part; all zero, workers and the application connection aside, when nothing goes on. */
interface AppCounts {
  calls: number;
  media: Awaited<ReturnType<MediaEngine['counts']>>;
  /** Undefined when an external SIP server is used. */
  sip: SipServerCounts | undefined;
  web: ReturnType<Web['counts']>;
}

export interface App {
  /** Of the page. */
  readonly url: string;
  /** Undefined when the settings ask for no metrics. */
  readonly metricsUrl: string | undefined;
  /** In demo mode. */
  readonly demoCarrier: DemoCarrier | undefined;
  readonly calls: Calls;
  counts(): Promise<AppCounts>;
  /** Takes no new calls; resolves when the last one is over, or ends them all when `hurry` aborts. */
  drain(hurry: AbortSignal): Promise<void>;
  /** Ends every call, then closes everything in the reverse order of its start. Idempotent. */
  close(): Promise<void>;
}

type Closing = () => Promise<void> | void;

/**
 * Builds the gateway: SIP server, media, web, signalling, calls. The only place that names implementations.
 * When a part cannot start, those before it are closed again.
 * @throws CopperlineError CL_START_PORT_IN_USE, CL_START_CDR_FILE, CL_SIP_SERVER_UNREACHABLE, CL_SIP_SERVER_REFUSED ...
 */
export async function startApp(options: AppOptions): Promise<App> {
  const closings: Closing[] = [];
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= closeInReverse(closings);
    return closed;
  };
  try {
    return await assemble(options, closings, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function assemble(
  options: AppOptions,
  closings: Closing[],
  close: () => Promise<void>,
): Promise<App> {
  const { config, log, clock } = options;
  prepareCdrFile(options.cdrFile);
  const demoCarrier = await startDemo(options, closings);
  const trunks = config.trunks.map(trunkOf);
  const gate = openTrunkGate(trunks, { config, clock, log });
  closings.push(() => gate.close());
  const sip = await startSip(config, { isKnown: gate.isKnown, clock, log });
  closings.push(() => sip.close());
  const engine = await startMedia(options, closings);
  const running: Running = { engine };
  const findUser = userLookup(config);
  const web = await startWeb({
    settings: config.web,
    findUser,
    domain: config.sip.domain,
    ...{ clientDirectory: options.webRoot, uplinks: sip.uplinks },
    ...{ demo: demoPage(options, demoCarrier), sites: sitesOf(config) },
    callApi: callApiOf(config.web, () => running.calls),
    health: () => health(running),
    trunks: () => running.board?.list() ?? [],
    ...{ clock, log },
  });
  closings.push(() => web.close());
  const signaling = await startSignaling({
    ...{ sipServer: sip.address, flows: web.flows, findUser, clock, log },
    authentication: { realm: config.sip.domain },
    registrar: registrarLimits(config),
    identifyTrunk: gate.identify,
  });
  closings.push(() => signaling.close());
  const trunkService = startTrunks(trunks, { signaling, gate, clock, log });
  closings.push(() => trunkService.close());
  const { board } = trunkService;
  const calls = startCalls(options, { engine, signaling, findUser, trunks, board }, closings);
  Object.assign(running, { signaling, calls, board });
  const measured = { calls, engine, web, signaling, sipServer: sip.server, board };
  const metrics = await startMetrics(measured, config.metrics, log);
  closings.push(() => metrics?.close());
  return {
    url: web.url,
    metricsUrl: metrics?.url,
    demoCarrier,
    calls,
    counts: async () => ({
      ...{ calls: calls.count, media: await engine.counts() },
      ...{ sip: sip.server?.counts(), web: web.counts() },
    }),
    drain: async (hurry) => {
      await Promise.race([calls.drain(), aborted(hurry)]);
    },
    close,
  };
}

async function startDemo(
  { demo, config, log, clock }: AppOptions,
  closings: Closing[],
): Promise<DemoCarrier | undefined> {
  if (demo === undefined) return undefined;
  if (demo.carrier !== undefined) return demo.carrier;
  const [trunk] = config.trunks;
  if (trunk?.port === undefined) return undefined;
  const carrier = await startDemoCarrier({
    host: trunk.host,
    port: trunk.port,
    log: log.child({ part: 'demo-carrier' }),
    clock,
  });
  closings.push(() => carrier.close());
  return carrier;
}

async function startMedia(
  { config, log, clock }: AppOptions,
  closings: Closing[],
): Promise<MediaEngine> {
  await checkSounds(config);
  const engine = await startMediaEngine(config.media, {
    log: log.child({ part: 'media' }),
    clock,
  });
  closings.push(() => engine.close());
  return engine;
}

function startCalls(
  { config, dialplan, cdrFile, log, clock }: AppOptions,
  parts: {
    engine: MediaEngine;
    signaling: Signaling;
    findUser: FindUser;
    trunks: Trunk[];
    board: TrunkBoard;
  },
  closings: Closing[],
): Calls {
  const calls = new Calls({
    endpoint: parts.signaling.endpoint,
    engine: parts.engine,
    findUser: parts.findUser,
    dialplan: dialplan ?? createDialplan(config.dialplan, { now: () => clock.now() }),
    trunks: parts.trunks,
    devices: parts.signaling.devices,
    ...inboundSettings(config),
    board: parts.board,
    browserLeg: browserLegs(config),
    holdMusic: config.media.holdMusic,
    toneCountry: config.media.tones.country ?? config.dialplan.country,
    limits: config.limits,
    timeouts: {
      maxDurationMs: config.limits.maxCallDurationSeconds * 1000,
      websocketGraceMs: config.websocketGraceSeconds * 1000,
    },
    clock,
    log,
  });
  const cdrs = openCdrFile(cdrFile, log);
  writeCdrs(calls.events, cdrs);
  logSummaries(calls.events, log);
  logMediaProblems(calls.events, log);
  closings.push(() => cdrs.close());
  closings.push(() => calls.endAll('The gateway is shutting down.'));
  return calls;
}

function demoPage(options: AppOptions, carrier: DemoCarrier | undefined): DemoWeb | undefined {
  if (options.demo === undefined || carrier === undefined) return undefined;
  const { user, password, numbers } = options.demo.access;
  return { user, password, numbers, reports: () => carrier.reports() };
}

/** What the health check looks at; grows while the gateway starts. */
interface Running {
  engine: MediaEngine;
  signaling?: Signaling;
  calls?: Calls;
  board?: TrunkBoard;
}

async function health({ engine, signaling, calls, board }: Running): Promise<HealthReport> {
  const { workers } = await engine.counts();
  const parts = {
    sip: verdict(
      signaling?.connection.link !== undefined,
      'There is no connection to the SIP server.',
    ),
    media: verdict(workers > 0, noMedia(engine.name)),
    calls: verdict(calls?.draining === false, 'The gateway takes no new calls now.'),
    trunks: trunksVerdict(board?.list() ?? []),
  };
  return { up: Object.values(parts).every(({ up }) => up), parts };
}

function noMedia(engine: MediaEngine['name']): string {
  return engine === 'rtpengine' ? 'No rtpengine answers.' : 'No media worker is running.';
}

function verdict(up: boolean, sentence: string): { up: boolean; sentence?: string } {
  return up ? { up } : { up, sentence };
}

async function closeInReverse(closings: Closing[]): Promise<void> {
  for (const closing of closings.reverse()) await closing();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
