import type { Log } from '../kernel/log.js';
import { TypedEvents } from '../kernel/typed-events.js';
import type { CallListener, DemoCallView } from './call-events.js';
import type { DemoCall } from './demo-call.js';
import type { DtmfReport } from './dtmf-report.js';
import type { ToneReading } from './tone-detector.js';

export type CarrierEvents = {
  report: [DtmfReport];
  tone: [DemoCallView, ToneReading];
  answered: [DemoCallView];
  ended: [DemoCallView, string];
};

const KEPT_REPORTS = 100;

/** The calls of the carrier, what they reported, and who wants to know. */
export class CallDesk implements CallListener {
  readonly events: TypedEvents<CarrierEvents>;
  readonly reports: DtmfReport[] = [];
  readonly #calls = new Map<DemoCall, Promise<void>>();
  readonly #log: Log;
  #total = 0;
  #digits = 0;
  #digitsWithDefects = 0;

  constructor(log: Log) {
    this.#log = log;
    this.events = new TypedEvents((error) => {
      log.error({ err: error }, 'demo carrier: a listener threw');
    });
  }

  take(call: DemoCall): void {
    this.#total += 1;
    const ended = call.run().finally(() => this.#calls.delete(call));
    this.#calls.set(call, ended);
  }

  views(): DemoCallView[] {
    return [...this.#calls.keys()].flatMap((call) => call.answered?.view ?? []);
  }

  counts(): { calls: number; total: number; digits: number; digitsWithDefects: number } {
    return {
      calls: this.#calls.size,
      total: this.#total,
      digits: this.#digits,
      digitsWithDefects: this.#digitsWithDefects,
    };
  }

  /** Ends every call; resolves when all are over. */
  async close(): Promise<void> {
    for (const call of this.#calls.keys()) call.hangUp('The demo carrier is shut down.');
    await Promise.all(this.#calls.values());
    this.events.removeAll();
  }

  onReport(report: DtmfReport): void {
    this.reports.push(report);
    if (this.reports.length > KEPT_REPORTS) this.reports.shift();
    const defects = report.digits.flatMap((digit) => digit.defects);
    this.#digits += report.digits.length;
    this.#digitsWithDefects += report.digits.filter((digit) => digit.defects.length > 0).length;
    this.#log.info(
      { callId: report.callId, dialled: report.dialled, received: report.digits.length, defects },
      'demo carrier: digits received',
    );
    this.events.emit('report', report);
  }

  onTone(call: DemoCallView, tone: ToneReading): void {
    this.events.emit('tone', call, tone);
  }

  onAnswered(call: DemoCallView): void {
    this.#log.debug({ callId: call.callId, dialled: call.dialled }, 'demo carrier: answered');
    this.events.emit('answered', call);
  }

  onEnded(call: DemoCallView, sentence: string): void {
    const { callId, dialled, codec, rtp } = call;
    this.#log.info({ callId, dialled, codec, rtp }, `demo carrier: call over: ${sentence}`);
    this.events.emit('ended', call, sentence);
  }
}
