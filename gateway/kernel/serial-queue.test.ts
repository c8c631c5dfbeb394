import { describe, expect, it } from 'vitest';
import { QueueClosedError, SerialQueue } from './serial-queue.js';

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('SerialQueue', () => {
  it('starts a task only after the one before it has finished', async () => {
    const queue = new SerialQueue();
    const gate = deferred<string>();
    const order: string[] = [];
    const first = queue.run(async () => {
      order.push('first starts');
      await gate.promise;
      order.push('first ends');
    });
    const second = queue.run(() => {
      order.push('second');
    });
    await Promise.resolve();
    expect(order).toEqual(['first starts']);
    gate.resolve('go');
    await Promise.all([first, second]);
    expect(order).toEqual(['first starts', 'first ends', 'second']);
  });

  it('goes on after a task that fails, and hands the error to its caller only', async () => {
    const queue = new SerialQueue();
    const failing = queue.run(() => {
      throw new Error('carrier said no');
    });
    await expect(failing).rejects.toThrow('carrier said no');
    await expect(queue.run(() => 7)).resolves.toBe(7);
  });

  it('refuses waiting and later tasks once closed, and lets the running one finish', async () => {
    const queue = new SerialQueue();
    const gate = deferred<number>();
    const running = queue.run(() => gate.promise);
    const waiting = queue.run(() => 2);
    queue.close();
    gate.resolve(1);
    await expect(waiting).rejects.toBeInstanceOf(QueueClosedError);
    await expect(queue.run(() => 3)).rejects.toBeInstanceOf(QueueClosedError);
    await expect(running).resolves.toBe(1);
    expect(queue.length).toBe(0);
  });
});
