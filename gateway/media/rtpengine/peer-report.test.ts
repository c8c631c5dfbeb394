import { describe, expect, it } from 'vitest';
import { readPeerReport } from './peer-report.js';

const TOLD = {
  ssrc: 7,
  type: 200,
  sender_information: { packets: 250, octets: 40_000 },
  report_blocks: [
    {
      ...{ source_ssrc: 9, highest_seq_no: 65_540, fraction_lost: 0, ia_jitter: 80 },
      ...{ packets_lost: 0xffffff, lsr: 1, dlsr: 2 },
    },
  ],
};

function chunk(type: number, content: Buffer): Buffer {
  const header = Buffer.alloc(6);
  header.writeUInt16BE(type, 2);
  header.writeUInt16BE(6 + content.length, 4);
  return Buffer.concat([header, content]);
}

function datagram(payload: string): Buffer {
  const body = Buffer.concat([
    chunk(0x08, Buffer.of(0x6d, 0x60)),
    chunk(0x09, Buffer.of(0, 0, 0, 100)),
    chunk(0x0a, Buffer.of(0, 7, 0xa1, 0x20)),
    chunk(0x11, Buffer.from('me/run/call')),
    chunk(0x0f, Buffer.from(payload)),
  ]);
  const header = Buffer.from('HEP3\0\0', 'latin1');
  header.writeUInt16BE(6 + body.length, 4);
  return Buffer.concat([header, body]);
}

describe('an RTCP report as rtpengine tells it', () => {
  it('is read, with a loss that is negative', () => {
    expect(readPeerReport(datagram(JSON.stringify(TOLD)))).toEqual({
      ...{ callId: 'me/run/call', port: 28_000, atMs: 100_500 },
      sent: { ssrc: 7, packets: 250 },
      blocks: [
        {
          ...{ ssrc: 9, highestSequence: 65_540, lost: -1 },
          ...{ jitter: 80, lastSenderReport: 1, delay: 2 },
        },
      ],
    });
  });

  it('is nothing when it is broken at any place', () => {
    const whole = datagram(JSON.stringify(TOLD));
    for (let length = 0; length < whole.length; length += 1)
      expect(readPeerReport(whole.subarray(0, length))).toBeUndefined();
    for (const payload of ['', '{', 'null', '7', '"x"'])
      expect(readPeerReport(datagram(payload))).toBeUndefined();
  });

  it('leaves out what it does not say in numbers', () => {
    const odd = { ssrc: 'x', sender_information: 3, report_blocks: [1, null, { source_ssrc: -1 }] };
    expect(readPeerReport(datagram(JSON.stringify(odd)))).toMatchObject({
      sent: undefined,
      blocks: [],
    });
  });

  it('takes no number that RTCP cannot hold', () => {
    const [block] = TOLD.report_blocks;
    for (const key of ['ia_jitter', 'source_ssrc', 'highest_seq_no', 'packets_lost', 'lsr', 'dlsr'])
      for (const value of [2 ** 32, 1e300, -1, 0.5])
        expect(
          readPeerReport(
            datagram(JSON.stringify({ ...TOLD, report_blocks: [{ ...block, [key]: value }] })),
          )?.blocks,
          `${key}: ${value}`,
        ).toEqual([]);
    const sent = { ...TOLD, sender_information: { packets: 1e300 } };
    expect(readPeerReport(datagram(JSON.stringify(sent)))?.sent).toBeUndefined();
  });

  it('is nothing when it is forged at random', () => {
    const whole = datagram(JSON.stringify(TOLD));
    let seed = 1;
    const random = (below: number): number => (seed = (seed * 48_271) % 0x7fff_ffff) % below;
    for (let round = 0; round < 10_000; round += 1) {
      const forged = Buffer.from(whole);
      for (let count = random(12); count >= 0; count -= 1)
        forged[random(forged.length)] = random(256);
      const report = readPeerReport(forged.subarray(0, random(forged.length + 1)));
      for (const number of report?.blocks.map(({ ssrc, lost, jitter }) => ssrc + lost + jitter) ??
        [])
        expect(Number.isSafeInteger(number)).toBe(true);
    }
    for (const deep of ['['.repeat(65_000), '{"report_blocks":'.repeat(3000)])
      expect(readPeerReport(datagram(deep))).toBeUndefined();
  });
});
