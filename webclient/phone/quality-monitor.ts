import { qualityBetween, type CallQuality, type QualityCounters } from './quality.js';
import { statisticsOf, type Stat } from './statistics.js';
import type { Timers } from './timers.js';

const EVERY_MS = 2000;

export interface QualityMonitorOptions {
  /** Asked each time: the connection of a call may be another one later. */
  connection: () => RTCPeerConnection | undefined;
  timers: Timers;
  onQuality: (quality: CallQuality) => void;
}

/** Reads the statistics of a call every 2 s and tells what the interval was like. */
export class QualityMonitor {
  readonly #options: QualityMonitorOptions;
  #before: QualityCounters | undefined;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(options: QualityMonitorOptions) {
    this.#options = options;
  }

  /** Does nothing when it runs already. */
  start(): void {
    if (this.#cancel === undefined && !this.#stopped) this.#next();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #next(): void {
    this.#cancel = this.#options.timers.after(EVERY_MS, () => {
      void this.#measure();
    });
  }

  async #measure(): Promise<void> {
    const { connection, timers, onQuality } = this.#options;
    const report = await connection()
      ?.getStats()
      .catch(() => undefined);
    if (this.#stopped) return;
    const now = report === undefined ? undefined : readCounters(report, timers.now());
    if (now !== undefined && this.#before !== undefined)
      onQuality(qualityBetween(this.#before, now));
    this.#before = now;
    this.#next();
  }
}

function readCounters(report: RTCStatsReport, at: number): QualityCounters | undefined {
  const stats = [...statisticsOf(report).values()];
  const find = (type: string): Stat | undefined =>
    stats.find((stat) => stat['type'] === type && (stat['kind'] ?? 'audio') === 'audio');
  const inbound = find('inbound-rtp');
  if (inbound === undefined) return undefined;
  const codec = stats.find((stat) => stat['id'] === inbound['codecId'])?.['mimeType'];
  const pair = stats.find(
    (stat) => stat['type'] === 'candidate-pair' && stat['nominated'] === true,
  );
  const roundTrip = find('remote-inbound-rtp')?.['roundTripTime'] ?? pair?.['currentRoundTripTime'];
  return {
    at,
    packetsReceived: numberOf(inbound['packetsReceived']),
    packetsLost: numberOf(inbound['packetsLost']),
    jitterMs: numberOf(inbound['jitter']) * 1000,
    roundTripMs: typeof roundTrip === 'number' ? roundTrip * 1000 : undefined,
    bufferSeconds: numberOf(inbound['jitterBufferDelay']),
    bufferSamples: numberOf(inbound['jitterBufferEmittedCount']),
    codec: typeof codec === 'string' ? codec.replace(/^audio\//i, '') : undefined,
    inputLevel: numberOf(find('media-source')?.['audioLevel']),
    outputLevel: numberOf(inbound['audioLevel']),
  };
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
