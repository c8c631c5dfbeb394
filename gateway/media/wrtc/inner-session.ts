import type {
  DigitFate,
  DigitToSend,
  LegName,
  LegPolicy,
  MediaSessionHandlers,
  MediaStatistics,
  Sound,
} from '../media-engine.js';
import type { RtpPipe } from '../rtp/rtp-pipe.js';

/** The call between two legs of plain RTP, some of them on pipes: who assembles the worker says what does it. */
export interface InnerSession {
  offerTo(
    to: LegName,
    offer: string,
    policies: { from: LegPolicy; to: LegPolicy },
  ): Promise<string>;
  readonly alone: {
    offer(to: LegName, policies: { from: LegPolicy; to: LegPolicy }): Promise<string>;
  };
  answerTo(to: LegName, answer: string): Promise<string>;
  answerAlone(to: LegName, offer: string, policy: LegPolicy): Promise<string>;
  sendDigits(to: LegName, digits: readonly DigitToSend[]): DigitFate[];
  play(to: LegName, sound: Sound): Promise<void>;
  stopPlaying(to: LegName): void;
  statistics(): MediaStatistics;
  close(): MediaStatistics;
}

/** Opens inner sessions, and counts what they hold. */
export interface InnerSessions {
  open(options: {
    callId: string;
    handlers: MediaSessionHandlers;
    /** The pipe of a leg that has one. */
    pipeOf: (leg: LegName) => RtpPipe | undefined;
  }): InnerSession;
  /** RTP and RTCP ports. */
  readonly ports: number;
}
