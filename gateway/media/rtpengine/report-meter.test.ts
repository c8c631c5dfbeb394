import { describe, expect, it } from 'vitest';
import type { PeerReport, StreamReport } from './peer-report.js';
import { ReportMeter } from './report-meter.js';

function report(block: Partial<StreamReport>): PeerReport {
  const silent = { ssrc: 9, highestSequence: 0, lost: 0, jitter: 0, lastSenderReport: 0, delay: 0 };
  return { callId: 'x', port: 1, atMs: 0, sent: undefined, blocks: [{ ...silent, ...block }] };
}

describe('what RTCP reports of a leg say', () => {
  it('is rated between two reports of a stream, in the interval and in all', () => {
    const meter = new ReportMeter();
    meter.take(report({ highestSequence: 1000, lost: 5 }));
    expect(meter.interval(8000)).toMatchObject({ received: undefined, sent: undefined });
    meter.take(report({ highestSequence: 1100, lost: 15, jitter: 80 }));
    expect(meter.interval(8000).sent).toMatchObject({ lossPercent: 10, jitterMs: 10 });
    meter.take(report({ highestSequence: 1200, lost: 15 }));
    expect(meter.interval(8000).sent).toMatchObject({ lossPercent: 0, jitterMs: 0 });
    expect(meter.total(8000).sent).toMatchObject({ lossPercent: 5 });
    expect(meter.interval(8000).sent, 'no report since').toBeUndefined();
  });

  it('starts anew with a source that does', () => {
    const meter = new ReportMeter();
    meter.take(report({ highestSequence: 90_000, lost: 500 }));
    meter.take(report({ highestSequence: 10, lost: 0 }));
    meter.take(report({ ssrc: 10, highestSequence: 5, lost: 3 }));
    expect(meter.total(8000).sent).toBeUndefined();
    meter.take(report({ highestSequence: 110, lost: 0 }));
    expect(meter.total(8000).sent?.lossPercent).toBe(0);
    meter.count({ ssrc: 1, packets: 100 }, 90);
    meter.count({ ssrc: 2, packets: 10 }, 100);
    expect(meter.total(8000).received).toBeUndefined();
    meter.count({ ssrc: 2, packets: 110 }, 149);
    expect(meter.lost).toBe(51);
    expect(meter.total(8000).received).toMatchObject({ lossPercent: 50, jitterMs: undefined });
  });

  it('counts no packet as lost that came while the daemon was asked, nor one that came twice', () => {
    const meter = new ReportMeter();
    meter.count({ ssrc: 1, packets: 0 }, 1);
    meter.count({ ssrc: 1, packets: 100 }, 100);
    expect(meter.total(8000).received?.lossPercent).toBe(0);
    meter.count({ ssrc: 1, packets: 200 }, 220);
    expect(meter.total(8000).received?.lossPercent).toBe(0);
  });

  it('keeps no more streams than a leg can hear, whatever it claims', () => {
    const meter = new ReportMeter();
    for (let ssrc = 0; ssrc < 10_000; ssrc += 1) meter.take(report({ ssrc }));
    meter.take(report({ ssrc: 0, highestSequence: 100 }));
    expect(meter.total(8000).sent, 'the first one is forgotten').toBeUndefined();
    meter.take(report({ ssrc: 10_000, highestSequence: 100 }));
    meter.take(report({ ssrc: 10_000, highestSequence: 200, lost: 10 }));
    expect(meter.total(8000).sent?.lossPercent, 'the last one counts').toBe(10);
  });
});
