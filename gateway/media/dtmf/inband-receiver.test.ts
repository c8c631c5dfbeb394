import { expect, it } from 'vitest';
import { joined, pair, silence } from '../../../test/support/dtmf/tone-bench.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { encodeMuLaw } from '../codecs/g711.js';
import type { DigitEvent } from './digit-event.js';
import { InbandReceiver } from './inband-receiver.js';

/** Plays `pcm` in packets of 20 ms, one sequence number each, at their times; `order` names packets to send. */
function play(pcm: Int16Array, order?: (index: number) => readonly number[]) {
  const clock = new ManualClock();
  const events: DigitEvent[] = [];
  let lastId = 0;
  const receiver = new InbandReceiver({
    ...{ clock, law: 'pcmu', nextId: () => (lastId += 1) },
    onDigit: (event) => events.push(event),
  });
  for (let index = 0; index * 160 < pcm.length; index += 1) {
    clock.advance(20);
    for (const packet of order?.(index) ?? [index]) {
      const payload = Uint8Array.from(pcm.subarray(packet * 160, packet * 160 + 160), encodeMuLaw);
      receiver.receive(payload, (0xfffe + packet) & 0xffff, clock.monotonic());
    }
  }
  const ended = (): string =>
    events
      .filter((event) => event.ended)
      .map(({ digit }) => digit)
      .join('');
  return { clock, receiver, ended };
}

const TWO = joined(pair({ digit: '1', ms: 100 }), silence(60), pair({ digit: 'A', ms: 80 }));

it('hears the digits of a stream, each once', () => {
  const { clock, receiver, ended } = play(joined(TWO, silence(60)));
  expect(ended()).toBe('1A');
  expect(receiver.digits).toBe(2);
  clock.advance(1000);
  expect(clock.pending).toBe(0);
});

it('ends a digit whose stream falls silent', () => {
  const { clock, receiver, ended } = play(TWO);
  expect(ended()).toBe('1');
  clock.advance(151);
  expect(ended()).toBe('1A');
  expect([receiver.active, clock.pending]).toEqual([false, 0]);
});

it('ends a digit, and its timer, when it is closed', () => {
  const { clock, receiver, ended } = play(TWO);
  receiver.close();
  receiver.close();
  expect([ended(), clock.pending]).toEqual(['1A', 0]);
});

it('hears no digit twice from copies and late packets, nor from a lost one', () => {
  const long = joined(pair({ digit: '7', ms: 200 }), silence(100));
  expect(play(long, (index) => [index, index]).ended()).toBe('7');
  expect(play(long, (index) => (index === 0 ? [0] : [index, index - 1])).ended()).toBe('7');
  expect(play(long, (index) => (index === 5 ? [] : [index])).ended()).toBe('7');
});

it('takes payloads of any length', () => {
  const clock = new ManualClock();
  const onDigit = (): never => {
    throw new Error('no digit was sent');
  };
  const receiver = new InbandReceiver({ clock, law: 'pcma', nextId: () => 1, onDigit });
  for (const [sequence, length] of [0, 1, 7, 960, 961, 1500, 160].entries())
    receiver.receive(new Uint8Array(length).fill(0x55), sequence, sequence * 20);
  receiver.close();
  expect(clock.pending).toBe(0);
});
