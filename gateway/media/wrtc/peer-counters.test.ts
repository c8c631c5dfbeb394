import { describe, expect, it } from 'vitest';
import { addCounters, NO_COUNTERS, qualityBetween, readCounters } from './peer-counters.js';

interface Look {
  at: number;
  sent: number;
  received?: [packets: number, lost: number];
  reported?: { at: number; lost: number };
}

/** As getStats() of libwebrtc tells it. */
function report({ at, sent, received = [0, 0], reported }: Look) {
  const entries: Record<string, unknown>[] = [
    { type: 'outbound-rtp', timestamp: at, packetsSent: sent },
    {
      ...{ type: 'inbound-rtp', timestamp: at, jitter: 0.004 },
      ...{ packetsReceived: received[0], packetsLost: received[1] },
    },
    { type: 'candidate-pair', state: 'waiting' },
    { type: 'candidate-pair', state: 'succeeded', currentRoundTripTime: 0.02 },
  ];
  if (reported !== undefined)
    entries.push({
      ...{ type: 'remote-inbound-rtp', timestamp: reported.at, packetsLost: reported.lost },
      ...{ jitter: 0.01, roundTripTime: 0.05 },
    });
  return new Map(entries.map((entry, index) => [String(index), entry]));
}

describe('counters of libwebrtc', () => {
  it('tell the round trip of ICE until the browser reports', () => {
    const first = readCounters(report({ at: 1000, sent: 50 }), NO_COUNTERS);
    expect(first).toMatchObject({ roundTripMs: 20, reported: undefined });
    const told = report({ at: 2000, sent: 100, reported: { at: 1500, lost: 3 } });
    expect(readCounters(told, first).roundTripMs).toBe(50);
  });

  it('place a report among the packets that had been sent when it came', () => {
    const first = readCounters(report({ at: 1000, sent: 50 }), NO_COUNTERS);
    const told = { at: 1400, lost: 7 };
    const second = readCounters(report({ at: 2000, sent: 100, reported: told }), first);
    expect(second.reported).toEqual({ at: 1400, packetsLost: 7, jitterMs: 10, packetsSent: 70 });
    expect(qualityBetween(first, second).sent).toMatchObject({ lossPercent: 10, jitterMs: 10 });
    const third = readCounters(report({ at: 3000, sent: 150, reported: told }), second);
    expect(qualityBetween(second, third).sent, 'no report came since').toBeUndefined();
    const more = report({ at: 4000, sent: 200, reported: { at: 3400, lost: 27 } });
    const fourth = readCounters(more, third);
    expect(qualityBetween(third, fourth).sent, '20 of the 100 since').toMatchObject({
      lossPercent: 20,
    });
    expect(qualityBetween(NO_COUNTERS, fourth).sent?.lossPercent).toBeCloseTo(15.88, 2);
  });

  it('rate what comes by what is missing from it', () => {
    const first = readCounters(report({ at: 1000, sent: 0, received: [50, 0] }), NO_COUNTERS);
    const second = readCounters(report({ at: 2000, sent: 0, received: [90, 10] }), first);
    expect(qualityBetween(NO_COUNTERS, first).received?.mos).toBeCloseTo(4.4, 1);
    expect(qualityBetween(first, second).received).toMatchObject({ lossPercent: 20, jitterMs: 4 });
    expect(qualityBetween(first, second).received?.mos).toBeCloseTo(2.6, 1);
    expect(qualityBetween(second, second).received, 'nothing came').toBeUndefined();
  });

  it('go on over another connection of the same browser', () => {
    const told = { at: 1900, lost: 10 };
    const past = readCounters(report({ at: 2000, sent: 100, reported: told }), NO_COUNTERS);
    const before = addCounters(NO_COUNTERS, past);
    const fresh = readCounters(report({ at: 3000, sent: 50 }), NO_COUNTERS);
    const joined = addCounters(before, fresh);
    expect(joined.packetsSent).toBe(150);
    expect(qualityBetween(before, joined).sent, 'no report of the new one yet').toBeUndefined();
    const next = report({ at: 4000, sent: 100, reported: { at: 4000, lost: 5 } });
    const after = addCounters(before, readCounters(next, fresh));
    expect(qualityBetween(joined, after).sent).toMatchObject({ lossPercent: 5 });
  });
});
