import { describe, expect, it } from 'vitest';
import { IllegalTransitionError, StateMachine } from './state-machine.js';

describe('StateMachine', () => {
  it('tells each move once and refuses a move that the table does not have', () => {
    const moves: string[] = [];
    const machine = new StateMachine<'idle' | 'up' | 'down'>({
      name: 'line',
      initial: 'idle',
      transitions: { idle: ['up'], up: ['down'], down: [] },
      onChange: (to, from) => moves.push(`${from}>${to}`),
    });
    machine.transition('up');
    expect(() => {
      machine.transition('idle');
    }).toThrow(IllegalTransitionError);
    expect(machine.state).toBe('up');
    machine.transition('down');
    expect(machine.is('idle', 'down')).toBe(true);
    expect(machine.can('up')).toBe(false);
    expect(moves).toEqual(['idle>up', 'up>down']);
  });
});
