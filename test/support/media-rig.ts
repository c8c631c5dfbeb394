import { setInterval } from 'node:timers/promises';
import { rtpClockRate } from '../../gateway/media/dtmf/telephone-event-choice.js';
import type { CopperlineError } from '../../gateway/kernel/errors.js';
import type {
  CodecName,
  DigitReport,
  LegName,
  LegPolicy,
  LegQuality,
  MediaEngine,
  MediaSession,
  Rejection,
} from '../../gateway/media/media-engine.js';
import { Inbox, RtpPeer, type RtpToSend } from './media-rtp-peer.js';
import { WebrtcPeer } from './media-webrtc-peer.js';

/** What browsers speak. */
export const ALL_CODECS = ['opus', 'g722', 'pcmu', 'pcma'] as const;

export function policy(kind: LegPolicy['kind'], codecs: readonly CodecName[]): LegPolicy {
  return { kind, codecs, minToneMs: 40, minGapMs: 40, ptimeMs: 20 };
}

/** How a plain RTP peer writes each codec with its telephone-event. */
export const RTP_FORMATS: Record<CodecName, { payloadTypes: string; lines: string[] }> = {
  pcmu: { payloadTypes: '0 101', lines: ['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-15'] },
  pcma: { payloadTypes: '8 101', lines: ['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-15'] },
  g722: { payloadTypes: '9 101', lines: ['a=rtpmap:101 telephone-event/8000'] },
  opus: {
    payloadTypes: '111 110',
    lines: ['a=rtpmap:111 opus/48000/2', 'a=rtpmap:110 telephone-event/48000'],
  },
  'l16-8000': {
    payloadTypes: '118 101',
    lines: ['a=rtpmap:118 L16/8000', 'a=rtpmap:101 telephone-event/8000'],
  },
  'l16-16000': {
    payloadTypes: '119 102',
    lines: ['a=rtpmap:119 L16/16000/1', 'a=rtpmap:102 telephone-event/16000'],
  },
};

/** As a peer answers that keeps the numbers it was offered (RFC 3264 section 6.1). */
export function answerFormats(
  offer: string,
  codec: CodecName,
): { payloadTypes: string; lines: string[] } {
  const format = RTP_FORMATS[codec];
  const numberOf = (name: string): string | undefined =>
    new RegExp(`^a=rtpmap:(\\d+) ${name}\\b`, 'm').exec(offer)?.[1];
  const clock = rtpClockRate(codec);
  const [audio = '', event = ''] = format.payloadTypes.split(' ');
  const renamed = new Map([
    [audio, (codec === 'opus' ? numberOf('opus') : undefined) ?? audio],
    [event, numberOf(`telephone-event/${clock}`) ?? event],
  ]);
  return {
    payloadTypes: format.payloadTypes.replace(/\d+/g, (type) => renamed.get(type) ?? type),
    lines: format.lines.map((line) =>
      line.replace(/:(\d+)/, (_, type: string) => `:${renamed.get(type) ?? type}`),
    ),
  };
}

/** The payload type that an SDP gives to the telephone-event of a clock. */
export function eventTypeIn(sdp: string, clock: number): number {
  return Number(new RegExp(`^a=rtpmap:(\\d+) telephone-event/${clock}\\b`, 'm').exec(sdp)?.[1]);
}

/** What a session told its owner. */
export class SessionEvents {
  readonly connected = new Inbox<LegName>();
  readonly digits = new Inbox<DigitReport>();
  readonly failures = new Inbox<CopperlineError>();
  readonly rejections = new Inbox<Rejection>();
  readonly quality = new Inbox<Record<LegName, LegQuality>>();

  readonly handlers = {
    onConnected: (leg: LegName) => {
      this.connected.push(leg);
    },
    onDigit: (report: DigitReport) => {
      this.digits.push(report);
    },
    onRejected: (rejection: Rejection) => {
      this.rejections.push(rejection);
    },
    onQuality: (quality: Record<LegName, LegQuality>) => {
      this.quality.push(quality);
    },
    onFailed: (error: CopperlineError) => {
      this.failures.push(error);
    },
  };
}

export interface Call {
  session: MediaSession;
  events: SessionEvents;
  browser: WebrtcPeer;
  carrier: RtpPeer;
  browserOffer: string;
  carrierOffer: string;
  browserAnswer: string;
}

const opened: (() => unknown)[] = [];

/** What is to be closed with all else that the case opened. */
export function closeLater(close: () => unknown): void {
  opened.unshift(close);
}

/** Closes what the case opened, whatever became of it. */
export async function closeOpened(): Promise<void> {
  for (const close of opened.splice(0)) await close();
}

export async function openSession(
  engine: MediaEngine,
  events = new SessionEvents(),
): Promise<MediaSession> {
  const session = await engine.open({ callId: 'test', handlers: events.handlers });
  opened.push(() => session.close());
  return session;
}

export function openBrowser(): WebrtcPeer {
  const browser = new WebrtcPeer();
  opened.push(() => {
    browser.close();
  });
  return browser;
}

export async function openCarrier(): Promise<RtpPeer> {
  const carrier = await RtpPeer.open();
  opened.push(() => {
    carrier.close();
  });
  return carrier;
}

/** A browser calls a carrier with one codec; resolves when the browser's transport is up. */
export async function placeCall(
  engine: MediaEngine,
  codec: CodecName = 'pcmu',
  carrierPolicy: Partial<LegPolicy> = {},
): Promise<Call> {
  const events = new SessionEvents();
  const session = await openSession(engine, events);
  const browser = openBrowser();
  const carrier = await openCarrier();
  const browserOffer = await browser.offer();
  const to = { ...policy('rtp', [codec]), ...carrierPolicy };
  const policies = { from: policy('webrtc', ALL_CODECS), to };
  const carrierOffer = await session.offerTo('callee', browserOffer, policies);
  carrier.follow(carrierOffer);
  const browserAnswer = await session.answerTo(
    'caller',
    carrier.sdp(answerFormats(carrierOffer, codec)),
  );
  browser.take(browserAnswer);
  await browser.opened();
  await events.connected.waitFor(1);
  return {
    session,
    events,
    browser,
    carrier,
    browserOffer,
    carrierOffer,
    browserAnswer,
  };
}

/** A run of audio packets with a payload that tells which packet it was. */
export function audio(
  count: number,
  first: Omit<RtpToSend, 'payload'> & { step?: number; bytes?: number },
): RtpToSend[] {
  const { step = 160, bytes = 160, ...rest } = first;
  return Array.from({ length: count }, (_, index) => ({
    ...rest,
    sequence: (first.sequence + index) & 0xffff,
    timestamp: (first.timestamp + index * step) >>> 0,
    payload: Buffer.alloc(bytes, index + 1),
  }));
}

/** Sends packets one by one, each after the one before has arrived: order without timers. */
export async function sendInStep(
  packets: readonly RtpToSend[],
  from: { send(packet: RtpToSend): void },
  to: { rtp: Inbox<unknown> },
): Promise<void> {
  for (const packet of packets) {
    const before = to.rtp.items.length;
    from.send(packet);
    await to.rtp.waitFor(before + 1);
  }
}

const PACKET_MS = 20;

/** Sends packets as a microphone makes them; resolves when the last one has left. */
export async function sendPaced(
  packets: readonly RtpToSend[],
  from: { send(packet: RtpToSend): void },
): Promise<void> {
  const begun = performance.now();
  let sent = 0;
  for await (const ticks of setInterval(PACKET_MS / 2, packets.length)) {
    const due = Math.min(ticks, Math.floor((performance.now() - begun) / PACKET_MS) + 1);
    for (const packet of packets.slice(sent, due)) from.send(packet);
    sent = due;
    if (sent === packets.length) return;
  }
}

/** Lines of an SDP that start so. */
export function lines(sdp: string, start: string): string[] {
  return sdp.split('\r\n').filter((line) => line.startsWith(start));
}
