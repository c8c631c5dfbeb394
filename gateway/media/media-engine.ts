import type { CopperlineError } from '../kernel/errors.js';
import type { LegName } from './leg-name.js';
import type { LegQuality, MediaStatistics } from './media-statistics.js';

export { otherLeg, type LegName } from './leg-name.js';
export type {
  LegQuality,
  LegStatistics,
  MediaStatistics,
  StreamQuality,
} from './media-statistics.js';

/**
 * What a media engine is: something that stands between two legs of a call and turns one side's offer
 * into the other side's offer, and one side's answer into the other's (the offer/answer model of
 * rtpengine, RFC 3264). Engines live in sibling folders (relay/, wrtc/, rtpengine/); they import this
 * file and nothing of each other.
 */

/** Audio codecs by their RTP encoding name (RFC 3551, RFC 7587), lower case; L16 with its rate. */
export type CodecName = 'opus' | 'g722' | 'pcmu' | 'pcma' | 'l16-8000' | 'l16-16000';

/**
 * What decides between passing audio through and transcoding it. `passthrough`: as it comes when both legs share a
 * codec, transcoded when they do not. `opus-to-browser`: a WebRTC leg that takes Opus gets Opus, whatever the
 * other leg speaks; holds for a call as soon as one leg asks for it.
 */
type MediaPolicy = 'passthrough' | 'opus-to-browser';

/** SRTP suites by their names in a=crypto (RFC 4568 section 6.2, RFC 7714 section 14.2), best first. */
export const SRTP_SUITE_NAMES = [
  'AEAD_AES_256_GCM',
  'AEAD_AES_128_GCM',
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
] as const;

export type SrtpSuiteName = (typeof SRTP_SUITE_NAMES)[number];

/**
 * How one leg is spoken to. `webrtc`: ICE, DTLS-SRTP, rtcp-mux (a browser). `rtp`: plain RTP/AVP with
 * symmetric RTP (a carrier, a PBX).
 */
export interface LegPolicy {
  kind: 'webrtc' | 'rtp';
  /** Codecs that may be offered to or accepted from this leg, best first. */
  codecs: readonly CodecName[];
  /** Default `rfc4733`. */
  dtmf?: DigitTransport | undefined;
  /** Shortest telephone-event sent to this leg, ms. */
  minToneMs: number;
  /** Shortest pause between two telephone-events sent to this leg, ms. */
  minGapMs: number;
  /** Packet time announced to this leg, ms; transcoded audio has it too, unless the leg's SDP asks for another. */
  ptimeMs: number;
  /** Default `passthrough`. */
  media?: MediaPolicy | undefined;
  /**
   * SRTP with keys in the SDP (RFC 4568), of a leg of kind `rtp`. `required`: RTP/SAVP; without it the leg is refused. `offered`:
   * RTP/AVP with a=crypto (RFC 8643), and plain RTP when the leg takes none of it. Default `off`.
   */
  srtp?: 'off' | 'offered' | 'required' | undefined;
  /**
   * Comfort noise (RFC 3389) beside G.711, of a leg of kind `rtp`: a browser's silence is told so, and noise is made of the leg's
   * where audio is transcoded. A WebRTC leg has it when the other leg does. Default false.
   */
  comfortNoise?: boolean | undefined;
  /** RTP and RTCP on one port when a leg of kind `rtp` wants it too (RFC 5761). Default false. */
  rtcpMux?: boolean | undefined;
  /** Those that may be used, best first. Default all. */
  srtpSuites?: readonly SrtpSuiteName[] | undefined;
}

/**
 * How a leg is told digits. `rfc4733`: as telephone-events; a digit that the leg does not take is dropped and counted.
 * `info`: not in the media, the signalling tells them. `auto`: as events when the leg takes them, else like `info`.
 * `inband`: as tones in its audio, which must be G.711, and its tones are heard as digits; with other codecs like `rfc4733`.
 */
export type DigitTransport = 'rfc4733' | 'info' | 'auto' | 'inband';

/** One key press heard on a leg, reported once, when it ended. The digit itself is a secret. */
export interface DigitReport {
  from: LegName;
  /** `0`-`9`, `*`, `#`, `A`-`D`, `R` for flash. */
  digit: string;
  durationMs: number;
  /** True when the media tells the other leg; otherwise the signalling may. */
  carried: boolean;
}

/** A key press that a leg told in its signalling (SIP INFO). */
export interface DigitToSend {
  /** As in DigitReport. */
  digit: string;
  durationMs: number;
}

/**
 * What became of a DigitToSend. `carried`: the media tells it. `repeated`: the leg told the same press in its media
 * already, within 2 s. `untaken`: the media cannot tell it, or the leg's policy says `info`.
 */
export type DigitFate = 'carried' | 'repeated' | 'untaken';

/** The tones that the phone network tells a caller how it goes (ITU-T E.180). */
export type ProgressTone = 'ringback' | 'busy' | 'congestion';

/**
 * What a leg hears from us. `noise`: comfort noise, until it is stopped. `tone`: as the phones of a country sound (ISO 3166, two letters; any other sounds as ITU-T E.180 recommends),
 * until it is stopped. `file`: a WAV file, mono, 8 or 16 kHz, linear PCM of 16 bits or G.711, under an absolute path on the machine of
 * the media; once, or again and again.
 */
export type Sound =
  | { kind: 'noise' }
  | { kind: 'tone'; tone: ProgressTone; country: string }
  | { kind: 'file'; path: string; repeat: boolean };

/**
 * Why packets of a leg are dropped. `stranger`: they are not from where the leg's media comes from. `unreadable`: no RTP or RTCP.
 * `unauthentic`: not protected as agreed, or repeated (SRTP). `payload-type`: one that was never agreed.
 */
export type RejectionCause = 'stranger' | 'unreadable' | 'unauthentic' | 'payload-type';

/** Packets of one kind begin to be dropped; told once for each leg and cause. */
export interface Rejection {
  leg: LegName;
  cause: RejectionCause;
  /** With the deciding fact. */
  sentence: string;
}

/** Events of a session, as handlers given at open(); handlers MUST NOT throw. */
export interface MediaSessionHandlers {
  /** The leg's transport is up: DTLS finished, or the first RTP packet was accepted. At most once per leg. */
  onConnected(leg: LegName): void;
  onDigit(report: DigitReport): void;
  /**
   * The session can no longer carry the call: ICE or DTLS failed, no packet came for the configured
   * time from a leg that is not on hold, the worker process died. At most once; the owner then closes the
   * session. Only CL_MEDIA_TIMEOUT comes again, after as long again, when the owner keeps it: the peer of that leg may come back. A leg that has sent nothing yet (a carrier that rings in silence) gets four times as long.
   */
  onFailed(error: CopperlineError): void;
  /** How the call sounds, about every 5 s, from the first answer on: of that interval alone. */
  onQuality?(quality: Record<LegName, LegQuality>): void;
  onRejected?(rejection: Rejection): void;
  /** A sound that is played once came to its end; not when it was stopped or another took its place. */
  onPlayed?(to: LegName): void;
  /** The leg said what listenForPrompt() was called for. */
  onPrompt?(from: LegName): void;
}

export interface MediaSessionOptions {
  /** For logs and statistics. */
  callId: string;
  handlers: MediaSessionHandlers;
  /**
   * True when a browser of this session had another one of this gateway in the same dialog, as after a transfer: it begins a new DTLS
   * association only where it sees another certificate (RFC 8842 section 4). Default false.
   */
  ownCertificate?: boolean;
}

/**
 * The media of one call. All methods reject with a CopperlineError; a rejected method leaves the
 * session as it was. After close() every method rejects with CL_MEDIA_CLOSED.
 */
export interface MediaSession {
  /**
   * Takes the offer that came from the other leg and returns the offer to send to `to`.
   * Called again with the very offer that it was called with before (the next route), it discards that leg's
   * earlier ports and answers. Called with another offer (a re-INVITE, from either leg), it keeps ports and transports,
   * and the media goes on as agreed until the answer comes. A session refresh that repeats the first SDP
   * should be answered without the engine.
   * `from` describes the leg the offer came from, `toPolicy` the leg the result goes to.
   * @throws CopperlineError CL_MEDIA_SDP_* (488/400) naming the deciding SDP line
   */
  offerTo(
    to: LegName,
    offer: string,
    policies: { from: LegPolicy; to: LegPolicy },
  ): Promise<string>;

  /**
   * Makes an offer to `to` for a call whose other leg has said nothing yet: a caller that waits for an offer of ours. Made again (the next
   * route), it discards that leg's earlier ports. The leg's answer goes to offerTo() the other leg, as the offer that it is there; what
   * answerTo() returns then is empty, for nobody waits for it.
   * @param policies `from`: of the leg that has said nothing
   * @throws CopperlineError CL_MEDIA_NO_COMMON_CODEC (488), CL_MEDIA_UNSUPPORTED when the engine cannot
   */
  offerAlone(to: LegName, policies: { from: LegPolicy; to: LegPolicy }): Promise<string>;

  /**
   * Takes the answer that came from the other leg and returns the answer to send to `to`.
   * May be called several times per offer (183, then 200, forks): the SDP returned for a WebRTC leg
   * stays the same while the other side may change: its address, and its codec, which is then transcoded.
   * @throws CopperlineError CL_MEDIA_NO_COMMON_CODEC (488), CL_MEDIA_SDP_*
   */
  answerTo(to: LegName, answer: string): Promise<string>;

  /**
   * Plays digits to a leg that the other leg told in its signalling, in order, behind those under way. A press that is told both
   * ways is played once: the second telling is `repeated` here, and not heard by onDigit there.
   * @returns what became of each
   */
  sendDigits(to: LegName, digits: readonly DigitToSend[]): Promise<DigitFate[]>;

  /**
   * Answers the offer of a leg that is not to be heard by anybody yet, so that sounds can be played to it (ringback of our own, an
   * announcement before a refusal). A later answerTo() to the same offer returns this very text.
   * @param policy of the leg that made the offer
   * @returns the answer to send to `to`
   * @throws CopperlineError CL_MEDIA_SDP_*, CL_MEDIA_NO_COMMON_CODEC (488), CL_MEDIA_UNSUPPORTED when the engine cannot
   */
  answerAlone(to: LegName, offer: string, policy: LegPolicy): Promise<string>;

  /**
   * Plays a sound to a leg in place of the other leg's audio, and of the sound that it hears now. It begins when the leg has been
   * answered or has answered, runs on silently while the leg is on hold, and goes on in the codec that a re-offer brings.
   * Resolves when it has been begun.
   * @throws CopperlineError CL_MEDIA_SOUND_FILE, CL_MEDIA_UNSUPPORTED when the engine plays no sounds (an rtpengine built without transcoding)
   */
  play(to: LegName, sound: Sound): Promise<void>;

  /**
   * Listens for a prompt in the leg's audio: a beep that ended, or a tone that lasts for 2.5 s; onPrompt() tells it, once. Stops by itself
   * after `limitMs`. Absent where the engine hears nothing.
   * @throws CopperlineError CL_MEDIA_UNSUPPORTED when it cannot
   */
  listenForPrompt?(from: LegName, limitMs: number): Promise<void>;

  /** The leg hears the other leg again. Without a sound nothing happens. */
  stopPlaying(to: LegName): Promise<void>;

  /**
   * Offers the call anew to a WebRTC leg whose peer comes back with nothing of what it had (a page that was loaded again): new ICE and
   * DTLS, and the m= lines of a first offer. The other leg goes on as it was and need not be told. The old transport stays until the
   * new one is up. Its answer goes to renewWithAnswer(); an offer that is never answered may be forgotten.
   * @throws CopperlineError CL_MEDIA_SDP_NO_OFFER before both legs have agreed, CL_MEDIA_UNSUPPORTED when the engine cannot
   */
  renewalOffer(to: LegName): Promise<string>;

  /** Takes the answer to renewalOffer(). @throws CopperlineError CL_MEDIA_NO_COMMON_CODEC, CL_MEDIA_SDP_* */
  renewWithAnswer(from: LegName, answer: string): Promise<void>;

  /**
   * Takes an offer of a WebRTC leg that concerns its own way to us alone (an ICE restart after a change of network, the INVITE of a
   * page that was loaded again), and returns the answer. The other leg goes on as it was and need not be told, also when the codec
   * changes: then audio is transcoded. A hold must not go this way: the answer repeats the direction agreed with the other leg.
   * @throws as renewalOffer() and renewWithAnswer() do
   */
  renewWithOffer(from: LegName, offer: string): Promise<string>;

  statistics(): Promise<MediaStatistics>;

  /** Idempotent. Frees ports, transports and timers; resolves with the final counters. */
  close(): Promise<MediaStatistics>;
}

/** A process that carries media, or the place of one that is being restarted. */
export interface WorkerHealth {
  /** 0, 1, ... */
  worker: number;
  up: boolean;
  sessions: number;
  restarts: number;
  /** Resident; 0 while it is down. */
  memoryBytes: number;
  /** Since it was asked last, ms. */
  eventLoopDelayMs: { p99: number; max: number };
}

/** What came to the ports for browsers and was dropped, since the start of the workers that run. */
export interface ForeignPackets {
  /** STUN that named no call, or did not know its password. */
  strangers: number;
  /** All else that came from an address which ICE has not validated, or is of no kind that belongs there. */
  unclaimed: number;
}

export interface MediaEngine {
  readonly name: 'relay' | 'wrtc' | 'rtpengine';
  /** @throws CopperlineError CL_MEDIA_UNAVAILABLE when no worker or daemon can take the call */
  open(options: MediaSessionOptions): Promise<MediaSession>;
  /** What is open now; all zero after every call ended. For health and leak checks. */
  counts(): Promise<{ sessions: number; ports: number; workers: number }>;
  /** Of each place for a worker process; absent when the engine has none. */
  workerHealth?(): Promise<WorkerHealth[]>;
  /** Undefined where nobody counts them. */
  foreignPackets?(): Promise<ForeignPackets | undefined>;
  close(): Promise<void>;
}
