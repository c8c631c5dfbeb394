import { describe, expect, it } from 'vitest';
import { TypedEvents } from './typed-events.js';

type Map = { ring: [line: number]; closed: [] };

describe('TypedEvents', () => {
  it('runs every listener although one throws, and reports that one', () => {
    const errors: string[] = [];
    const heard: number[] = [];
    const events = new TypedEvents<Map>((error, event) =>
      errors.push(`${event}: ${String(error)}`),
    );
    events.on('ring', () => {
      throw new Error('listener bug');
    });
    events.on('ring', (line) => heard.push(line));
    events.emit('ring', 3);
    expect(heard).toEqual([3]);
    expect(errors).toEqual(['ring: Error: listener bug']);
  });

  it('removes what it added', () => {
    const events = new TypedEvents<Map>();
    let count = 0;
    const remove = events.on('closed', () => count++);
    events.once('closed', () => count++);
    events.emit('closed');
    events.emit('closed');
    remove();
    events.emit('closed');
    expect(count).toBe(3);
    expect(events.listenerCount('closed')).toBe(0);
  });
});
