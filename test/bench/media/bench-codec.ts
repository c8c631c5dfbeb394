import { Encoder } from '@evan/opus';
import { PACKET_BYTES, PCMU } from './bench-packet.js';

/** What the browsers of the benchmark speak; the carrier speaks PCMU. */
export type BenchCodec = 'pcmu' | 'opus';

export const PAYLOAD_TYPES: Record<BenchCodec, number> = { pcmu: PCMU, opus: 111 };

/** Of 20 ms. */
export const TIMESTAMP_STEPS: Record<BenchCodec, number> = { pcmu: 160, opus: 960 };

/** The a=rtpmap and a=fmtp lines of a browser that offers this codec alone. */
export const CODEC_LINES: Record<BenchCodec, readonly string[]> = {
  pcmu: ['a=rtpmap:0 PCMU/8000', 'a=rtpmap:126 telephone-event/8000'],
  opus: [
    'a=rtpmap:111 opus/48000/2',
    'a=fmtp:111 minptime=10;useinbandfec=1',
    'a=rtpmap:126 telephone-event/48000',
  ],
};

/** Payloads to send in turn: marked silence in PCMU, a rising and falling tone in Opus. */
export function payloads(codec: BenchCodec): readonly Buffer[] {
  if (codec === 'pcmu') return [Buffer.alloc(PACKET_BYTES - 12, 0xff)];
  const encoder = new Encoder({ channels: 1, sample_rate: 48_000, application: 'voip' });
  let phase = 0;
  return Array.from({ length: 50 }, (_, frame) => {
    const pcm = new Int16Array(960);
    const step = (2 * Math.PI * (300 + 1500 * Math.abs(25 - frame) * 0.04)) / 48_000;
    for (let index = 0; index < pcm.length; index += 1) {
      phase += step;
      pcm[index] = Math.round(Math.sin(phase) * 8000);
    }
    return Buffer.from(encoder.encode(pcm));
  });
}
