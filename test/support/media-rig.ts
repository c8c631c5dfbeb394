import type { CopperlineError } from '../../gateway/kernel/errors.js';
import type {
  CodecName,
  DigitReport,
  LegName,
  LegPolicy,
  MediaEngine,
  MediaSession,
} from '../../gateway/media/media-engine.js';
import { Inbox, RtpPeer, type RtpToSend } from './media-rtp-peer.js';
import { WebrtcPeer } from './media-webrtc-peer.js';

export const ALL_CODECS: readonly CodecName[] = ['opus', 'g722', 'pcmu', 'pcma'];

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
};

/** What a session told its owner. */
export class SessionEvents {
  readonly connected = new Inbox<LegName>();
  readonly digits = new Inbox<DigitReport>();
  readonly failures = new Inbox<CopperlineError>();

  readonly handlers = {
    onConnected: (leg: LegName) => {
      this.connected.push(leg);
    },
    onDigit: (report: DigitReport) => {
      this.digits.push(report);
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
  const browserAnswer = await session.answerTo('caller', carrier.sdp(RTP_FORMATS[codec]));
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

/** Lines of an SDP that start so. */
export function lines(sdp: string, start: string): string[] {
  return sdp.split('\r\n').filter((line) => line.startsWith(start));
}
