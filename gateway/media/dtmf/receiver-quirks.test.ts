import { describe, expect, it } from 'vitest';
import { ReceiverBench, tone, type Row } from '../../../test/support/dtmf/receiver-bench.js';

describe('TelephoneEventReceiver and what senders and networks do', () => {
  it.each<{ name: string; rows: Row[]; heard: string[] }>([
    { name: 'a clean digit', rows: tone(5, 100, [10, 1000]), heard: ['5:100'] },
    {
      name: 'two fast equal digits, told apart by the timestamp',
      rows: [...tone(7, 60, [1, 0]), ...tone(7, 60, [10, 1040])],
      heard: ['7:60', '7:60'],
    },
    {
      name: 'the first packet (and the marker with it) lost',
      rows: tone(1, 100, [1, 0]).slice(1),
      heard: ['1:100'],
    },
    {
      name: 'no marker anywhere',
      rows: [...tone(1, 60, [1, 0]), ...tone(1, 60, [9, 1040])].map(
        ([a, b, c, d, flags, f]): Row => [a, b, c, d, flags.replace('M', ''), f],
      ),
      heard: ['1:60', '1:60'],
    },
    {
      name: 'all end packets lost: the timeout ends it',
      rows: tone(2, 100, [1, 0]).slice(0, 4),
      heard: ['2:80'],
    },
    {
      name: 'all end packets lost: the next event ends it',
      rows: [...tone(2, 100, [1, 0]).slice(0, 4), ...tone(3, 60, [12, 1400])],
      heard: ['2:80', '3:60'],
    },
    {
      name: 'equal digits, the ends of the first and the marker of the second lost',
      rows: [...tone(2, 100, [1, 0]).slice(0, 4), ...tone(2, 100, [12, 1400]).slice(1)],
      heard: ['2:80', '2:100'],
    },
    {
      name: 'three end packets in one burst, marker on each (libwebrtc, Opus with 8000)',
      rows: [0, 1, 2].flatMap((digit) =>
        [0, 1, 2].map((copy): Row => [
          copy === 0 ? 150 : 0,
          digit * 9 + copy,
          digit * 8160,
          4,
          'ME',
          960,
        ]),
      ),
      heard: ['4:120', '4:120', '4:120'],
    },
    {
      name: 'a digit that starts with its end packet',
      rows: [[0, 1, 0, 11, 'E', 800]],
      heard: ['#:100'],
    },
    {
      name: 'duplicates and late packets after the end',
      rows: [
        ...tone(9, 60, [1, 0]),
        [0, 2, 0, 9, '', 320],
        [5, 1, 0, 9, 'M', 160],
        [300, 5, 0, 9, 'E', 480],
      ],
      heard: ['9:60'],
    },
    {
      name: 'late packets of the digit before, after the next has begun',
      rows: [
        ...tone(9, 60, [1, 0]),
        [60, 20, 1200, 8, 'M', 160],
        [0, 5, 0, 9, 'E', 480],
        [0, 21, 1200, 8, 'E', 320],
      ],
      heard: ['9:60', '8:40'],
    },
    {
      name: 'an end copy of the digit before that is sent again under a new sequence number',
      rows: [
        ...tone(9, 60, [1, 0]),
        [60, 20, 1200, 8, 'M', 160],
        [0, 21, 0, 9, 'E', 480],
        [0, 22, 1200, 8, 'E', 320],
      ],
      heard: ['9:60', '8:40'],
    },
    {
      name: 'reordered packets within a digit',
      rows: [
        [20, 2, 0, 6, '', 320],
        [1, 1, 0, 6, 'M', 160],
        [20, 4, 0, 6, 'E', 640],
        [1, 3, 0, 6, '', 480],
      ],
      heard: ['6:80'],
    },
    {
      name: 'moving timestamps with a duration that stands still',
      rows: [0, 1, 2, 3, 4, 5, 6].map((step): Row => {
        const flags = `${step === 0 ? 'M' : ''}${step >= 4 ? 'E' : ''}`;
        return [20, 10 + step, 5000 + step * 160, 3, flags, 160];
      }),
      heard: ['3:100'],
    },
    {
      name: 'moving timestamps with a growing duration and a lost packet',
      rows: [0, 1, 3, 4, 5, 6].map((step): Row => {
        const flags = `${step === 0 ? 'M' : ''}${step >= 4 ? 'E' : ''}`;
        return [20, 10 + step, 5000 + step * 160, 3, flags, 160 * Math.min(5, step + 1)];
      }),
      heard: ['3:100'],
    },
    {
      name: 'two equal digits with moving timestamps',
      rows: [0, 1, 2, 3, 4, 12, 13, 14, 15, 16].map((step): Row => {
        const own = step % 12;
        const flags = `${own === 0 ? 'M' : ''}${own >= 2 ? 'E' : ''}`;
        return [20, 10 + step, 5000 + step * 160, 3, flags, 160];
      }),
      heard: ['3:60', '3:60'],
    },
    {
      name: 'bursts of a sender that is silent in between (DTX), the first two packets of the second lost',
      rows: [
        [0, 1, 0, 4, 'ME', 960],
        [0, 2, 0, 4, 'ME', 960],
        [0, 3, 0, 4, 'ME', 960],
        [70, 6, 560, 4, 'ME', 960],
      ],
      heard: ['4:120', '4:120'],
    },
    {
      name: 'segments beyond 0xFFFF',
      rows: [
        [0, 1, 100, 1, 'M', 0xff00],
        [20, 2, 100, 1, '', 0xffff],
        [20, 3, 100 + 0xffff, 1, '', 161],
        [20, 4, 100 + 0xffff, 1, 'E', 8000],
        [20, 5, 100 + 0xffff, 1, 'E', 8000],
      ],
      heard: ['1:9192'],
    },
    {
      name: 'a segment whose full packet was lost, across the timestamp wrap',
      rows: [
        [0, 1, 0xffff_ff00, 1, 'M', 0xfe00],
        [20, 3, 0xffff_ff00 + 0xffff, 1, '', 320],
        [20, 4, 0xffff_ff00 + 0xffff, 1, 'E', 480],
        [20, 2, 0xffff_ff00, 1, '', 0xffff],
      ],
      heard: ['1:8252'],
    },
    {
      name: 'timestamp and sequence wrap between and within digits',
      rows: [...tone(1, 60, [0xfffe, 0xffff_fff0]), ...tone(2, 60, [8, 1024])],
      heard: ['1:60', '2:60'],
    },
    {
      name: 'a new SSRC with the same timestamp and event is another digit',
      rows: [...tone(1, 60, [1, 0]), [60, 700, 0, 1, 'M', 160, 2], [20, 701, 0, 1, 'E', 320, 2]],
      heard: ['1:60', '1:40'],
    },
    {
      name: 'an SSRC change within a digit ends it; late packets of the old SSRC start nothing',
      rows: [
        [20, 1, 0, 1, 'M', 160],
        [20, 900, 7000, 2, 'M', 160, 2],
        [0, 2, 0, 1, '', 320],
        [20, 901, 7000, 2, 'E', 320, 2],
      ],
      heard: ['1:20', '2:40'],
    },
    {
      name: 'a sender that restarts its sequence and timestamps',
      rows: [...tone(1, 60, [30_000, 900_000]), ...tone(1, 60, [100, 500])],
      heard: ['1:60', '1:60'],
    },
    {
      name: 'duration 0 is no digit',
      rows: [
        [0, 1, 0, 1, 'M', 0],
        [20, 2, 0, 1, '', 0],
        [20, 3, 0, 1, 'E', 0],
      ],
      heard: [],
    },
    {
      name: 'flash is told like a digit',
      rows: tone(16, 60, [1, 0]),
      heard: ['R:60'],
    },
    {
      name: 'other events are no digits',
      rows: [
        [0, 1, 0, 17, 'ME', 160],
        [20, 2, 900, 32, 'M', 160],
        [20, 3, 1800, 255, 'E', 160],
      ],
      heard: [],
    },
  ])('$name', ({ rows, heard }) => {
    expect(new ReceiverBench().play(rows).finish()).toEqual(heard);
  });
});
