import { StateMachine } from '../kernel/state-machine.js';

export type CallState =
  'new' | 'dialling' | 'ringing' | 'answering' | 'up' | 'detached' | 'ending' | 'ended';

/** In which a call is not over. */
export const CALL_STATES: readonly CallState[] = [
  'new',
  'dialling',
  'ringing',
  'answering',
  'up',
  'detached',
  'ending',
];

/**
 * The states of a call:
 *
 *     new ──INVITE sent──▶ dialling ──18x──▶ ringing ──callee's 200──▶ answering  ──our 200──▶ up
 *                              └──────────callee's 200──────────────────▲            │  ▲
 *                                                             WebSocket lost         ▼  │ browser back
 *                                                                                 detached
 *     any of them ──end-call──▶ ending ──media closed, record written──▶ ended
 *
 * `dialling` stays while routes are tried in turn. Every way out goes through end-call.
 */
export function createCallState(
  onChange: (to: CallState, from: CallState) => void,
): StateMachine<CallState> {
  return new StateMachine<CallState>({
    name: 'call',
    initial: 'new',
    transitions: {
      new: ['dialling', 'ending'],
      dialling: ['ringing', 'answering', 'ending'],
      ringing: ['answering', 'ending'],
      answering: ['up', 'ending'],
      up: ['detached', 'ending'],
      detached: ['up', 'ending'],
      ending: ['ended'],
      ended: [],
    },
    onChange,
  });
}
