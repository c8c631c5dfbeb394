import { describe, expect, it } from 'vitest';
import { judgePaths } from './pre-call-check.js';
import type { Ways } from './pre-call-paths.js';

const NONE: Ways = { asked: false, turnAsked: false, reflexive: false, relay: undefined };
const STUN: Ways = { ...NONE, asked: true, reflexive: true };
const TURN: Ways = { ...STUN, turnAsked: true, relay: 'udp' };
const TCP: Ways = { asked: true, turnAsked: true, reflexive: false, relay: 'tcp' };
const DEAF: Ways = { ...TCP, relay: undefined };

const FAILED = {
  path: undefined,
  failure: { kind: 'busy', sentence: '', fromServer: false },
} as const;

describe('judgePaths', () => {
  it.each([
    // What a call found out counts, whatever the servers say.
    [DEAF, { path: 'direct', roundTripMs: 12 } as const, 'good direct, good not-needed'],
    [TURN, { path: 'relayed' } as const, 'limited relayed, good used'],
    [STUN, { path: 'none' } as const, 'bad blocked, bad missing'],
    [DEAF, { path: 'none' } as const, 'bad blocked, bad unreachable'],
    [TURN, { path: 'none' } as const, 'bad blocked, good available'],
    // Without one, the servers are all there is.
    [NONE, undefined, 'unknown untried, unknown none'],
    [STUN, undefined, 'good leaves, unknown none'],
    [TURN, FAILED, 'good leaves, good available'],
    [TCP, undefined, 'limited relayed, good available'],
    [DEAF, undefined, 'bad blocked, limited unreachable'],
  ])('of %o and %o', (ways, trial, expected) => {
    const { udp, turn } = judgePaths(ways, trial);
    expect(`${udp.verdict} ${udp.finding}, ${turn.verdict} ${turn.finding}`).toBe(expected);
    expect(udp.roundTripMs).toBe(trial?.path === 'direct' ? 12 : undefined);
  });
});
