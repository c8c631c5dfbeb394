import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_DIGIT_TIMING } from './digits.js';
import { RtpDigitSender, type ToneSender } from './rtp-digit-sender.js';
import { browserTimers } from './timers.js';

/** RTCDTMFSender as W3C WebRTC section 7 describes it, with a clock that the test moves. */
class FakeToneSender implements ToneSender {
  readonly inserted: [string, number | undefined, number | undefined][] = [];
  readonly listeners = new Set<(event: { tone: string }) => void>();
  refuse = false;
  canInsertDTMF = true;
  silent = false;

  insertDTMF(tones: string, duration?: number, gap?: number): void {
    if (this.refuse) throw new DOMException('not negotiated', 'InvalidStateError');
    this.inserted.push([tones, duration, gap]);
    if (this.silent) return;
    setTimeout(() => {
      this.#tell(tones);
    }, 1);
    setTimeout(
      () => {
        this.#tell('');
      },
      (duration ?? 0) + (gap ?? 0),
    );
  }

  addEventListener(_type: 'tonechange', listener: (event: { tone: string }) => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_type: 'tonechange', listener: (event: { tone: string }) => void): void {
    this.listeners.delete(listener);
  }

  #tell(tone: string): void {
    for (const listener of this.listeners) listener({ tone });
  }
}

describe('RtpDigitSender', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('inserts one tone with its timing, and resolves when tone and gap are over', async () => {
    const tones = new FakeToneSender();
    const leaving = vi.fn();
    const over = vi.fn();
    const sent = new RtpDigitSender(tones, browserTimers).send('5', DEFAULT_DIGIT_TIMING, leaving);
    void sent.then(over);
    await vi.advanceTimersByTimeAsync(10);
    expect(tones.inserted).toEqual([['5', 100, 70]]);
    expect(leaving).toHaveBeenCalledOnce();
    expect(over).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(160);
    expect(over).toHaveBeenCalledOnce();
    expect(tones.listeners.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('rejects when the browser refuses, and leaves nothing behind', async () => {
    const tones = new FakeToneSender();
    tones.refuse = true;
    const sent = new RtpDigitSender(tones, browserTimers).send(
      '5',
      DEFAULT_DIGIT_TIMING,
      () => undefined,
    );
    await expect(sent).rejects.toThrow('not negotiated');
    expect(tones.listeners.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits while the browser cannot send tones yet', async () => {
    const tones = new FakeToneSender();
    tones.canInsertDTMF = false;
    const sent = new RtpDigitSender(tones, browserTimers).send(
      '5',
      DEFAULT_DIGIT_TIMING,
      () => undefined,
    );
    await vi.advanceTimersByTimeAsync(500);
    expect(tones.inserted).toEqual([]);
    tones.canInsertDTMF = true;
    await vi.advanceTimersByTimeAsync(200);
    await sent;
    expect(tones.inserted).toEqual([['5', 100, 70]]);
  });

  it('gives up when the browser stays unable to send tones', async () => {
    const tones = new FakeToneSender();
    tones.canInsertDTMF = false;
    const sent = new RtpDigitSender(tones, browserTimers).send(
      '5',
      DEFAULT_DIGIT_TIMING,
      () => undefined,
    );
    const rejected = expect(sent).rejects.toThrow('cannot send tones');
    await vi.advanceTimersByTimeAsync(2100);
    await rejected;
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives up when the browser never confirms, as during a hold', async () => {
    const tones = new FakeToneSender();
    tones.silent = true;
    const sent = new RtpDigitSender(tones, browserTimers).send(
      '5',
      DEFAULT_DIGIT_TIMING,
      () => undefined,
    );
    const rejected = expect(sent).rejects.toThrow('did not confirm');
    await vi.advanceTimersByTimeAsync(2170);
    await rejected;
    expect(tones.listeners.size).toBe(0);
  });
});
