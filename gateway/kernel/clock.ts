/**
 * Time, injected. Nothing outside this file calls Date.now, setTimeout or performance.now directly,
 * so every timer of the gateway can be driven by a test.
 */
export interface Timer {
  /** Idempotent; a cancelled timer never fires. */
  cancel(): void;
}

export interface Clock {
  /** Wall clock, ms since the Unix epoch. For stamps that people read, never for intervals. */
  now(): number;
  /** Monotonic ms with fraction. For intervals. */
  monotonic(): number;
  /** Runs `callback` once, `delayMs` from now. The timer does not keep the process alive. */
  setTimer(callback: () => void, delayMs: number): Timer;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(callback, delayMs) {
    const handle = setTimeout(callback, delayMs);
    handle.unref();
    return {
      cancel: () => {
        clearTimeout(handle);
      },
    };
  },
};

/**
 * Resolves after `delayMs` on the clock; rejects with the signal's reason when it aborts first.
 * The timer is cancelled on abort, so an aborted wait leaves nothing behind.
 */
export function delay(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortReason(signal));
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(abortReason(signal));
    };
    const timer = clock.setTimer(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('aborted');
}
