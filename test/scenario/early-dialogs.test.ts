import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CallWorld } from '../support/call-world.js';

const fork = (name: string): string => `v=0\r\no=${name} 1 1 IN IP4 192.0.2.1\r\n`;

let world: CallWorld;
beforeEach(() => {
  world = new CallWorld();
});
afterEach(() => world.expectClean());

const taken = (): string[] => world.engine.sessions[0]!.answers;

describe('a carrier that forks', () => {
  it('moves the media from one early dialog to the other, and to the one that answers; the browser keeps one SDP', async () => {
    const { browser, carrier } = await world.dial();
    carrier.ring(180, undefined, 'one');
    carrier.ring(183, fork('one'), 'one');
    carrier.ring(183, fork('two'), 'two');
    carrier.ring(199, undefined, 'two');
    carrier.ring(180, undefined, 'three');
    await world.settle();
    expect(browser.provisional.map(({ status, sdp }) => [status, sdp !== undefined])).toEqual([
      [180, false],
      [183, true],
      [183, false],
      [180, false],
    ]);
    carrier.answer(fork('three'), 'three');
    await world.settle();
    expect(taken()).toEqual([fork('one'), fork('two'), fork('three')]);
    expect(browser.answer).toBe(browser.provisional[1]!.sdp);
    browser.dialog!.hangUp();
  });

  it('answers without SDP in a dialog that had it in its 18x: that one stands, whatever another fork said later', async () => {
    const { browser, carrier } = await world.dial();
    carrier.ring(183, fork('one'), 'one');
    carrier.ring(183, fork('two'), 'two');
    carrier.answer('', 'one');
    await world.settle();
    expect(taken()).toEqual([fork('one'), fork('two'), fork('one')]);
    expect(browser.dialog?.open).toBe(true);
    browser.dialog!.hangUp();
  });

  it('answers without SDP in a dialog that never had any: 502', async () => {
    const { browser, carrier } = await world.dial();
    carrier.ring(183, fork('one'), 'one');
    carrier.answer('', 'two');
    await world.settle();
    expect(browser.refused).toMatchObject({ status: 502, code: 'CL_TRUNK_NO_SDP' });
  });

  it('brings media late, after 180', async () => {
    const { browser, carrier } = await world.dial();
    carrier.ring(180);
    carrier.ring(181);
    carrier.ring(180, fork('one'));
    await world.settle();
    expect(browser.provisional.map(({ status, sdp }) => [status, sdp !== undefined])).toEqual([
      [180, false],
      [181, false],
      [180, false],
      [183, true],
    ]);
    browser.cancel();
  });
});
