import { randomBytes } from 'node:crypto';
import { SRTP_SUITE_NAMES, type SrtpSuiteName } from '../../../gateway/media/media-engine.js';
import { SrtpReceiver } from '../../../gateway/media/srtp/srtp-receiver.js';
import { SrtpSender } from '../../../gateway/media/srtp/srtp-sender.js';
import { keyMaterialBytes } from '../../../gateway/media/srtp/srtp-suite.js';
import { rtpPacket } from '../../support/media-rtp-peer.js';
import { PlainSrtp } from '../../support/plain-srtp.js';

/** Nanoseconds of CPU for a packet of 20 ms of PCMU, 172 bytes. */
export interface SrtpRow {
  suite: SrtpSuiteName;
  ns: Record<'seal' | 'open', { own: number; plain: number }>;
}

/** Streams in turns, as in a worker with as many calls: what one has in the caches of the processor, the next ones take from it. */
const STREAMS = 200;
const PACKETS = 50;
const WARM_UP_ROUNDS = 4;
const ROUNDS = 15;

interface Work {
  own: { seal: () => Buffer[]; open: (packets: Buffer[]) => void };
  plain: { seal: () => Buffer[]; open: (packets: Buffer[]) => void };
}

export function srtpRun(): SrtpRow[] {
  return SRTP_SUITE_NAMES.map(measure);
}

export function srtpReport(rows: readonly SrtpRow[]): string {
  const lines = rows.flatMap(({ suite, ns }) =>
    (['seal', 'open'] as const).map((what) => {
      const { own, plain } = ns[what];
      const figures = [own.toFixed(0), plain.toFixed(0), (own / plain).toFixed(2)];
      return `${suite.padEnd(24)} ${what} ${figures.map((text) => text.padStart(8)).join('')}`;
    }),
  );
  return [`${' '.repeat(29)}     own   plain   ratio`, ...lines].join('\n');
}

/** Both in turns; medians of the rounds. */
function measure(suite: SrtpSuiteName): SrtpRow {
  const work = newWork(suite);
  const times = { own: { seal: [], open: [] }, plain: { seal: [], open: [] } } as Record<
    'own' | 'plain',
    Record<'seal' | 'open', number[]>
  >;
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1)
    for (const who of ['own', 'plain'] as const) {
      const begin = cpuMicroseconds();
      const sealed = work[who].seal();
      const middle = cpuMicroseconds();
      work[who].open(sealed);
      const end = cpuMicroseconds();
      if (round < WARM_UP_ROUNDS) continue;
      times[who].seal.push(middle - begin);
      times[who].open.push(end - middle);
    }
  const of = (what: 'seal' | 'open') => ({
    own: perPacket(times.own[what]),
    plain: perPacket(times.plain[what]),
  });
  return { suite, ns: { seal: of('seal'), open: of('open') } };
}

/** Of the process, with its garbage collector: what else runs on the machine does not count. */
function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function perPacket(microseconds: number[]): number {
  const median = microseconds.sort((a, b) => a - b)[Math.floor(microseconds.length / 2)] ?? NaN;
  return (median * 1000) / (STREAMS * PACKETS);
}

function newWork(suite: SrtpSuiteName): Work {
  const streams = Array.from({ length: STREAMS }, (_, ssrc) => {
    const key = { suite, material: randomBytes(keyMaterialBytes(suite)) };
    const payload = Buffer.alloc(160, ssrc);
    return {
      sender: new SrtpSender(key),
      receiver: new SrtpReceiver(key),
      plain: new PlainSrtp(key),
      packet: rtpPacket({ payloadType: 0, sequence: 0, timestamp: 0, ssrc, payload }),
    };
  });
  let [own, plain] = [0, 0];
  return {
    own: {
      seal: () => {
        const sealed: Buffer[] = [];
        const first = own;
        own += PACKETS;
        for (let number = first; number < own; number += 1)
          for (const { sender, packet } of streams) {
            packet.writeUInt16BE(number & 0xffff, 2);
            sealed.push(must(sender.rtp(packet, 0, packet.length)));
          }
        return sealed;
      },
      open: (packets) => {
        for (const [at, packet] of packets.entries())
          must(streams[at % STREAMS]?.receiver.rtp(packet));
      },
    },
    plain: {
      seal: () => {
        const sealed: Buffer[] = [];
        const first = plain;
        plain += PACKETS;
        for (let number = first; number < plain; number += 1)
          for (const { plain: srtp, packet } of streams) {
            packet.writeUInt16BE(number & 0xffff, 2);
            sealed.push(srtp.seal(packet, number >>> 16));
          }
        return sealed;
      },
      open: (packets) => {
        const first = plain - PACKETS;
        for (const [at, packet] of packets.entries()) {
          const number = first + Math.floor(at / STREAMS);
          must(streams[at % STREAMS]?.plain.open(packet, number >>> 16));
        }
      },
    },
  };
}

function must(packet: Buffer | undefined): Buffer {
  if (packet === undefined) throw new Error('a packet was refused');
  return packet;
}
