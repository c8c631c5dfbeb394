import type { SipMessage } from '../message/sip-message.js';

export type CallRole = 'uac' | 'uas' | 'proxy-uac' | 'proxy-uas';
export type CallEnd =
  | 'call-rejected'
  | 'call-canceled'
  | 'normal-release'
  | 'session-expired'
  | 'system-initiated-termination';

/** One event in the life of a call, for the applications that keep records of calls. */
export interface CallRecord {
  event: 'attempt' | 'start' | 'stop';
  /** Who sent the message that caused the event. */
  source: 'network' | 'application';
  message: SipMessage;
  /** The role at a start, the reason at a stop. */
  detail: CallRole | CallEnd | undefined;
}
