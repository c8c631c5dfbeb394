import type { Calls } from './calls/calls.js';
import type { CallState } from './calls/call-state.js';
import type { CopperlineConfig } from './config/schema.js';
import type { Log } from './kernel/log.js';
import type { MediaEngine } from './media/media-engine.js';
import type { OpenThings } from './ops/gauge-metrics.js';
import { createMetrics } from './ops/metrics.js';
import { serveMetrics, type MetricsServer } from './ops/metrics-server.js';
import type { Signaling } from './signaling/start-signaling.js';
import type { SipServer } from './sip-server/server-options.js';
import type { TrunkBoard } from './trunks/trunk-board.js';
import type { Web } from './web/web-options.js';

/** The parts that metrics look at. */
export interface MeasuredParts {
  calls: Calls;
  engine: MediaEngine;
  web: Web;
  signaling: Signaling;
  sipServer: SipServer | undefined;
  board: TrunkBoard;
}

/**
 * Serves metrics where the settings say so.
 * @throws CopperlineError CL_START_PORT_IN_USE
 */
export async function startMetrics(
  parts: MeasuredParts,
  settings: CopperlineConfig['metrics'],
  log: Log,
): Promise<MetricsServer | undefined> {
  if (settings === undefined) return undefined;
  const { calls, engine } = parts;
  const metrics = createMetrics({
    events: calls.events,
    engine: engine.name,
    look: () => openThings(parts),
  });
  const server = await serveMetrics(metrics, settings, log);
  log.info({ url: server.url }, 'metrics are served');
  return server;
}

async function openThings(parts: MeasuredParts): Promise<OpenThings> {
  const { engine, web, signaling, sipServer } = parts;
  const [media, workers, foreignPackets, registrations] = await Promise.all([
    engine.counts(),
    engine.workerHealth?.() ?? [],
    engine.foreignPackets?.(),
    signaling.locations.count(),
  ]);
  const calls: Partial<Record<CallState, number>> = {};
  for (const { state } of parts.calls.list()) calls[state] = (calls[state] ?? 0) + 1;
  return {
    calls,
    media,
    workers,
    foreignPackets,
    webSockets: web.counts().connections,
    registrations,
    trunks: parts.board.list(),
    sip: sipCounts(sipServer),
  };
}

function sipCounts(server: SipServer | undefined): OpenThings['sip'] {
  if (server === undefined) return undefined;
  const { transactions, dialogs, flows } = server.counts();
  return { open: { transactions, dialogs, flows }, foreignResponses: server.foreignResponses };
}
