import type { Clock, Timer } from '../../kernel/clock.js';
import { rtpClockRate } from '../dtmf/telephone-event-choice.js';
import type { CodecName, LegName, LegQuality } from '../media-engine.js';
import type { CallCounters, MeasuredLeg } from './call-counters.js';
import type { PeerReport } from './peer-report.js';
import { ReportMeter } from './report-meter.js';

export interface CallQualityOptions {
  clock: Clock;
  /** The counters as they are now. */
  look(): Promise<CallCounters>;
  /** Whose port of the daemon that is. */
  legAt(port: number): LegName | undefined;
  codecOf(leg: LegName): CodecName | undefined;
  /** What is wrong with a leg that should send, in a sentence. */
  problemOf(leg: LegName): string | undefined;
  onQuality?: ((quality: Record<LegName, LegQuality>) => void) | undefined;
}

const INTERVAL_MS = 5000;

/** How the legs of a call sound, from their own RTCP reports. */
export class CallQuality {
  readonly #options: CallQualityOptions;
  readonly #meters = { caller: new ReportMeter(), callee: new ReportMeter() };
  /** Of whom the daemon's count is on its way: a leg may send any number of reports. */
  readonly #asking = new Set<LegName>();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: CallQualityOptions) {
    this.#options = options;
  }

  /** Idempotent; from the first answer on. */
  start(): void {
    if (this.#timer === undefined && !this.#stopped) this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  take(report: PeerReport): void {
    const leg = this.#options.legAt(report.port);
    if (leg === undefined || this.#stopped) return;
    const meter = this.#meters[leg];
    meter.reports += 1;
    meter.take(report);
    if (report.sent !== undefined) void this.#count(leg, report.sent);
  }

  /** Over the whole call. */
  of(leg: LegName): MeasuredLeg {
    const meter = this.#meters[leg];
    const quality = { ...meter.total(this.#clockRate(leg)), problem: this.#problem(leg) };
    return { quality, packetsLost: meter.lost };
  }

  async #count(leg: LegName, sent: NonNullable<PeerReport['sent']>): Promise<void> {
    if (this.#asking.has(leg)) return;
    this.#asking.add(leg);
    const meter = this.#meters[leg];
    const { reports } = meter;
    try {
      const { packets, hasRtcp } = (await this.#options.look())[leg];
      meter.count(sent, packets - (hasRtcp ? reports : 0));
    } catch {
      // The next report counts for this one too.
    } finally {
      this.#asking.delete(leg);
    }
  }

  #arm(): void {
    this.#timer = this.#options.clock.setTimer(() => {
      this.#arm();
      const [caller, callee] = (['caller', 'callee'] as const).map((leg) => ({
        ...this.#meters[leg].interval(this.#clockRate(leg)),
        problem: this.#problem(leg),
      }));
      if (caller !== undefined && callee !== undefined)
        this.#options.onQuality?.({ caller, callee });
    }, INTERVAL_MS);
  }

  #problem(leg: LegName): string | undefined {
    return this.#options.problemOf(leg);
  }

  #clockRate(leg: LegName): number {
    return rtpClockRate(this.#options.codecOf(leg) ?? 'pcmu');
  }
}
