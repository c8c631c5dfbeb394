import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DigitQueue, type DigitProgress } from './digit-queue.js';
import { DEFAULT_DIGIT_TIMING, toDigits, type DigitSender } from './digits.js';

/** A sender whose tones end when the test says so. */
class HeldSender implements DigitSender {
  readonly transport = 'rtp';
  readonly started: string[] = [];
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;

  send(digit: string, _timing: unknown, onLeaving: () => void): Promise<void> {
    if (this.#settle !== undefined) throw new Error('two tones at once');
    this.started.push(digit);
    onLeaving();
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  get playing(): boolean {
    return this.#settle !== undefined;
  }

  async end(error?: Error): Promise<void> {
    const settle = this.#settle;
    this.#settle = undefined;
    if (error === undefined) settle?.resolve();
    else settle?.reject(error);
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function setup(sender: DigitSender | undefined = new HeldSender()) {
  const log: DigitProgress[] = [];
  const queue = new DigitQueue({
    timing: DEFAULT_DIGIT_TIMING,
    sender: () => sender,
    onProgress: (progress) => log.push(progress),
  });
  queue.open();
  const states = (id: number): string[] =>
    log.filter((entry) => entry.id === id).map(({ state }) => state);
  return { queue, log, states };
}

describe('DigitQueue', () => {
  it('reports pressed, leaving and sent for each digit', async () => {
    const sender = new HeldSender();
    const { queue, states } = setup(sender);
    queue.push('1');
    expect(states(1)).toEqual(['queued', 'sending']);
    await sender.end();
    expect(states(1)).toEqual(['queued', 'sending', 'sent']);
  });

  it('starts a digit only when the one before is over', async () => {
    const sender = new HeldSender();
    const { queue } = setup(sender);
    queue.push('12');
    queue.push('3');
    expect(sender.started).toEqual(['1']);
    await sender.end();
    expect(sender.started).toEqual(['1', '2']);
    expect(queue.length).toBe(1);
  });

  it('sends everything once and in order, however pressing and playing interleave', async () => {
    const digits = fc.string({ unit: fc.constantFrom('1', '0', '*', '#', 'D'), maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(digits, fc.constant(null)), { maxLength: 30 }),
        async (steps) => {
          const sender = new HeldSender();
          const { queue, log } = setup(sender);
          for (const step of steps) {
            if (step === null) await sender.end();
            else queue.push(step);
          }
          while (sender.playing) await sender.end();
          const pressed = steps.filter((step) => step !== null).join('');
          expect(sender.started.join('')).toBe(pressed);
          const sent = log.filter(({ state }) => state === 'sent').map(({ digit }) => digit);
          expect(sent.join('')).toBe(pressed);
        },
      ),
    );
  });

  it('keeps what is pressed before it can be carried, and shows it as queued', async () => {
    const sender = new HeldSender();
    const log: DigitProgress[] = [];
    const queue = new DigitQueue({
      timing: DEFAULT_DIGIT_TIMING,
      sender: () => sender,
      onProgress: (progress) => log.push(progress),
    });
    queue.push('12');
    expect(log.map(({ state }) => state)).toEqual(['queued', 'queued']);
    expect(sender.started).toEqual([]);
    queue.open();
    await sender.end();
    queue.open();
    await sender.end();
    expect(sender.started).toEqual(['1', '2']);
  });

  it('goes on after a digit that could not be sent', async () => {
    const sender = new HeldSender();
    const { queue, states } = setup(sender);
    queue.push('12');
    await sender.end(new Error('no'));
    await sender.end();
    expect(states(1).at(-1)).toBe('failed');
    expect(states(2).at(-1)).toBe('sent');
  });

  it('fails at once when there is no way to send', async () => {
    const log: DigitProgress[] = [];
    const queue = new DigitQueue({
      timing: DEFAULT_DIGIT_TIMING,
      sender: () => undefined,
      onProgress: (progress) => log.push(progress),
    });
    queue.open();
    queue.push('1');
    await Promise.resolve();
    expect(log.at(-1)?.state).toBe('failed');
  });

  it('fails what is unsent when the call ends, and stays silent after that', async () => {
    const sender = new HeldSender();
    const { queue, log, states } = setup(sender);
    queue.push('123');
    queue.close();
    expect([1, 2, 3].map((id) => states(id).at(-1))).toEqual(['failed', 'failed', 'failed']);
    const before = log.length;
    await sender.end();
    queue.push('4');
    queue.close();
    expect(log.length).toBe(before);
    expect(sender.started).toEqual(['1']);
  });
});

describe('toDigits', () => {
  it('keeps DTMF digits, raises a to d and drops the rest', () => {
    expect(toDigits('1-2 (3)*#abcdef+9')).toBe('123*#ABCD9');
  });
});
