import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { readRtp, rtpPacket, type ReceivedRtp } from '../../../test/support/media-rtp-peer.js';
import { OutgoingStream } from './outgoing-stream.js';

class Rig {
  readonly clock = new ManualClock();
  readonly sent: ReceivedRtp[] = [];
  readonly stream = new OutgoingStream({
    clock: this.clock,
    ssrc: 0xabcd,
    firstSequence: 65_534,
    firstTimestamp: 0xffff_ff00,
    to: {
      sendRtp: (buffer, start, end) => {
        this.sent.push(readRtp(buffer.subarray(start, end)));
      },
    },
  });

  forward(sequence: number, timestamp: number, { ssrc = 1, marker = false } = {}): void {
    const packet = rtpPacket({
      marker,
      payloadType: 9,
      sequence,
      timestamp,
      ssrc,
      payload: Buffer.alloc(4),
    });
    const now = this.clock.monotonic();
    this.stream.forward(packet, { start: 12, end: packet.length }, now);
  }

  noise(sequence: number, timestamp: number): void {
    const packet = rtpPacket({
      ...{ payloadType: 13, sequence, timestamp, ssrc: 1, payload: Buffer.alloc(1) },
    });
    const now = this.clock.monotonic();
    this.stream.forwardNoise(packet, { start: 12, end: packet.length }, now);
  }

  /** `count` packets, 20 ms apart. */
  run(count: number, sequence: number, timestamp: number): void {
    for (let index = 0; index < count; index += 1) {
      this.forward(sequence + index, timestamp + index * 160);
      this.clock.advance(20);
    }
  }

  steps(field: 'sequence' | 'timestamp'): number[] {
    const mask = field === 'sequence' ? 0xffff : 0xffff_ffff;
    return this.sent
      .slice(1)
      .map((packet, index) => ((packet[field] - (this.sent[index]?.[field] ?? 0)) & mask) >>> 0);
  }
}

describe('OutgoingStream', () => {
  it('runs on over the wrap of sequence and timestamp', () => {
    const rig = new Rig();
    rig.run(5, 70, 4_294_967_000);
    expect(rig.steps('sequence')).toEqual([1, 1, 1, 1]);
    expect(rig.steps('timestamp')).toEqual([160, 160, 160, 160]);
    expect(rig.sent.map((packet) => packet.ssrc)).toEqual(Array(5).fill(0xabcd));
  });

  it('leaves out audio that was held up and belongs to the time of an event', () => {
    const rig = new Rig();
    rig.run(2, 10, 0);
    const start = rig.stream.currentTimestamp(rig.clock.monotonic());
    // 100 ms of tone, told at once: E bit, volume 10, duration 800.
    rig.stream.sendEvent(start, true, Uint8Array.of(5, 0x8a, 0x03, 0x20));
    // A burst of what the source sent meanwhile: five packets of 20 ms lie in the event, the sixth does not.
    for (let index = 0; index < 6; index += 1) rig.forward(12 + index, 320 + index * 160);
    expect(rig.sent).toHaveLength(4);
    const [event, audio] = rig.sent.slice(2);
    expect(((audio?.timestamp ?? 0) - (event?.timestamp ?? 0)) >>> 0).toBe(800);
    expect(rig.steps('sequence')).toEqual([1, 1, 1]);
  });

  it('puts tones behind the audio before them, and leaves out audio that belongs to their time', () => {
    const rig = new Rig();
    const g711 = (sequence: number): void => {
      const packet = rtpPacket({
        ...{ payloadType: 0, sequence, timestamp: sequence * 160, ssrc: 1 },
        payload: Buffer.alloc(160),
      });
      rig.stream.forward(packet, { start: 12, end: packet.length }, rig.clock.monotonic());
    };
    g711(1);
    rig.clock.advance(3);
    const start = rig.stream.freeTimestamp(rig.clock.monotonic());
    for (const behind of [0, 160, 320])
      rig.stream.sendAudio((start + behind) >>> 0, Buffer.alloc(160, 1));
    rig.clock.advance(60);
    for (const sequence of [2, 3, 4, 5]) g711(sequence);
    expect(rig.steps('timestamp')).toEqual([160, 160, 160, 160]);
    expect(rig.steps('sequence')).toEqual([1, 1, 1, 1]);
    rig.clock.advance(100);
    const now = rig.clock.monotonic();
    expect(rig.stream.freeTimestamp(now)).toBe(rig.stream.currentTimestamp(now));
  });

  it('marks the first audio of another SSRC although it changed in the time of an event', () => {
    const rig = new Rig();
    rig.run(2, 10, 0);
    const start = rig.stream.currentTimestamp(rig.clock.monotonic());
    rig.stream.sendEvent(start, true, Uint8Array.of(5, 0x8a, 0x03, 0x20));
    for (let index = 0; index < 8; index += 1)
      rig.forward(500 + index, 90_000 + index * 160, { ssrc: 2 });
    const audio = rig.sent.slice(3);
    expect(audio.map(({ marker }) => marker)).toEqual([true, false, false]);
    expect(audio.map(({ timestamp }) => (timestamp - start) >>> 0)).toEqual([800, 960, 1120]);
  });

  it('marks a talkspurt whose first packet lies in the time of an event, and no noise before it', () => {
    const rig = new Rig();
    rig.run(2, 10, 0);
    const start = rig.stream.currentTimestamp(rig.clock.monotonic());
    rig.stream.sendEvent(start, true, Uint8Array.of(5, 0x8a, 0x00, 0xa0));
    rig.forward(12, 320, { marker: true });
    rig.noise(13, 480);
    rig.forward(14, 640);
    rig.forward(15, 800);
    expect(rig.sent.slice(3).map(({ marker }) => marker)).toEqual([false, true, false]);
  });

  it('bridges another SSRC by the time that passed', () => {
    const rig = new Rig();
    rig.run(2, 10, 0);
    rig.clock.advance(980);
    rig.forward(40_000, 5_000_000, { ssrc: 2 });
    expect(rig.steps('sequence')).toEqual([1, 1]);
    expect(rig.steps('timestamp')).toEqual([160, 8000]);
    expect(rig.sent[2]?.marker).toBe(true);
  });

  it('follows a pause of the source and repairs a jump of its timestamps', () => {
    const rig = new Rig();
    rig.run(2, 10, 0);
    rig.clock.advance(4980);
    rig.forward(12, 160 + 40_000);
    expect(rig.steps('timestamp').at(-1), 'silence suppression is real time').toBe(40_000);
    rig.clock.advance(20);
    rig.forward(13, 900_000_000);
    expect(rig.steps('timestamp').at(-1)).toBe(160);
  });

  it('puts late packets in their place, but not before what was sent since', () => {
    const rig = new Rig();
    rig.forward(10, 1600);
    rig.forward(12, 1920);
    rig.forward(11, 1760);
    expect(rig.sent.map((packet) => (packet.sequence - 65_535) & 0xffff)).toEqual([0, 2, 1]);
    rig.stream.sendEvent(5, true, new Uint8Array(4));
    rig.forward(9, 1440);
    rig.forward(14, 2240);
    rig.forward(13, 2080);
    expect(rig.sent.slice(3).map((packet) => (packet.sequence - 65_535) & 0xffff)).toEqual([3, 4]);
  });

  it('closes the gaps that it made itself', () => {
    const rig = new Rig();
    rig.run(2, 10, 0);
    rig.stream.skip();
    rig.clock.advance(60);
    rig.forward(15, 5 * 160);
    expect(rig.steps('sequence')).toEqual([1, 1]);
    expect(rig.steps('timestamp')).toEqual([160, 640]);
  });

  it('gives events the stream its own next numbers and lets audio go on after them', () => {
    const rig = new Rig();
    rig.run(3, 10, 0);
    const now = rig.clock.monotonic();
    const timestamp = rig.stream.currentTimestamp(now);
    expect((timestamp - (rig.sent[2]?.timestamp ?? 0)) >>> 0).toBe(160);
    rig.stream.eventPayloadType = 101;
    for (const marker of [true, false, false]) {
      rig.stream.sendEvent(timestamp, marker, Uint8Array.of(5, 10, 0, 160));
      rig.clock.advance(20);
    }
    rig.forward(16, 6 * 160);
    expect(rig.steps('sequence')).toEqual([1, 1, 1, 1, 1, 1]);
    expect(((rig.sent[6]?.timestamp ?? 0) - timestamp) >>> 0).toBe(480);
    expect(rig.sent.slice(3, 6).map((packet) => [packet.payloadType, packet.marker])).toEqual([
      [101, true],
      [101, false],
      [101, false],
    ]);
  });

  it('changes the clock with the codec and keeps time', () => {
    const rig = new Rig();
    rig.run(2, 10, 0);
    rig.stream.setClocks(48_000, 48_000, rig.clock.monotonic());
    const changed = rig.stream.currentTimestamp(rig.clock.monotonic());
    rig.clock.advance(100);
    rig.forward(12, 320);
    expect(((rig.sent[2]?.timestamp ?? 0) - changed) >>> 0).toBe(4800);
  });
});
