import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.js';
import { delay, systemClock } from './clock.js';

describe('delay', () => {
  it('waits on the clock it is given', async () => {
    const clock = new ManualClock();
    let done = false;
    const waiting = delay(clock, 500).then(() => {
      done = true;
    });
    await clock.advanceAsync(499);
    expect(done).toBe(false);
    await clock.advanceAsync(1);
    await waiting;
    expect(done).toBe(true);
  });

  it('rejects with the reason of the abort and leaves no timer', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const waiting = delay(clock, 500, controller.signal);
    controller.abort(new Error('call ended'));
    await expect(waiting).rejects.toThrow('call ended');
    await expect(delay(clock, 1, controller.signal)).rejects.toThrow('call ended');
    expect(clock.pending).toBe(0);
  });
});

describe('systemClock', () => {
  it('fires a timer and not a cancelled one', async () => {
    let cancelledFired = false;
    systemClock
      .setTimer(() => {
        cancelledFired = true;
      }, 0)
      .cancel();
    await new Promise<void>((resolve) => {
      const keepAlive = setInterval(() => undefined, 1000);
      systemClock.setTimer(() => {
        clearInterval(keepAlive);
        resolve();
      }, 1);
    });
    expect(cancelledFired).toBe(false);
  });
});
