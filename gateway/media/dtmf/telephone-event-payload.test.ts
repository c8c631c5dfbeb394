import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countBlocks, emptyBlock, readBlock, writeBlock } from './telephone-event-payload.js';

describe('telephone-event payload', () => {
  it('reads the bytes of RFC 4733 2.3 at an offset', () => {
    const block = emptyBlock();
    readBlock(Uint8Array.of(0xff, 0xff, 0x0b, 0x8a, 0x03, 0x20), 2, block);
    expect(block).toEqual({ event: 11, end: true, volume: 10, duration: 800 });
  });

  it('ignores the reserved bit on reading and writes it as 0', () => {
    const block = emptyBlock();
    readBlock(Uint8Array.of(1, 0x4a, 0, 160), 0, block);
    expect(block).toEqual({ event: 1, end: false, volume: 10, duration: 160 });
    const bytes = new Uint8Array(4);
    writeBlock(bytes, 0, block);
    expect([...bytes]).toEqual([1, 0x0a, 0, 160]);
  });

  it('reads back every block that it writes, and touches nothing else', () => {
    const blocks = fc.record({
      event: fc.integer({ min: 0, max: 255 }),
      end: fc.boolean(),
      volume: fc.integer({ min: 0, max: 63 }),
      duration: fc.integer({ min: 0, max: 0xffff }),
    });
    fc.assert(
      fc.property(blocks, fc.integer({ min: 0, max: 4 }), (block, offset) => {
        const bytes = new Uint8Array(8).fill(0x55);
        writeBlock(bytes, offset, block);
        const read = emptyBlock();
        readBlock(bytes, offset, read);
        expect(read).toEqual(block);
        expect([...bytes].filter((_, at) => at < offset || at >= offset + 4)).toEqual(
          Array(4).fill(0x55),
        );
      }),
    );
  });

  it.each([
    [0, 0],
    [3, 0],
    [4, 1],
    [6, 0],
    [8, 2],
    [32, 8],
    [36, 0],
    [160, 0],
  ])('%i bytes hold %i blocks', (bytes, blocks) => {
    expect(countBlocks(bytes)).toBe(blocks);
  });
});
