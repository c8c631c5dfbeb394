import type { UserAgent } from 'sip.js';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RegistrationState } from './phone-types.js';
import { Registration } from './registration.js';

interface Refused {
  message: {
    statusCode: number;
    getHeader(name: string): string | undefined;
    getHeaders(name: string): string[];
  };
}

/** Plays the server to each REGISTER. */
const { refusals } = vi.hoisted(() => ({ refusals: [] as ((response: Refused) => void)[] }));

vi.mock('sip.js', () => ({
  RegistererState: { Registered: 'Registered', Unregistered: 'Unregistered' },
  Registerer: class {
    readonly stateChange = { addListener: () => undefined };
    register(options: { requestDelegate: { onReject: (response: Refused) => void } }) {
      refusals.push(options.requestDelegate.onReject);
      return Promise.resolve();
    }
    dispose() {
      return Promise.resolve();
    }
  },
}));

const states: RegistrationState[] = [];
const timers: { delayMs: number; callback: () => void }[] = [];

function start(): void {
  new Registration({
    ...{ userAgent: Object.create(null) as UserAgent, seconds: 300, onSilence: () => undefined },
    instanceId: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
    onState: (state) => states.push(state),
    timers: {
      now: () => 0,
      after: (delayMs, callback) => {
        timers.push({ delayMs, callback });
        return () => undefined;
      },
    },
  }).start();
}

function refuse(statusCode: number, retryAfter?: string): void {
  const getHeader = (name: string): string | undefined =>
    name === 'retry-after' ? retryAfter : undefined;
  refusals.at(-1)?.({ message: { statusCode, getHeader, getHeaders: () => [] } });
}

beforeEach(() => {
  for (const list of [refusals, states, timers]) list.length = 0;
});

describe('a refused registration', () => {
  it('is final when the server forbids it for good', () => {
    start();
    refuse(403);
    expect(states.at(-1)).toMatchObject({ name: 'refused', final: true });
    expect(timers).toEqual([]);
  });

  it('is tried again when a block is over, as the server said', () => {
    start();
    refuse(403, '42 (too many wrong passwords)');
    expect(states.at(-1)).toMatchObject({ name: 'refused', final: false });
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([42_000]);
    timers[0]?.callback();
    expect(refusals).toHaveLength(2);
  });
});
