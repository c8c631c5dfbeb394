import { randomBytes } from 'node:crypto';
import type { CopperlineError } from '../../kernel/errors.js';
import type { LegName, LegPolicy, LegQuality, MediaStatistics } from '../media-engine.js';
import { BrowserLeg, type BrowserResources } from './browser-leg.js';
import { NO_COUNTERS, type PeerCounters, qualityBetween } from './peer-counters.js';

interface SessionBrowsersOptions {
  resources: BrowserResources;
  onConnected: (leg: LegName) => void;
  onFailed: (error: CopperlineError) => void;
}

/** The browsers of one call, and what libwebrtc counts of them. */
export class SessionBrowsers {
  readonly #options: SessionBrowsersOptions;
  readonly #legs: Partial<Record<LegName, BrowserLeg>> = {};
  readonly #told: Record<LegName, PeerCounters> = { caller: NO_COUNTERS, callee: NO_COUNTERS };

  constructor(options: SessionBrowsersOptions) {
    this.#options = options;
  }

  /** UDP ports that libwebrtc has. */
  get ports(): number {
    return Object.values(this.#legs).reduce((sum, leg) => sum + leg.ports, 0);
  }

  of(leg: LegName): BrowserLeg | undefined {
    return this.#legs[leg];
  }

  /** Makes the browser of a leg that is to have one. */
  open(leg: LegName, { kind }: LegPolicy): BrowserLeg | undefined {
    if (kind !== 'webrtc') return undefined;
    const { resources, onConnected, onFailed } = this.#options;
    return (this.#legs[leg] ??= new BrowserLeg({
      ...{ resources, onFailed },
      ssrc: randomBytes(4).readUInt32BE(0),
      onConnected: () => {
        onConnected(leg);
      },
    }));
  }

  /** What the inner session counts, with libwebrtc's counters of the browsers. */
  async counted(inner: MediaStatistics): Promise<MediaStatistics> {
    const of = async (leg: LegName): Promise<MediaStatistics[LegName]> => {
      const browser = this.#legs[leg];
      if (browser === undefined) return inner[leg];
      const now = await browser.counters();
      const { packetsReceived, packetsSent, packetsLost, jitterMs, roundTripMs } = now;
      const { quality } = inner[leg];
      const total = qualityBetween(NO_COUNTERS, now);
      return {
        ...{ ...inner[leg], packetsReceived, packetsSent, packetsLost, jitterMs, roundTripMs },
        ...{ codec: browser.codec, packetsRejected: 0 },
        quality: quality && { ...total, roundTripMs, problem: quality.problem },
      };
    };
    return { caller: await of('caller'), callee: await of('callee') };
  }

  /** Of the time since the last call of this: the inner session hears what libwebrtc made of a browser, which lacks nothing. */
  quality(measured: Record<LegName, LegQuality>): Record<LegName, LegQuality> {
    const of = (leg: LegName): LegQuality => {
      const now = this.#legs[leg]?.lastCounters;
      if (now === undefined) return measured[leg];
      const interval = qualityBetween(this.#told[leg], now);
      this.#told[leg] = now;
      return { ...interval, roundTripMs: now.roundTripMs, problem: measured[leg].problem };
    };
    return { caller: of('caller'), callee: of('callee') };
  }

  /** Idempotent. */
  close(): void {
    for (const leg of Object.values(this.#legs)) leg.close();
  }
}
