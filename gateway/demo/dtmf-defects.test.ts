import { describe, expect, it } from 'vitest';
import { EventScript, STEP, judge, type Sent } from '../../test/integration/demo/event-script.js';

/** Five packets of audio, one digit `5` of 100 ms, five packets of audio. */
const good = (): Sent[] => new EventScript().audio(5).digit(5).audio(5).sent;
/** Positions in {@link good}: the digit's first packet, its last update, its repeated ends. */
const FIRST = 5;
const LAST_UPDATE = 9;

function spoil(change: (sent: Sent[]) => void): string[] {
  const sent = good();
  change(sent);
  return judge(sent).flatMap((report) => report.defects);
}

function eachOfDigit(sent: Sent[], change: (entry: Sent, index: number) => void): void {
  sent.slice(FIRST, FIRST + 7).forEach(change);
}

describe('the DTMF judge on each defect', () => {
  const cases: [string, (sent: Sent[]) => void, string[]][] = [
    ['no marker', (sent) => (sent[FIRST]!.packet.marker = false), ['marker-missing']],
    [
      'the marker on the second packet only',
      (sent) => {
        sent[FIRST]!.packet.marker = false;
        sent[FIRST + 1]!.packet.marker = true;
      },
      ['marker-late'],
    ],
    [
      'the marker on every packet',
      (sent) => {
        eachOfDigit(sent, ({ packet }) => (packet.marker = true));
      },
      ['marker-repeated: 7'],
    ],
    [
      'one end packet too few',
      (sent) => {
        sent.splice(LAST_UPDATE + 2, 1);
        sent.slice(LAST_UPDATE + 2).forEach(({ packet }) => {
          packet.sequence = (packet.sequence - 1) & 0xffff;
        });
      },
      ['end-packets: 2'],
    ],
    [
      'no end packet',
      (sent) => {
        eachOfDigit(sent, ({ packet }) => (packet.payload[1] = 10));
        sent.splice(LAST_UPDATE + 1, 2);
        sent.splice(LAST_UPDATE + 1);
      },
      ['end-missing'],
    ],
    [
      'end packets in a burst',
      (sent) => {
        sent[LAST_UPDATE + 1]!.at = sent[LAST_UPDATE]!.at;
        sent[LAST_UPDATE + 2]!.at = sent[LAST_UPDATE]!.at;
      },
      ['end-burst: 0 ms apart'],
    ],
    [
      'an end packet with another duration',
      (sent) => sent[LAST_UPDATE + 2]!.packet.payload.writeUInt16BE(960, 2),
      ['end-duration-changed'],
    ],
    [
      'an update after the end',
      (sent) => (sent[LAST_UPDATE + 2]!.packet.payload[1] = 10),
      ['end-packets: 2', 'update-after-end: 1'],
    ],
    [
      'a duration that stands still',
      (sent) => sent[FIRST + 2]!.packet.payload.writeUInt16BE(320, 2),
      ['duration-not-growing: 1'],
    ],
    [
      'a duration of zero',
      (sent) => sent[FIRST]!.packet.payload.writeUInt16BE(0, 2),
      ['duration-zero'],
    ],
    ['a lost packet', (sent) => sent.splice(FIRST + 2, 1), ['sequence-jump: 2']],
    [
      'a repeated sequence number',
      (sent) => {
        const first = sent[FIRST]!;
        sent.splice(FIRST + 1, 0, { packet: { ...first.packet }, at: first.at });
      },
      ['marker-repeated: 2', 'duration-not-growing: 1', 'sequence-jump: 0'],
    ],
    [
      'another SSRC',
      (sent) => {
        eachOfDigit(sent, ({ packet }) => (packet.ssrc = 78));
      },
      ['ssrc-changed'],
    ],
    [
      'a long payload',
      (sent) => {
        const { packet } = sent[FIRST + 1]!;
        packet.payload = Buffer.concat([packet.payload, Buffer.alloc(4)]);
      },
      ['payload-length: 1'],
    ],
    [
      'the reserved bit',
      (sent) => (sent[FIRST + 1]!.packet.payload[1] = 0x40 | 10),
      ['reserved-bit: 1'],
    ],
    [
      'an event that is no key',
      (sent) => {
        eachOfDigit(sent, ({ packet }) => (packet.payload[0] = 16));
      },
      ['not-a-key: 16'],
    ],
    [
      'a timestamp that moves with each update',
      (sent) => {
        eachOfDigit(sent, ({ packet }, index) => {
          packet.timestamp = (packet.timestamp + Math.min(index, 4) * STEP) >>> 0;
        });
      },
      ['timestamp-moved: 4', 'audio-overlaps-event'],
    ],
    [
      'all packets at once',
      (sent) => {
        eachOfDigit(sent, (entry) => (entry.at = sent[FIRST]!.at));
      },
      ['end-burst: 0 ms apart', 'not-in-real-time: 80 ms'],
    ],
    [
      'audio that goes on during the event',
      (sent) => {
        const { packet } = sent[FIRST - 1]!;
        sent[FIRST + 2]!.packet = {
          ...packet,
          sequence: sent[FIRST + 2]!.packet.sequence,
          timestamp: (packet.timestamp + 3 * STEP) >>> 0,
        };
      },
      ['audio-during-event: 1'],
    ],
    [
      'an event that begins before the audio sent last',
      (sent) => {
        eachOfDigit(sent, ({ packet }) => {
          packet.timestamp = (packet.timestamp - STEP) >>> 0;
        });
      },
      ['starts-inside-audio'],
    ],
    [
      'an event far ahead of the audio',
      (sent) => {
        eachOfDigit(sent, ({ packet }) => {
          packet.timestamp = (packet.timestamp + 5 * STEP) >>> 0;
        });
      },
      ['start-timestamp: off by 100 ms', 'audio-overlaps-event'],
    ],
    [
      'audio that jumps ahead after the event',
      (sent) => {
        sent.slice(FIRST + 7).forEach(({ packet }) => {
          packet.timestamp = (packet.timestamp + 100 * STEP) >>> 0;
        });
      },
      ['audio-timestamp: off by 2000 ms'],
    ],
    [
      'audio that stood still during the event',
      (sent) => {
        sent.slice(FIRST + 7).forEach(({ packet }) => {
          packet.timestamp = (packet.timestamp - 7 * STEP) >>> 0;
        });
      },
      ['audio-overlaps-event'],
    ],
  ];

  it.each(cases)('%s', (_name, change, defects) => {
    expect(spoil(change)).toEqual(defects);
  });

  it('no defect: an end that repeats the duration of the last update', () => {
    expect(
      spoil((sent) => {
        sent[LAST_UPDATE - 1]!.packet.payload.writeUInt16BE(800, 2);
      }),
    ).toEqual([]);
  });

  it('an end that takes duration back', () => {
    expect(
      spoil((sent) => {
        sent[LAST_UPDATE - 1]!.packet.payload.writeUInt16BE(960, 2);
      }),
    ).toEqual(['duration-not-growing: 1']);
  });

  it('a tone that is too short', () => {
    expect(judge(new EventScript().audio(2).digit(1, 1).audio(2).sent)[0]?.defects).toEqual([
      'too-short: 20 ms',
    ]);
  });

  it('an update interval that is too long', () => {
    const script = new EventScript().audio(2);
    const start = script.timestamp;
    script.eventPacket({ event: 1, duration: STEP, marker: true }, start).pass(4);
    for (let n = 0; n < 3; n += 1) {
      script.eventPacket({ event: 1, duration: 5 * STEP, end: true }, start).pass(1);
    }
    expect(judge(script.audio(2).sent)[0]?.defects).toEqual(['duration-step: 80 ms']);
  });

  it('a gap that is too short, and one that is none', () => {
    const twice = (back: number): string[] => {
      const script = new EventScript().digit(1);
      script.timestamp = (script.timestamp - back) >>> 0;
      return judge(script.digit(2).sent).flatMap(({ defects }) => defects);
    };
    expect(twice(0)).toEqual([]);
    expect(twice(STEP)).toEqual(['gap-too-short: 20 ms']);
    expect(twice(4 * STEP)).toEqual(['overlaps-previous: 40 ms']);
  });

  it('an end packet of the digit before among those of the next', () => {
    const sent = new EventScript().digit(1).pass(2).digit(2).sent;
    const [late] = sent.splice(6, 1);
    sent.splice(8, 0, { packet: late!.packet, at: sent[8]!.at });
    const [first, second] = judge(sent);
    expect(first?.defects).toContain('after-next-digit: 1');
    expect(second?.defects).toEqual(['sequence-jump: 2', 'sequence-jump: 3']);
  });

  it('an abandoned event does not swallow the audio that follows', () => {
    const script = new EventScript().audio(2);
    script.eventPacket({ event: 1, duration: STEP, marker: true }, script.timestamp).pass(1);
    script.eventPacket({ event: 1, duration: 2 * STEP }, script.timestamp - STEP).pass(20);
    const [report] = judge(script.audio(3).sent);
    expect(report?.defects).toEqual(['end-missing']);
    expect(report?.audioResume?.offByMs).toBe(0);
  });

  it('a payload too short to be an event is counted, not read', () => {
    const sent = good();
    sent.splice(FIRST + 1, 0, {
      packet: { ...sent[FIRST]!.packet, marker: false, payload: Buffer.alloc(3) },
      at: sent[FIRST]!.at,
    });
    expect(judge(sent)[0]?.defects).toContain('payload-length: 1');
  });

  it('the burst that libwebrtc sends for a short digit is one digit with its faults named', () => {
    const script = new EventScript().audio(2);
    const start = script.timestamp;
    for (let n = 0; n < 3; n += 1) {
      script.eventPacket({ event: 9, duration: 960, end: true, marker: true }, start);
    }
    const reports = judge(script.pass(6).audio(2).sent);
    expect(reports.map(({ defects }) => defects)).toEqual([
      [
        'marker-repeated: 3',
        'duration-step: 120 ms',
        'end-burst: 0 ms apart',
        'start-timestamp: off by 100 ms',
      ],
    ]);
  });
});
