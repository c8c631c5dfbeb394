import type { Failure } from './failure.js';

/**
 * Why a call is over. `failed` is the only end that nobody wanted; `rejected` (by us), `missed` (the caller gave up) and
 * `elsewhere` (another device answered) are ends of calls that came in and were not answered here.
 */
export interface CallEnd {
  how: 'hung-up' | 'cancelled' | 'remote-hung-up' | 'failed' | 'rejected' | 'missed' | 'elsewhere';
  /** Set when the call failed. */
  failure?: Failure;
  /** The sentence the server sent with its BYE, if any. */
  sentence?: string;
}

/**
 * idle -> calling -> trying -> ringing -> in-call -> ended
 *                           -> early-media ->
 * idle -> incoming -> answering -> in-call -> ended
 *
 * Steps may be skipped forward, never taken back: a 180 after a 183 with media does not silence that media.
 */
export type CallState =
  | { name: 'idle' }
  /** The microphone is being opened and the INVITE sent. */
  | { name: 'calling' }
  /** The server has the call (100). */
  | { name: 'trying' }
  /** The far end rings (180), and nothing is heard yet. */
  | { name: 'ringing' }
  /** The network plays something before the answer (18x with SDP). */
  | { name: 'early-media' }
  /** Somebody calls: answer() or reject(). */
  | { name: 'incoming' }
  /** Accepted; the microphone is being opened. */
  | { name: 'answering' }
  /** Answered at `answeredAt`, ms since the Unix epoch. */
  | { name: 'in-call'; answeredAt: number }
  /** `talkedMs` is 0 when it was never answered. */
  | { name: 'ended'; end: CallEnd; talkedMs: number };

type CallStateName = CallState['name'];

export type CallInput =
  | { type: 'dialled' }
  | { type: 'trying' }
  | { type: 'ringing' }
  | { type: 'early-media' }
  | { type: 'incoming' }
  | { type: 'answering' }
  | { type: 'answered'; at: number }
  | { type: 'ended'; end: CallEnd; at: number };

const ORDER: Readonly<Record<CallStateName, number>> = {
  idle: 0,
  calling: 1,
  incoming: 1,
  trying: 2,
  answering: 2,
  ringing: 3,
  'early-media': 4,
  'in-call': 5,
  ended: 6,
};

/** Returns the same object when the input changes nothing, such as a late 180 or anything after the end. */
export function reduceCall(state: CallState, input: CallInput): CallState {
  const next = stateAfter(state, input);
  return ORDER[next.name] > ORDER[state.name] ? next : state;
}

function stateAfter(state: CallState, input: CallInput): CallState {
  switch (input.type) {
    case 'dialled':
      return { name: 'calling' };
    case 'trying':
    case 'ringing':
    case 'early-media':
    case 'incoming':
    case 'answering':
      return { name: input.type };
    case 'answered':
      return { name: 'in-call', answeredAt: input.at };
    case 'ended': {
      const talkedMs = state.name === 'in-call' ? Math.max(0, input.at - state.answeredAt) : 0;
      return { name: 'ended', end: input.end, talkedMs };
    }
  }
}

/** True from the dial, or from the first ring, until the end. */
export function isActive(state: CallState): boolean {
  return state.name !== 'idle' && state.name !== 'ended';
}

/** True while audio may flow, so that digits can be sent. */
export function hasMedia(state: CallState): boolean {
  return state.name === 'in-call' || state.name === 'early-media';
}
