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

/** What is open in each part of the gateway. */
export interface OpenThings {
  calls: Partial<Record<CallState, number>>;
  media: { sessions: number; ports: number };
  workers: readonly WorkerNumbers[];
  webSockets: number;
  registrations: number;
  /** Undefined when an external SIP server is used. */
  sip: { transactions: number; dialogs: number; flows: number } | undefined;
}

/** The gauges, set from what is open now. */
export function gaugeOpenThings(registry: Registry): { set: (open: OpenThings) => void } {
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name: `copperline_${name}`, help, labelNames, registers: [registry] });
  const calls = gauge('calls', 'Calls that are not over, by state.', ['state']);
  const sessions = gauge('media_sessions', 'Media sessions that are open.');
  const ports = gauge('media_ports', 'UDP ports for RTP and RTCP in use.');
  const workers = workerGauges(gauge);
  const sockets = gauge('websockets', 'WebSockets of browsers.');
  const registrations = gauge('registrations', 'Registered contacts.');
  const sip = gauge('sip_open', 'Open in the embedded SIP server, by kind.', ['kind']);
  return {
    set: (open) => {
      for (const state of CALL_STATES) calls.set({ state }, open.calls[state] ?? 0);
      sessions.set(open.media.sessions);
      ports.set(open.media.ports);
      for (const worker of open.workers) workers(worker);
      sockets.set(open.webSockets);
      registrations.set(open.registrations);
      for (const [kind, value] of Object.entries(open.sip ?? {})) sip.set({ kind }, value);
    },
  };
}

function workerGauges(
  gauge: (name: string, help: string, labelNames: string[]) => Gauge,
): (numbers: WorkerNumbers) => void {
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
