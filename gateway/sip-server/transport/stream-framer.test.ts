import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StreamFramer } from './stream-framer.js';

interface Seen {
  messages: string[];
  pings: number;
  defects: { head: string; why: string; status: number }[];
}

function framer(maxBytes = 2_000): { seen: Seen; framer: StreamFramer } {
  const seen: Seen = { messages: [], pings: 0, defects: [] };
  const made = new StreamFramer(
    {
      onMessage: (bytes) => seen.messages.push(bytes.toString('latin1')),
      onPing: () => {
        seen.pings += 1;
      },
      onDefect: (head, defect) => seen.defects.push({ head: head.toString('latin1'), ...defect }),
    },
    maxBytes,
  );
  return { seen, framer: made };
}

const message = (body: string, length = `Content-Length: ${body.length}`): string =>
  `MESSAGE sip:b@x SIP/2.0\r\nCall-ID: 1\r\n${length}\r\n\r\n${body}`;

function read(text: string, maxBytes?: number): Seen {
  const { seen, framer: made } = framer(maxBytes);
  made.push(Buffer.from(text, 'latin1'));
  return seen;
}

describe('a stream of SIP messages', () => {
  it('is cut by Content-Length, however it is split and merged', () => {
    const parts = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary-ascii', maxLength: 80 }).map((body) => message(body)),
        fc.constantFrom('\r\n\r\n', message('\r\n\r\nINVITE', 'l : 10'), message('', 'L:0')),
      ),
      { maxLength: 6 },
    );
    const cuts = fc.array(fc.nat(), { maxLength: 12 });
    fc.assert(
      fc.property(parts, cuts, (pieces, at) => {
        const stream = Buffer.from(pieces.join(''), 'latin1');
        const { seen, framer: made } = framer();
        const edges = at.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b);
        let from = 0;
        for (const edge of [...edges, stream.length]) {
          // A read buffer is used again by its owner once push() returned.
          const chunk = Buffer.from(stream.subarray(from, edge));
          made.push(chunk);
          from = edge;
        }
        const pings = pieces.filter((piece) => piece === '\r\n\r\n');
        expect(seen.messages).toEqual(pieces.filter((piece) => piece !== '\r\n\r\n'));
        expect(seen.pings).toBe(pings.length);
        expect(seen.defects).toEqual([]);
        expect(made.half).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('is cut byte by byte, too', () => {
    const { seen, framer: made } = framer();
    const text = message('hello') + message('');
    for (const byte of Buffer.from(text)) made.push(Buffer.from([byte]));
    expect(seen.messages).toEqual([message('hello'), message('')]);
  });

  it('knows an unfinished message from the silence between two', () => {
    const { framer: made } = framer();
    expect(made.half).toBe(false);
    made.push(Buffer.from(message('hello').slice(0, -1)));
    expect(made.half).toBe(true);
    made.push(Buffer.from('o'));
    expect(made.half).toBe(false);
    made.push(Buffer.from('\r\n'));
    expect(made.half).toBe(false);
  });

  it('tells the pongs of its own pings from pings', () => {
    const { seen, framer: made } = framer();
    made.expectPong();
    made.push(Buffer.from('\r\n'));
    made.expectPong();
    made.push(Buffer.from('\r\n'));
    expect(seen.pings).toBe(0);
    made.push(Buffer.from('\r\n'));
    made.push(Buffer.from('\r\n'));
    expect(seen.pings).toBe(1);
  });

  it('takes line feeds alone for line ends, and a folded length', () => {
    expect(read('A b SIP/2.0\nContent-Length: 2\n\nhi').messages).toHaveLength(1);
    expect(read('A b SIP/2.0\r\nContent-Length:\r\n 2\r\n\r\nhi').messages).toHaveLength(1);
    expect(read(message('hi', 'Content-Length: 2\r\nl: 2')).messages).toHaveLength(1);
  });

  it.each([
    { what: 'no length', text: message('hi', 'X: 1'), why: 'missing', status: 400 },
    {
      what: 'no number',
      text: message('hi', 'Content-Length: two'),
      why: 'is not a number',
      status: 400,
    },
    {
      what: 'a negative length',
      text: message('hi', 'Content-Length: -1'),
      why: 'is not a number',
      status: 400,
    },
    {
      what: 'contradicting lengths',
      text: message('hi', 'l: 1\r\nl: 2'),
      why: 'contradict',
      status: 400,
    },
    {
      what: 'too large a length',
      text: message('', 'Content-Length: 5000'),
      why: 'more than 2000 bytes',
      status: 513,
    },
    {
      what: 'headers without end',
      text: `A: ${'x'.repeat(2_100)}`,
      why: 'more than 2000 bytes',
      status: 513,
    },
  ])('ends at $what', ({ text, why, status }) => {
    const seen = read(text + message('after'));
    expect(seen.messages).toEqual([]);
    expect(seen.defects).toMatchObject([{ why: expect.stringContaining(why) as string, status }]);
    expect(seen.defects[0]!.head.length).toBeLessThanOrEqual(2_000);
  });

  it('ends at a defect that comes in pieces, once, and takes no more', () => {
    const { seen, framer: made } = framer();
    for (const byte of Buffer.from(message('hi', 'X: 1') + message('after')))
      made.push(Buffer.from([byte]));
    expect(seen.defects).toHaveLength(1);
    expect(made.half).toBe(false);
  });
});
