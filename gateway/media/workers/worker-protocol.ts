import type { ErrorCode } from '../../kernel/error-catalogue.js';
import { CopperlineError, toCopperlineError } from '../../kernel/errors.js';
import type {
  DigitFate,
  DigitReport,
  DigitToSend,
  ForeignPackets,
  LegName,
  LegPolicy,
  LegQuality,
  MediaStatistics,
  Rejection,
  Sound,
  WorkerHealth,
} from '../media-engine.js';
import type { RelayHostOptions } from '../relay/relay-host.js';
import type { WrtcHostOptions } from '../wrtc/wrtc-host.js';

/** What a worker is to be. */
export type HostOptions =
  | ({ engine: 'relay' } & RelayHostOptions)
  | ({ engine: 'wrtc' } & WrtcHostOptions & Pick<RelayHostOptions, 'carrier'>);

export type ProcessHealth = Pick<WorkerHealth, 'memoryBytes' | 'eventLoopDelayMs'>;

/** What the gateway asks of a media worker, with the arguments and the result of each request. */
export interface WorkerRequests {
  start: { args: HostOptions; result: { browserPort: number } };
  open: {
    args: { session: number; callId: string; ownCertificate: boolean };
    result: undefined;
  };
  offerTo: {
    args: {
      session: number;
      to: LegName;
      sdp: string;
      policies: { from: LegPolicy; to: LegPolicy };
    };
    result: string;
  };
  offerAlone: {
    args: { session: number; to: LegName; policies: { from: LegPolicy; to: LegPolicy } };
    result: string;
  };
  answerTo: { args: { session: number; to: LegName; sdp: string }; result: string };
  sendDigits: {
    args: { session: number; to: LegName; digits: readonly DigitToSend[] };
    result: DigitFate[];
  };
  answerAlone: {
    args: { session: number; to: LegName; sdp: string; policy: LegPolicy };
    result: string;
  };
  play: { args: { session: number; to: LegName; sound: Sound }; result: undefined };
  stopPlaying: { args: { session: number; to: LegName }; result: undefined };
  listenForPrompt: { args: { session: number; from: LegName; limitMs: number }; result: undefined };
  renewalOffer: { args: { session: number; to: LegName }; result: string };
  renewWithAnswer: { args: { session: number; from: LegName; sdp: string }; result: undefined };
  renewWithOffer: { args: { session: number; from: LegName; sdp: string }; result: string };
  statistics: { args: { session: number }; result: MediaStatistics };
  close: { args: { session: number }; result: MediaStatistics };
  health: { args: undefined; result: ProcessHealth };
  counts: { args: undefined; result: WorkerCounts };
}

/** What is open in a worker, and what came to it that was foreign. */
export interface WorkerCounts {
  sessions: number;
  ports: number;
  /** Undefined where nobody counts them. */
  foreign: ForeignPackets | undefined;
}

export type WorkerMethod = keyof WorkerRequests;

export type WorkerRequest = {
  [Method in WorkerMethod]: { id: number; method: Method; args: WorkerRequests[Method]['args'] };
}[WorkerMethod];

/** An error in a form that crosses process borders. */
export interface WireError {
  code: ErrorCode;
  sentence: string;
  sipStatus: number;
}

export type WorkerNotification =
  | { event: 'connected'; session: number; leg: LegName }
  | { event: 'digit'; session: number; report: DigitReport }
  | { event: 'played'; session: number; leg: LegName }
  | { event: 'prompt'; session: number; leg: LegName }
  | { event: 'rejected'; session: number; rejection: Rejection }
  | { event: 'quality'; session: number; quality: Record<LegName, LegQuality> }
  | { event: 'failed'; session: number; error: WireError };

/** What a worker sends, in order. */
export type WorkerMessage =
  { id: number; result: unknown } | { id: number; error: WireError } | WorkerNotification;

export function toWireError(thrown: unknown): WireError {
  const { code, sentence, sipStatus } = toCopperlineError(thrown, 'CL_INTERNAL');
  return { code, sentence, sipStatus };
}

export function fromWireError(error: WireError): CopperlineError {
  const { code, sentence, sipStatus } = error;
  return new CopperlineError(code, { sentence, sipStatus });
}
