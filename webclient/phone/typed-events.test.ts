import { describe, expect, it } from 'vitest';
import { TypedEvents } from './typed-events.js';

class Counter extends TypedEvents<{ count: number }> {
  count(value: number): void {
    this.emit('count', value);
  }
}

describe('TypedEvents', () => {
  it('calls listeners until they are removed or their signal aborts', () => {
    const counter = new Counter();
    const seen: string[] = [];
    const abort = new AbortController();
    const off = counter.on('count', (value) => seen.push(`a${value}`));
    counter.on('count', (value) => seen.push(`b${value}`), abort.signal);
    counter.count(1);
    off();
    counter.count(2);
    abort.abort();
    counter.count(3);
    expect(seen).toEqual(['a1', 'b1', 'b2']);
  });
});
