import { describe, expect, it } from 'vitest';
import { ManualClock, settle } from '../../../test/support/manual-clock.js';
import type { CallCounters } from './call-counters.js';
import { CallQuality } from './call-quality.js';
import type { PeerReport } from './peer-report.js';

const report = (packets: number): PeerReport => ({
  ...{ callId: 'x', port: 1, atMs: 0, blocks: [] },
  sent: { ssrc: 7, packets },
});

const counted = (packets: number): CallCounters => {
  const counters = { packets, errors: 0, secured: false, hasRtcp: false };
  return { caller: counters, callee: counters };
};

describe('the quality of a call on a daemon', () => {
  it('asks the daemon once at a time, however many reports a leg sends', async () => {
    const clock = new ManualClock();
    const asked: { resolve: (counters: CallCounters) => void; reject: (error: Error) => void }[] =
      [];
    const quality = new CallQuality({
      clock,
      look: () =>
        new Promise((resolve, reject) => {
          asked.push({ resolve, reject });
        }),
      legAt: () => 'caller',
      codecOf: () => 'pcmu',
      problemOf: () => undefined,
    });
    for (let packets = 0; packets < 10_000; packets += 1) quality.take(report(100));
    expect(asked).toHaveLength(1);
    asked[0]?.resolve(counted(100));
    await settle();
    quality.take(report(200));
    asked[1]?.resolve(counted(190));
    await settle();
    expect(quality.of('caller').packetsLost).toBe(10);
    quality.take(report(300));
    asked[2]?.reject(new Error('no answer'));
    await settle();
    quality.take(report(400));
    expect(asked, 'after one that failed as well').toHaveLength(4);
    quality.stop();
    asked[3]?.resolve(counted(400));
    await settle();
    expect(clock.pending).toBe(0);
  });
});
