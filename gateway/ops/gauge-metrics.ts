import { Gauge, type Registry } from 'prom-client';
import { CALL_STATES, type CallState } from '../calls/call-state.js';

/** A process that carries media. */
interface WorkerNumbers {
  /** 0, 1, ... */
  worker: number;
  up: boolean;
  sessions: number;
  restarts: number;
  memoryBytes: number;
  /** Since it was asked last, ms: the 99th percentile, and the longest. */
  eventLoopDelayMs: { p99: number; max: number };
}

const HEALTH_STATES = ['up', 'degraded', 'down'] as const;
const REGISTRATION_STATES = ['registering', 'registered', 'failed', 'ended'] as const;

/** A trunk of the settings. */
interface TrunkNumbers {
  name: string;
  health: (typeof HEALTH_STATES)[number];
  /** One for each registrar, or one for all. */
  registrations: readonly { state: (typeof REGISTRATION_STATES)[number] }[];
  /** In both directions. */
  calls: number;
}

/** What is open in each part of the gateway. */
export interface OpenThings {
  calls: Partial<Record<CallState, number>>;
  media: { sessions: number; ports: number };
  /** Dropped at the ports for browsers, by why; undefined where nobody counts them. */
  foreignPackets: { strangers: number; unclaimed: number } | undefined;
  workers: readonly WorkerNumbers[];
  webSockets: number;
  registrations: number;
  trunks: readonly TrunkNumbers[];
  /** Undefined when an external SIP server is used. */
  sip:
    | {
        open: { transactions: number; dialogs: number; flows: number };
        /** Dropped since the start: their Via named an address that is not ours. */
        foreignResponses: number;
      }
    | undefined;
}

type MakeGauge = (name: string, help: string, labelNames: string[]) => Gauge;

/** The gauges, set from what is open now. */
export function gaugeOpenThings(registry: Registry): { set: (open: OpenThings) => void } {
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name: `copperline_${name}`, help, labelNames, registers: [registry] });
  const calls = gauge('calls', 'Calls that are not over, by state.', ['state']);
  const sessions = gauge('media_sessions', 'Media sessions that are open.');
  const ports = gauge('media_ports', 'UDP ports for RTP and RTCP in use.');
  const foreign = foreignGauge(gauge);
  const workers = workerGauges(gauge);
  const sockets = gauge('websockets', 'WebSockets of browsers.');
  const registrations = gauge('registrations', 'Registered contacts.');
  const trunks = trunkGauges(gauge);
  const sip = sipGauges(gauge);
  return {
    set: (open) => {
      for (const state of CALL_STATES) calls.set({ state }, open.calls[state] ?? 0);
      sessions.set(open.media.sessions);
      ports.set(open.media.ports);
      if (open.foreignPackets !== undefined) foreign(open.foreignPackets);
      for (const worker of open.workers) workers(worker);
      sockets.set(open.webSockets);
      registrations.set(open.registrations);
      for (const trunk of open.trunks) trunks(trunk);
      if (open.sip !== undefined) sip(open.sip);
    },
  };
}

function foreignGauge(gauge: MakeGauge): (numbers: { [cause: string]: number }) => void {
  const foreign = gauge(
    'media_foreign_packets',
    "Packets dropped at the browsers' UDP ports since the workers' start: STUN of strangers, and what comes from no address that ICE has validated.",
    ['cause'],
  );
  return (numbers) => {
    for (const [cause, count] of Object.entries(numbers)) foreign.set({ cause }, count);
  };
}

function sipGauges(gauge: MakeGauge): (numbers: NonNullable<OpenThings['sip']>) => void {
  const open = gauge('sip_open', 'Open in the embedded SIP server, by kind.', ['kind']);
  const foreign = gauge(
    'sip_foreign_responses',
    'Responses dropped by the embedded SIP server since its start: their Via names an address that is not its own.',
    [],
  );
  return (numbers) => {
    for (const [kind, value] of Object.entries(numbers.open)) open.set({ kind }, value);
    foreign.set(numbers.foreignResponses);
  };
}

function trunkGauges(gauge: MakeGauge): (numbers: TrunkNumbers) => void {
  const labels = ['trunk', 'state'];
  const health = gauge('trunk_health', '1 for the state that the trunk is in, else 0.', labels);
  const registrations = gauge(
    'trunk_registrations',
    'Registrations of the gateway at the trunk, by state.',
    labels,
  );
  const calls = gauge('trunk_calls', 'Channels of the trunk in use, both directions.', ['trunk']);
  return ({ name: trunk, ...numbers }) => {
    for (const state of HEALTH_STATES)
      health.set({ trunk, state }, numbers.health === state ? 1 : 0);
    calls.set({ trunk }, numbers.calls);
    if (numbers.registrations.length === 0) return;
    for (const state of REGISTRATION_STATES) {
      const count = numbers.registrations.filter((one) => one.state === state).length;
      registrations.set({ trunk, state }, count);
    }
  };
}

function workerGauges(gauge: MakeGauge): (numbers: WorkerNumbers) => void {
  const labels = ['worker'];
  const up = gauge('media_worker_up', '1 while the worker process takes calls.', labels);
  const load = gauge('media_worker_sessions', 'Sessions that the worker carries.', labels);
  const restarts = gauge('media_worker_restarts', 'Times that the worker was restarted.', labels);
  const memory = gauge('media_worker_memory_bytes', 'Resident memory of the worker.', labels);
  const delay = gauge(
    'media_worker_event_loop_delay_seconds',
    'Event loop delay of the worker since the last scrape.',
    ['worker', 'quantile'],
  );
  return ({ worker, ...numbers }) => {
    up.set({ worker }, numbers.up ? 1 : 0);
    load.set({ worker }, numbers.sessions);
    restarts.set({ worker }, numbers.restarts);
    memory.set({ worker }, numbers.memoryBytes);
    delay.set({ worker, quantile: '0.99' }, numbers.eventLoopDelayMs.p99 / 1000);
    delay.set({ worker, quantile: '1' }, numbers.eventLoopDelayMs.max / 1000);
  };
}
