import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AUDIO,
  EVENT,
  EventScript,
  FIRST_TIMESTAMP,
  STEP,
  judge,
  type Sent,
} from '../../test/integration/demo/event-script.js';
import { DtmfJudge } from './dtmf-judge.js';

/** Five packets of audio, one digit `5` of 100 ms, five packets of audio. */
const good = (): Sent[] => new EventScript().audio(5).digit(5).audio(5).sent;
describe('the DTMF judge on a faultless digit', () => {
  it('reports everything it measured and no defect', () => {
    const [report, ...rest] = judge(good());
    expect(rest).toEqual([]);
    expect(report).toEqual({
      digit: '5',
      packets: 7,
      markerPositions: [0],
      timestampConstant: true,
      segments: 1,
      durations: [160, 320, 480, 640, 800, 800, 800],
      finalDurationMs: 100,
      endPackets: { count: 3, spacingMs: [20, 20] },
      sequenceContiguous: true,
      gapMs: undefined,
      paceErrorMs: 0,
      audioResume: {
        expected: (FIRST_TIMESTAMP + 12 * STEP) >>> 0,
        actual: (FIRST_TIMESTAMP + 12 * STEP) >>> 0,
        offByMs: 0,
      },
      defects: [],
    });
  });

  it.each(Array.from('0123456789*#ABCD', (key, event) => [key, event] as const))(
    'names event of key %s',
    (key, event) => {
      expect(judge(new EventScript().digit(event).sent).map(({ digit }) => digit)).toEqual([key]);
    },
  );

  it('measures the gap between two equal digits', () => {
    const reports = judge(new EventScript().audio(3).digit(7).audio(4).digit(7).audio(2).sent);
    expect(reports.map(({ digit, gapMs, defects }) => ({ digit, gapMs, defects }))).toEqual([
      { digit: '7', gapMs: undefined, defects: [] },
      // Two repeated end packets and four packets of audio.
      { digit: '7', gapMs: 120, defects: [] },
    ]);
  });

  it('measures at 48 kHz by the 48 kHz clock', () => {
    const script = new EventScript();
    script.step = 960;
    const [report] = judge(script.audio(3).digit(1, 20).audio(3).sent, 48_000);
    expect(report).toMatchObject({
      finalDurationMs: 400,
      defects: [],
      audioResume: { offByMs: 0 },
    });
  });

  it('follows an event through segments of 0xFFFF units', () => {
    const script = new EventScript();
    script.step = 960;
    script.audio(2);
    const start = script.timestamp;
    // 69 updates reach 66 240 units; the 68th is the last that fits into 16 bits.
    for (let n = 1; n <= 68; n += 1) {
      script.eventPacket({ event: 3, duration: n * 960, marker: n === 1 }, start).pass(1);
    }
    const second = (start + 68 * 960) >>> 0;
    for (let n = 1; n <= 4; n += 1) {
      script.eventPacket({ event: 3, duration: Math.min(n, 2) * 960, end: n >= 2 }, second).pass(1);
    }
    const reports = judge(script.audio(2).sent, 48_000);
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatchObject({
      segments: 2,
      finalDurationMs: 1400,
      timestampConstant: true,
      defects: [],
    });
  });

  it('makes a report of anything that comes', () => {
    const packet = fc.record({
      payloadType: fc.constantFrom(AUDIO, EVENT, 13),
      marker: fc.boolean(),
      sequence: fc.nat(0xffff),
      timestamp: fc.nat(0xffff_ffff),
      ssrc: fc.constantFrom(1, 2),
      payload: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
    });
    const entry = fc.record({ packet, at: fc.nat(60_000) });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (sent) => {
        const events = sent.filter(
          ({ packet: one }) => one.payloadType === EVENT && one.payload.length >= 4,
        );
        const reports = judge(sent);
        expect(reports.reduce((sum, { packets }) => sum + packets, 0)).toBe(events.length);
        for (const report of reports) expect(JSON.stringify(report)).not.toContain('null');
      }),
    );
  });

  it('keeps count over several inputs, and takes late repeats of a reported digit for no new one', () => {
    const subject = new DtmfJudge({
      eventPayloadType: EVENT,
      audioPayloadType: AUDIO,
      clockRate: 8000,
    });
    const sent = new EventScript().audio(2).digit(5).audio(3).digit(6).sent;
    for (const { packet, at } of sent.slice(0, 8)) subject.packet(packet, at);
    expect(subject.finish()).toHaveLength(1);
    const roles = sent.slice(8, 9).map(({ packet, at }) => subject.packet(packet, at));
    expect(roles).toEqual(['late']);
    for (const { packet, at } of sent.slice(9)) subject.packet(packet, at);
    expect(subject.finish().map(({ digit, gapMs }) => [digit, gapMs])).toEqual([['6', 100]]);
    expect(subject.started).toBe(2);
    expect(subject.finish()).toEqual([]);
  });
});
