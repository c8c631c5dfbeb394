import { collectDefaultMetrics, Registry } from 'prom-client';
import type { CallEvents } from '../calls/call-events.js';
import type { TypedEvents } from '../kernel/typed-events.js';
import { countCalls } from './call-metrics.js';
import { gaugeOpenThings, type OpenThings } from './gauge-metrics.js';

export interface MetricsOptions {
  events: TypedEvents<CallEvents>;
  /** Names the media engine in labels. */
  engine: string;
  /** What is open now; asked at each scrape. */
  look: () => Promise<OpenThings>;
}

export interface Metrics {
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
  stop(): void;
}

/** Everything that is measured, for Prometheus. No label holds a number, a user, an address or a secret. */
export function createMetrics({ events, engine, look }: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'copperline_gateway_' });
  const stop = countCalls(registry, { events, engine });
  const gauges = gaugeOpenThings(registry);
  return {
    text: async () => {
      gauges.set(await look());
      return registry.metrics();
    },
    contentType: registry.contentType,
    stop: () => {
      stop();
      registry.clear();
    },
  };
}
