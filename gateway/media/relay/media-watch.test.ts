import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import type { CopperlineError } from '../../kernel/errors.js';
import type { Direction } from '../sdp/direction.js';
import { MediaLeg, type LegAgreement } from './media-leg.js';
import { MediaWatch } from './media-watch.js';

function agreement(direction: Direction): LegAgreement {
  return {
    codec: 'pcmu',
    sendPayloadType: 0,
    receivePayloadTypes: [0],
    sendEvent: undefined,
    receiveEvents: [],
    direction,
  };
}

class Rig {
  readonly clock = new ManualClock();
  readonly errors: CopperlineError[] = [];
  readonly reports: Buffer[] = [];
  readonly leg = new MediaLeg({
    name: 'callee',
    clock: this.clock,
    policy: { kind: 'rtp', codecs: ['pcmu'], minToneMs: 65, minGapMs: 65, ptimeMs: 20 },
    nextDigitId: () => 1,
    onDigit: () => undefined,
  });
  readonly watch = new MediaWatch({
    clock: this.clock,
    timeoutMs: 10_000,
    legs: () => [this.leg],
    onTimeout: (error) => {
      this.errors.push(error);
    },
  });

  constructor() {
    this.leg.transport = {
      rejected: 0,
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
    expect(rig.errors.map((error) => [error.code, error.message])).toEqual([
      ['CL_MEDIA_TIMEOUT', 'No media came from the callee for 10 s.'],
    ]);
    expect(rig.clock.pending).toBe(0);
  });

  it('gives a leg that rings in silence four times as long', () => {
    const rig = new Rig();
    rig.clock.advance(39_000);
    expect(rig.errors).toHaveLength(0);
    rig.clock.advance(3000);
    expect(rig.errors[0]?.message).toBe('No media came from the callee for 40 s.');
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
});
