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

interface Delegate {
  onAccept: () => void;
  onReject: (response: Refused) => void;
}

/** Plays the server to each REGISTER. */
const { refusals, accepts } = vi.hoisted(() => ({
  refusals: [] as ((response: Refused) => void)[],
  accepts: [] as (() => void)[],
}));

vi.mock('sip.js', () => ({
  RegistererState: { Registered: 'Registered', Unregistered: 'Unregistered' },
  Registerer: class {
    state = 'Initial';
    #changed: (state: string) => void = () => undefined;
    readonly stateChange = {
      addListener: (listener: (state: string) => void) => (this.#changed = listener),
    };
    register({ requestDelegate }: { requestDelegate: Delegate }) {
      refusals.push(requestDelegate.onReject);
      accepts.push(() => {
        if (this.state !== 'Registered') this.#changed((this.state = 'Registered'));
        requestDelegate.onAccept();
      });
      return Promise.resolve();
    }
    dispose() {
      return Promise.resolve();
    }
  },
}));

const states: RegistrationState[] = [];
const timers: { delayMs: number; callback: () => void; cancelled: boolean }[] = [];
let silences = 0;

function start(): Registration {
  const registration = new Registration({
    ...{ userAgent: Object.create(null) as UserAgent, seconds: 300 },
    onSilence: () => (silences += 1),
    instanceId: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
    onState: (state) => states.push(state),
    timers: {
      now: () => 0,
      after: (delayMs, callback) => {
        const timer = { delayMs, callback, cancelled: false };
        timers.push(timer);
        return () => {
          timer.cancelled = true;
        };
      },
    },
  });
  registration.start();
  return registration;
}

function refuse(statusCode: number, retryAfter?: string): void {
  const getHeader = (name: string): string | undefined =>
    name === 'retry-after' ? retryAfter : undefined;
  refusals.at(-1)?.({ message: { statusCode, getHeader, getHeaders: () => [] } });
}

beforeEach(() => {
  for (const list of [refusals, accepts, states, timers]) list.length = 0;
  silences = 0;
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

describe('a probe', () => {
  it('asks the server by a refresh, and tells when it answers', () => {
    const registration = start();
    registration.probe();
    expect(accepts).toHaveLength(1);
    accepts[0]?.();
    states.length = 0;
    registration.probe();
    registration.probe();
    expect(accepts).toHaveLength(2);
    expect(states).toEqual([]);
    accepts[1]?.();
    expect(states).toEqual([{ name: 'registered' }]);
    expect(timers).toMatchObject([{ delayMs: 5000, cancelled: true }]);
  });

  it('gives the WebSocket up when there is no answer', () => {
    const registration = start();
    accepts[0]?.();
    registration.probe();
    timers.at(-1)?.callback();
    expect(silences).toBe(1);
  });
});
