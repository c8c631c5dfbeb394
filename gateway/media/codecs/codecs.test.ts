import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hearTone, tone } from '../../../test/support/tone.js';
import type { CodecName } from '../media-engine.js';
import { MAX_PACKET_MS, samplesIn, type AudioDecoder } from './audio-codec.js';
import { createDecoder, createEncoder } from './create-codec.js';

const CODECS: readonly CodecName[] = ['opus', 'g722', 'pcmu', 'pcma'];
const AMPLITUDE = 8000;

function roomFor(decoder: AudioDecoder): Int16Array {
  return new Int16Array(samplesIn(MAX_PACKET_MS, decoder.sampleRate));
}

/** A second of a tone, encoded and decoded in packets; without the first 200 ms. */
function roundTrip(codec: CodecName, hz: number, ptimeMs: number): Int16Array {
  const partner = codec === 'opus' ? 'g722' : codec;
  const [encoder, decoder] = [createEncoder(codec, partner), createDecoder(codec, partner)];
  const { sampleRate } = encoder;
  const input = tone({ hz, sampleRate, samples: sampleRate, amplitude: AMPLITUDE });
  const packet = samplesIn(ptimeMs, sampleRate);
  const pcm = roomFor(decoder);
  const heard: number[] = [];
  for (let at = 0; at + packet <= input.length; at += packet) {
    const payload = encoder.encode(input.subarray(at, at + packet));
    const samples = decoder.decode(payload, pcm);
    expect(samples).toBe(packet);
    heard.push(...pcm.subarray(0, samples));
  }
  return Int16Array.from(heard).subarray(sampleRate / 5);
}

describe.each(CODECS)('%s', (codec) => {
  it.each([10, 20, 40, 60])('carries a tone in packets of %i ms', (ptimeMs) => {
    const sampleRate = codec === 'pcmu' || codec === 'pcma' ? 8000 : 16_000;
    for (const hz of [300, 440, 1000, 3000]) {
      const heard = hearTone(roundTrip(codec, hz, ptimeMs), hz, sampleRate);
      expect(Math.abs(20 * Math.log10(heard.amplitude / AMPLITUDE)), `${hz} Hz`).toBeLessThan(1);
      expect(heard.signalToNoiseDb, `${hz} Hz`).toBeGreaterThan(codec === 'opus' ? 15 : 30);
    }
  });

  it('decodes any bytes without throwing and within its buffer, and goes on', () => {
    const decoder = createDecoder(codec, 'pcmu');
    const pcm = roomFor(decoder);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1500 }), fc.boolean(), (bytes, lose) => {
        const samples = decoder.decode(bytes, pcm);
        expect(samples).toBeGreaterThanOrEqual(0);
        expect(samples).toBeLessThanOrEqual(pcm.length);
        if (lose) expect(decoder.conceal(320, pcm)).toBeLessThanOrEqual(320);
      }),
      { numRuns: 2000 },
    );
  });

  it('conceals a lost packet with what was heard, fading when more are lost', () => {
    const [encoder, decoder] = [createEncoder(codec, 'pcmu'), createDecoder(codec, 'pcmu')];
    const { sampleRate } = encoder;
    const packet = sampleRate / 50;
    const input = tone({ hz: 400, sampleRate, samples: sampleRate / 2, amplitude: AMPLITUDE });
    const pcm = roomFor(decoder);
    for (let at = 0; at < input.length; at += packet) {
      decoder.decode(encoder.encode(input.subarray(at, at + packet)), pcm);
    }
    const levels = Array.from({ length: 6 }, () => {
      expect(decoder.conceal(packet, pcm)).toBe(packet);
      return Math.max(...pcm.subarray(0, packet));
    });
    expect(levels[0]).toBeGreaterThan(AMPLITUDE / 3);
    expect(levels[5]).toBeLessThan(levels[0]! / 2);
  });
});

describe('opus', () => {
  it('carries what comes from G.711 at its level, with FEC in its packets', () => {
    for (const hz of [300, 440, 1000, 3000]) {
      const [encoder, decoder] = [createEncoder('opus', 'pcmu'), createDecoder('opus', 'pcmu')];
      const pcm = roomFor(decoder);
      const input = tone({ hz, sampleRate: 8000, samples: 8000, amplitude: AMPLITUDE });
      const heard: number[] = [];
      let withFec = 0;
      for (let at = 0; at < input.length; at += 160) {
        const payload = encoder.encode(input.subarray(at, at + 160));
        // RFC 6716 section 4.2.3: behind the TOC the VAD flag of a SILK frame of 20 ms, then its LBRR flag.
        withFec += ((payload[1] ?? 0) >> 6) & 1;
        heard.push(...pcm.subarray(0, decoder.decode(payload, pcm)));
      }
      const { amplitude } = hearTone(Int16Array.from(heard).subarray(1600), hz, 8000);
      expect(Math.abs(20 * Math.log10(amplitude / AMPLITUDE)), `${hz} Hz`).toBeLessThan(1);
      expect(withFec, `${hz} Hz`).toBeGreaterThan(20);
    }
  });

  it('takes a packet of one byte, a sender’s DTX, as a packet', () => {
    const [encoder, decoder] = [createEncoder('opus', 'pcmu'), createDecoder('opus', 'pcmu')];
    const pcm = roomFor(decoder);
    const payload = encoder.encode(new Int16Array(160));
    decoder.decode(payload, pcm);
    expect(decoder.decode(payload.slice(0, 1), pcm)).toBe(160);
  });

  it('conceals nothing before it heard anything', () => {
    const decoder = createDecoder('opus', 'pcmu');
    expect(decoder.conceal(160, roomFor(decoder))).toBe(0);
  });

  it('works at the rate of its partner', () => {
    expect(createEncoder('opus', 'g722').sampleRate).toBe(16_000);
    expect(createDecoder('opus', 'pcma').sampleRate).toBe(8000);
    expect(createDecoder('opus', 'opus').sampleRate).toBe(48_000);
  });
});
