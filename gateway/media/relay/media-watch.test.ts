import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import type { CopperlineError } from '../../kernel/errors.js';
import type { LegQuality } from '../media-engine.js';
import type { Direction } from '../sdp/direction.js';
import type { LegAgreement } from './leg-agreement.js';
import { MediaLeg } from './media-leg.js';
import { MediaWatch } from './media-watch.js';

function agreement(direction: Direction): LegAgreement {
  return {
    codec: 'pcmu',
    sendPayloadType: 0,
    receivePayloadTypes: [0],
    sendEvent: undefined,
    receiveEvents: [],
    comfortNoise: false,
    direction,
  };
}

class Rig {
  readonly clock = new ManualClock();
  readonly errors: CopperlineError[] = [];
  readonly reports: Buffer[] = [];
  readonly qualities: LegQuality[] = [];
  readonly leg = new MediaLeg({
    name: 'callee',
    clock: this.clock,
    policy: { kind: 'rtp', codecs: ['pcmu'], minToneMs: 65, minGapMs: 65, ptimeMs: 20 },
    nextDigitId: () => 1,
    onDigit: () => undefined,
    onRejected: () => undefined,
  });
  readonly watch = new MediaWatch({
    clock: this.clock,
    timeoutMs: 10_000,
    legs: () => [this.leg],
    onTimeout: (error) => {
      this.errors.push(error);
    },
    onQuality: ({ callee }) => {
      this.qualities.push(callee);
    },
  });

  constructor() {
    this.leg.transport = {
      sendRtp: () => undefined,
      sendRtcp: (packet) => {
        this.reports.push(packet);
      },
      close: () => undefined,
    };
    this.leg.agree(agreement('sendrecv'));
    this.watch.start();
  }

  hear(): void {
    this.leg.onRtp(Buffer.from('80000001000000000000000100', 'hex'));
  }
}

describe('MediaWatch', () => {
  it('ends a call whose media stopped', () => {
    const rig = new Rig();
    rig.hear();
    rig.clock.advance(9999);
    expect(rig.errors).toHaveLength(0);
    rig.hear();
    rig.clock.advance(9000);
    expect(rig.errors).toHaveLength(0);
    rig.clock.advance(2000);
    const timeout = ['CL_MEDIA_TIMEOUT', 'No media came from the callee for 10 s.'];
    expect(rig.errors.map((error) => [error.code, error.message])).toEqual([timeout]);
    // Whoever keeps the call for a peer that may come back hears of it again.
    rig.clock.advance(9_000);
    expect(rig.errors).toHaveLength(1);
    rig.clock.advance(2_000);
    expect(rig.errors).toHaveLength(2);
    rig.watch.stop();
    expect(rig.clock.pending).toBe(0);
  });

  it('gives a leg that rings in silence four times as long', () => {
    const rig = new Rig();
    rig.clock.advance(39_000);
    expect(rig.errors).toHaveLength(0);
    rig.clock.advance(3000);
    expect(rig.errors[0]?.message).toMatch(
      /^No media came from the callee for 40 s. No packets from the carrier since the answer: check /,
    );
  });

  it('waits as long as a hold lasts, and counts anew after it', () => {
    const rig = new Rig();
    rig.hear();
    rig.leg.agree(agreement('recvonly'));
    rig.clock.advance(3_600_000);
    rig.leg.agree(agreement('sendrecv'));
    rig.clock.advance(9000);
    expect(rig.errors).toHaveLength(0);
    rig.clock.advance(3000);
    expect(rig.errors).toHaveLength(1);
  });

  it('reports about every five seconds, and leaves no timer behind', () => {
    const rig = new Rig();
    for (let second = 0; second < 60; second += 1) {
      rig.hear();
      rig.clock.advance(1000);
    }
    expect(rig.reports.length).toBeGreaterThanOrEqual(6);
    expect(rig.reports.length).toBeLessThanOrEqual(24);
    rig.watch.stop();
    expect(rig.clock.pending).toBe(0);
  });

  it('tells every 5 s how the last 5 s sounded', () => {
    const rig = new Rig();
    const packet = (sequence: number): Buffer => {
      const buffer = Buffer.from('80000001000000000000000100', 'hex');
      buffer.writeUInt16BE(sequence, 2);
      return buffer;
    };
    for (const sequence of [1, 2, 4, 5]) rig.leg.onRtp(packet(sequence));
    rig.clock.advance(5000);
    for (const sequence of [6, 7, 8]) rig.leg.onRtp(packet(sequence));
    rig.clock.advance(5000);
    rig.clock.advance(5000);
    const [first, second, third] = rig.qualities;
    expect(first?.received).toMatchObject({ lossPercent: 20 });
    expect(first?.received?.mos).toBeCloseTo(2.6, 1);
    expect(second?.received).toMatchObject({ lossPercent: 0 });
    expect(second?.received?.mos).toBeCloseTo(4.4, 1);
    expect(third).toMatchObject({
      received: undefined,
      problem: 'No packets from the carrier for 10 s.',
    });
    expect(rig.qualities).toHaveLength(3);
    expect(rig.leg.quality.total().received?.lossPercent).toBe(12.5);
  });

  it('takes the quality of what is sent from the reports of the leg', () => {
    const rig = new Rig();
    const report = (lost: number, highest: number): Buffer => {
      const buffer = Buffer.alloc(32);
      buffer.set([0x81, 201, 0, 7]);
      buffer.writeUInt32BE(rig.leg.stream.ssrc, 8);
      buffer.writeIntBE(lost, 13, 3);
      buffer.writeUInt32BE(highest, 16);
      buffer.writeUInt32BE(80, 20);
      return buffer;
    };
    rig.leg.onRtcp(report(0, 100));
    rig.clock.advance(5000);
    rig.leg.onRtcp(report(10, 200));
    rig.clock.advance(5000);
    rig.clock.advance(5000);
    const sent = rig.qualities.map((quality) => quality.sent);
    expect(sent[0]).toMatchObject({ lossPercent: 0, jitterMs: 10 });
    expect(sent[1]).toMatchObject({ lossPercent: 10, jitterMs: 10 });
    expect(sent[2]).toBeUndefined();
  });

  it('counts what was lost before us among what the leg lacks', () => {
    const rig = new Rig();
    const { stream } = rig.leg;
    const packet = Buffer.alloc(32);
    // The other leg lost each fifth: 80 packets with 100 numbers. Of those, 20 were lost on the way to the leg.
    for (let sequence = 1; sequence < 100; sequence += 1) {
      if (sequence % 5 === 0) continue;
      packet.writeUInt16BE(sequence, 2);
      packet.writeUInt32BE(160 * sequence, 4);
      stream.forward(packet, { start: 12, end: 32 }, rig.clock.monotonic());
    }
    const report = Buffer.alloc(32);
    report.set([0x81, 201, 0, 7]);
    report.writeUInt32BE(stream.ssrc, 8);
    report.writeIntBE(40, 13, 3);
    report.writeUInt32BE(stream.firstSequence + 100, 16);
    rig.leg.onRtcp(report);
    expect(rig.leg.quality.total().sent?.lossPercent).toBe(40);
    expect(rig.leg.quality.interval().sent?.lossPercent).toBe(40);
  });

  it('names a leg that was never heard, and one that went silent', () => {
    const rig = new Rig();
    rig.clock.advance(1000);
    expect(rig.watch.problemOf(rig.leg)).toBeUndefined();
    rig.clock.advance(4000);
    expect(rig.qualities[0]?.problem).toBe(
      "No packets from the carrier since the answer: check media.relay.carrier.advertised or the trunk's firewall.",
    );
    rig.hear();
    expect(rig.watch.problemOf(rig.leg)).toBeUndefined();
    rig.clock.advance(9000);
    expect(rig.watch.problemOf(rig.leg)).toBe('No packets from the carrier for 9 s.');
    rig.leg.agree(agreement('sendonly'));
    rig.clock.advance(500);
    expect(rig.watch.problemOf(rig.leg), 'on hold').toBeUndefined();
  });
});
