import type { DemoCodec } from './sdp-answer.js';

/** What happens when a number is dialled. */
export type Behaviour =
  | { kind: 'refuse'; status: number }
  /** Nothing but the server's 100 until the caller gives up. */
  | { kind: 'silent' }
  /** 183 with an announcement, then the refusal. */
  | { kind: 'announce'; status: number; codecs: readonly DemoCodec[] }
  | { kind: 'answer'; service: Service; ringMs: number; codecs: readonly DemoCodec[] };

export type Service = 'echo' | 'ivr' | 'tone';

/** What the carrier can make audio for. */
const SPOKEN: readonly DemoCodec[] = ['OPUS', 'PCMU', 'PCMA'];
/** An echo sends back what it got, so it needs no codec of its own. */
const ECHOED: readonly DemoCodec[] = ['OPUS', 'PCMU', 'PCMA', 'G722'];

const PLAN: ReadonlyMap<string, Behaviour> = new Map<string, Behaviour>([
  ['183', { kind: 'announce', status: 404, codecs: SPOKEN }],
  ['408', { kind: 'silent' }],
  ['440', { kind: 'answer', service: 'tone', ringMs: 0, codecs: SPOKEN }],
  ['486', { kind: 'refuse', status: 486 }],
  ['503', { kind: 'refuse', status: 503 }],
  ['600', { kind: 'answer', service: 'echo', ringMs: 0, codecs: ECHOED }],
  ['603', { kind: 'refuse', status: 603 }],
  ['700', { kind: 'answer', service: 'ivr', ringMs: 0, codecs: SPOKEN }],
  ['999', { kind: 'answer', service: 'echo', ringMs: 5000, codecs: ECHOED }],
]);

/** `user` is the user part of the request-URI; a leading `+` is ignored. */
export function behaviourOf(user: string): Behaviour {
  return PLAN.get(user.replace(/^\+/, '')) ?? { kind: 'refuse', status: 404 };
}
