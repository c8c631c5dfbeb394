import type { EndReason } from '../kernel/end-reason.js';
import type { LegName, LegQuality, MediaStatistics } from '../media/media-engine.js';
import type { DialAttempt } from '../trunks/dial.js';
import type { CallDirection } from './call-party.js';
import type { CallerIdentity } from './caller-identity.js';
import type { CallState } from './call-state.js';

/** Points in a call's life, ms since its INVITE; absent when they were not reached. */
export interface CallTimes {
  /** Wall clock of the INVITE, ms since the Unix epoch. */
  inviteAt: number;
  /** The first INVITE to somebody was sent. */
  dialledMs?: number;
  ringingMs?: number;
  earlyMediaMs?: number;
  /** The callee's 200. */
  answeredMs?: number;
  /** Our 200 to the caller was sent. */
  upMs?: number;
  endedMs?: number;
}

/** What is known of a call: no secrets, no digits. */
export interface CallView {
  id: string;
  state: CallState;
  direction: CallDirection;
  /** The user who calls, or who is called from outside. */
  user: string | undefined;
  /** The user who is called by another one. */
  calledUser: string | undefined;
  /** The caller of a call to a browser, as the browser is told. */
  from: CallerIdentity | undefined;
  /** As the caller dialled it. */
  dialled: string;
  /** As the dialplan read it. */
  number: string | undefined;
  rule: string | undefined;
  /** The trunk in use, or the last one tried. */
  trunk: string | undefined;
  sipCallIds: Partial<Record<LegName, string>>;
  times: CallTimes;
}

/** A party's place in the call went to somebody else. */
export interface CallTransfer {
  /** The number that was called, or the one of the other call. */
  to: string;
  /** Who transferred: `browser of alice`, `carrier "one"`. */
  by: string;
}

/** A call that is over. */
export interface CallRecord extends CallView {
  end: EndReason;
  /** Routes that were refused on the way. */
  attempts: readonly DialAttempt[];
  /** In their order; empty when the call was not transferred. */
  transfers: readonly CallTransfer[];
  /** Undefined when no media session was opened, or it did not give its counters. */
  media: MediaStatistics | undefined;
}

export type CallEvents = {
  started: [CallView];
  changed: [CallView, from: CallState];
  /** About every 5 s while a call is up, of that interval alone. */
  quality: [CallView, Record<LegName, LegQuality>];
  /** Exactly once per call, also for refused ones; the last event of a call. */
  ended: [CallRecord];
};
