import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { OutgoingStream } from './outgoing-stream.js';
import { Reception } from './reception.js';
import { ntpMiddle } from './rtcp-packet.js';
import { RtcpSession } from './rtcp-session.js';

function side(clock: ManualClock, ssrc: number) {
  const reception = new Reception();
  const stream = new OutgoingStream({
    clock,
    ssrc,
    firstSequence: 1,
    firstTimestamp: 1000,
    to: { sendRtp: () => undefined },
  });
  return { reception, stream, rtcp: new RtcpSession({ clock, stream, reception }) };
}

function block(ssrc: number, lastSenderReport: number) {
  const counters = { cumulativeLost: 0, highestSequence: 1, jitter: 0 };
  return { ssrc, ...counters, lastSenderReport, delay: 0 };
}

describe('RtcpSession', () => {
  it('measures the round trip between two of its kind', () => {
    const clock = new ManualClock();
    const [a, b] = [side(clock, 1), side(clock, 2)];
    a.stream.sendEvent(5, true, new Uint8Array(4));
    b.reception.packet(1, 1);
    const senderReport = a.rtcp.report();
    clock.advance(30);
    expect(b.rtcp.receive(senderReport!)).toBe(true);
    clock.advance(2000);
    const receiverReport = b.rtcp.report();
    clock.advance(45);
    expect(a.rtcp.receive(receiverReport!)).toBe(true);
    expect(a.rtcp.roundTripMs).toBeCloseTo(75, 0);
    expect(b.rtcp.roundTripMs).toBeUndefined();
  });

  it('sends a sender report only when something was sent since the last', () => {
    const clock = new ManualClock();
    const { stream, reception, rtcp } = side(clock, 1);
    expect(rtcp.report()).toBeUndefined();
    stream.sendEvent(5, true, new Uint8Array(4));
    expect(rtcp.report()?.readUInt8(1)).toBe(200);
    expect(rtcp.report()).toBeUndefined();
    reception.packet(9, 77);
    const report = rtcp.report();
    expect(report?.readUInt8(1)).toBe(201);
    expect(report?.readUInt32BE(8)).toBe(77);
  });

  it('ignores reports about the streams of others and impossible round trips', () => {
    const clock = new ManualClock();
    const { rtcp } = side(clock, 1);
    const lastReport = ntpMiddle(clock.now());
    clock.advance(100);
    rtcp.reportBlock(block(99, lastReport));
    rtcp.reportBlock(block(1, 0));
    rtcp.reportBlock(block(1, ntpMiddle(clock.now() + 600_000)));
    expect(rtcp.roundTripMs).toBeUndefined();
    rtcp.reportBlock(block(1, lastReport));
    expect(rtcp.roundTripMs).toBeCloseTo(100, 0);
  });

  it('survives any bytes', () => {
    const { rtcp } = side(new ManualClock(), 1);
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(200, 201, 205),
        (bytes, type) => {
          const packet = Buffer.from(bytes);
          rtcp.receive(packet);
          if (packet.length < 4) return;
          packet[0] = 0x80 | ((packet[0] ?? 0) & 0x1f);
          packet[1] = type;
          packet.writeUInt16BE(Math.floor(packet.length / 4) - 1, 2);
          rtcp.receive(packet);
        },
      ),
    );
  });
});
