import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { tone } from '../../../test/support/tone.js';
import { createDecoder } from '../codecs/create-codec.js';
import { sequenceOf, timestampOf } from '../rtp/rtp-packet.js';
import type { CodecName } from '../media-engine.js';
import { SoundPlayer } from './sound-player.js';

interface Sent {
  at: number;
  sequence: number;
  timestamp: number;
  payload: Buffer;
}

function bench(codec: CodecName = 'pcma', ptimeMs = 20) {
  const clock = new ManualClock();
  const sent: Sent[] = [];
  const state = { takes: true, ended: 0, stoodStillMs: 0 };
  const player = new SoundPlayer({
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic() + state.stoodStillMs,
      setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
    },
    takesAudio: () => state.takes,
    sink: (packet, { start, end }, at) => {
      const payload = Buffer.from(packet.subarray(start, end));
      sent.push({ at, sequence: sequenceOf(packet), timestamp: timestampOf(packet), payload });
    },
  });
  return {
    clock,
    sent,
    state,
    player,
    begin: () => {
      player.agree(codec, ptimeMs);
    },
  };
}

/** A steady tone of so many samples at 8 kHz; undefined: without end. */
function source(samples = Infinity, sampleRate = 8000) {
  let left = samples;
  let at = 0;
  return {
    sampleRate,
    fill: (pcm: Int16Array) => {
      const count = Math.min(left, pcm.length);
      const wave = tone({ hz: 500, sampleRate, samples: at + count });
      pcm.set(wave.subarray(at));
      at += count;
      left -= count;
      return count;
    },
  };
}

describe('the sound player', () => {
  it.each([
    ['pcma', 20, 160],
    ['pcma', 60, 480],
    ['g722', 20, 160],
    ['opus', 40, 1920],
    ['opus', 30, 960],
  ] as const)('sends %s in packets of %i ms, one after the other', (codec, ptimeMs, step) => {
    const { clock, sent, player, begin } = bench(codec, ptimeMs);
    player.start(source(), () => undefined);
    begin();
    clock.advance(480);
    expect(sent.length).toBeGreaterThanOrEqual(8);
    for (const [index, packet] of sent.slice(1).entries()) {
      expect(packet.timestamp - sent[index]!.timestamp).toBe(step);
      expect(packet.sequence - sent[index]!.sequence).toBe(1);
    }
    player.close();
    expect(clock.pending).toBe(0);
  });

  it('waits until the leg has agreed', () => {
    const { clock, sent, player, begin } = bench();
    player.start(source(), () => undefined);
    clock.advance(100);
    expect([sent.length, player.active]).toEqual([0, false]);
    begin();
    clock.advance(100);
    expect([sent.length, player.active]).toEqual([6, true]);
    player.close();
  });

  it('tells when it came to the end of a sound, and not when it was stopped', () => {
    const { clock, sent, player, state, begin } = bench();
    begin();
    player.start(source(400), () => (state.ended += 1));
    clock.advance(200);
    expect([sent.length, state.ended, player.active]).toEqual([3, 1, false]);
    player.start(source(), () => (state.ended += 1));
    clock.advance(50);
    player.stop();
    clock.advance(50);
    expect([state.ended, player.active, clock.pending]).toEqual([1, false, 0]);
  });

  it('fades when it is stopped', () => {
    const { clock, sent, player, begin } = bench();
    begin();
    player.start(source(), () => undefined);
    clock.advance(50);
    player.stop();
    clock.advance(50);
    const pcm = new Int16Array(960);
    createDecoder('pcma', 'pcma').decode(sent.at(-1)!.payload, pcm);
    expect(Math.max(...pcm.subarray(0, 20))).toBeGreaterThan(5000);
    expect(Math.max(...pcm.subarray(90, 160))).toBeLessThan(20);
  });

  it('runs on in silence while the leg takes nothing', () => {
    const { clock, sent, player, state, begin } = bench();
    begin();
    player.start(source(), () => undefined);
    clock.advance(39);
    state.takes = false;
    clock.advance(200);
    const before = sent.at(-1)!;
    state.takes = true;
    clock.advance(40);
    const after = sent[2]!;
    expect(after.sequence - before.sequence).toBe(1);
    expect(after.timestamp - before.timestamp).toBe((after.at - before.at) * 8);
    player.close();
  });

  it('goes on in another codec', () => {
    const { clock, sent, player, begin } = bench('opus');
    begin();
    player.start(source(), () => undefined);
    clock.advance(50);
    player.agree('pcmu', 20);
    const opus = sent.length;
    clock.advance(40);
    expect(sent.slice(opus).map(({ payload }) => payload.length)).toEqual([160, 160]);
    player.close();
  });

  it('leaves a gap and no burst when the process stood still', () => {
    const { clock, sent, player, state, begin } = bench();
    begin();
    player.start(source(), () => undefined);
    clock.advance(20);
    state.stoodStillMs = 1000;
    clock.advance(40);
    expect(sent.length).toBeLessThan(6);
    expect(sent.at(-1)!.timestamp).toBeGreaterThan(7500);
    player.close();
  });
});
