import { describe, expect, it } from 'vitest';
import { L16Decoder, L16Encoder } from './l16-codec.js';

describe('L16', () => {
  it('has the most significant byte first, with its sign', () => {
    const pcm = Int16Array.of(0x0102, -2, -32_768, 32_767);
    expect(Buffer.from(new L16Encoder(8000).encode(pcm)).toString('hex')).toBe('0102fffe80007fff');
    const out = new Int16Array(1920);
    const payload = Buffer.from('0102fffe80007fff', 'hex');
    expect(new L16Decoder(16_000).decode(payload, out)).toBe(4);
    expect(out.subarray(0, 4)).toEqual(pcm);
  });

  it('takes no half sample, and nothing longer than a packet can be', () => {
    const decoder = new L16Decoder(8000);
    const out = new Int16Array(960);
    expect(decoder.decode(Buffer.alloc(3), out)).toBe(0);
    expect(decoder.decode(Buffer.alloc(1922), out)).toBe(0);
    expect(decoder.decode(Buffer.alloc(0), out)).toBe(0);
  });
});
