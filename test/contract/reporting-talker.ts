import { writeReport } from '../../gateway/media/rtp/rtcp-packet.js';
import { Reception } from '../../gateway/media/rtp/reception.js';
import { closeLater, placeCall } from '../support/media-rig.js';
import type { Inbox, ReceivedRtp, RtpToSend } from '../support/media-rtp-peer.js';
import type { EngineUnderTest } from './engine-under-test.js';

/** One end of a call that has RTCP. */
interface ReportingEnd {
  send(packet: RtpToSend): void;
  sendRtcp(packet: Buffer): void;
  rtp: Inbox<ReceivedRtp>;
  rtcp: Inbox<Buffer>;
}

export interface TalkerOptions {
  ssrc: number;
  /** One packet of so many is lost of what it says, or of what it hears. */
  loses?: { of: 'said' | 'heard'; every: number } | undefined;
}

/** What a talker says of its network, whatever this machine is: ms. */
export const TOLD = { jitterMs: 10, roundTripMs: 50 };

const PACKET_MS = 20;
const PACKETS_PER_REPORT = 50;
const SPOKEN = Buffer.alloc(160, 0x41);
const SENDER_REPORT = 200;

/** A phone that says something in PCMU without a pause, and reports by RTCP each second what it hears. */
export class ReportingTalker {
  readonly #end: ReportingEnd;
  readonly #options: TalkerOptions;
  readonly #heard = new Reception();
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout;
  #read = 0;
  #readReports = 0;
  #told = { ntpMiddle: 0, at: Infinity };
  #sequence = 0;

  constructor(end: ReportingEnd, options: TalkerOptions) {
    this.#end = end;
    this.#options = options;
    this.#timer = setInterval(this.#tick, PACKET_MS / 2);
    closeLater(() => {
      this.stop();
    });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Resolves when it hears another talker, through an engine that passes audio on as it comes. */
  async hears(): Promise<void> {
    await this.#end.rtp.waitFor(5, ({ payload }) => payload.equals(SPOKEN));
  }

  readonly #tick = (): void => {
    const { items } = this.#end.rtcp;
    for (const packet of items.slice(this.#readReports))
      if (packet.readUInt8(1) === SENDER_REPORT)
        this.#told = { ntpMiddle: packet.readUInt32BE(10), at: performance.now() };
    this.#readReports = items.length;
    const due = Math.floor((performance.now() - this.#begun) / PACKET_MS);
    while (this.#sequence < due) {
      this.#sequence += 1;
      if (!this.#loses('said', this.#sequence)) this.#end.send(this.#packet());
      if (this.#sequence % PACKETS_PER_REPORT === 0) this.#report();
    }
  };

  #loses(of: 'said' | 'heard', sequence: number): boolean {
    const { loses } = this.#options;
    return loses?.of === of && sequence % loses.every === 0;
  }

  #packet(): RtpToSend {
    return {
      payloadType: 0,
      ssrc: this.#options.ssrc,
      sequence: this.#sequence & 0xffff,
      timestamp: this.#sequence * 160,
      payload: SPOKEN,
    };
  }

  #report(): void {
    const { items } = this.#end.rtp;
    for (const { sequence, ssrc } of items.slice(this.#read))
      if (!this.#loses('heard', sequence)) this.#heard.packet(sequence, ssrc);
    this.#read = items.length;
    const packets = this.#sequence;
    const reception = { ...this.#heard.report(), jitter: TOLD.jitterMs * 8 };
    this.#end.sendRtcp(
      writeReport({
        ssrc: this.#options.ssrc,
        cname: 'talker',
        sender: {
          ...{ now: Date.now(), rtpTimestamp: packets * 160 },
          ...{ packets, octets: 160 * packets },
        },
        reception: this.#heard.started ? reception : undefined,
        ...this.#lastSenderReport(),
      }),
    );
  }

  /** What was on its way for a while is told as if it had come later. */
  #lastSenderReport(): { lastSenderReport: number; delaySinceLastSenderReport: number } {
    const { ntpMiddle, at } = this.#told;
    const delayMs = performance.now() - at - TOLD.roundTripMs;
    if (delayMs < 0) return { lastSenderReport: 0, delaySinceLastSenderReport: 0 };
    const delaySinceLastSenderReport = Math.round(delayMs * 65.536);
    return { lastSenderReport: ntpMiddle, delaySinceLastSenderReport };
  }
}

/** Places a call in which both ends are heard, through an engine that passes audio on as it comes. */
export async function expectNextCall({ engine }: EngineUnderTest): Promise<void> {
  const { browser, carrier } = await placeCall(engine);
  const talkers = [
    new ReportingTalker(browser, { ssrc: 0x6060 }),
    new ReportingTalker(carrier, { ssrc: 0x7070 }),
  ];
  await Promise.all(talkers.map((talker) => talker.hears()));
  for (const talker of talkers) talker.stop();
}
