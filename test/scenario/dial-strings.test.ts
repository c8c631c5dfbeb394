import { afterEach, describe, expect, it } from 'vitest';
import { createLog } from '../../gateway/kernel/log.js';
import { CallWorld } from '../support/call-world.js';

let world: CallWorld;
afterEach(() => world.expectClean());

const played = (): string[] => world.engine.sessions[0]!.digits.map(({ digit }) => digit);

describe('digits after the answer', () => {
  it('are in no line of the log, of any level, whichever way they came', async () => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    world = new CallWorld({ log: createLog({ level: 'trace', destination }) });
    const { browser, carrier } = await world.dial('+49301234,4*711#');
    carrier.answer();
    await world.settle();
    const [view] = world.calls.list();
    world.calls.sendDigits(view?.id ?? '', '8*642');
    world.calls.sendDigits(view?.id ?? '', '8*642?');
    const type = 'application/vnd.copperline.dial-string';
    await browser.dialog!.peerInfo({ contentType: type, content: '9*753A' });
    await browser.dialog!.peerInfo({ contentType: type, content: '9*753?' });
    for (let time = 0; time < 40; time += 1) await world.clock.advanceAsync(160);
    expect(played().join('')).toBe('4*711#8*6429*753A');
    browser.dialog!.hangUp();
    await world.settle();
    expect(lines.join('')).toContain('call state');
    // Nothing that an id or a time could hold.
    expect(lines.join('')).not.toMatch(/4\*7|8\*6|9\*7|"digits?":/);
  });

  it('dialled behind the number wait for the answer and their pauses, and are in no record', async () => {
    world = new CallWorld();
    const { browser, carrier } = await world.dial('+49301234,,9*w7#');
    expect(carrier.request.uri).toContain('+49301234@');
    carrier.answer();
    await world.settle();
    await world.clock.advanceAsync(3_999);
    expect(played()).toEqual([]);
    await world.clock.advanceAsync(1);
    await world.clock.advanceAsync(160);
    expect(played()).toEqual(['9', '*']);
    await world.clock.advanceAsync(160);
    const [session] = world.engine.sessions;
    expect(session!.listened).toEqual(['callee']);
    session!.handlers.onPrompt?.('callee');
    await world.settle();
    await world.clock.advanceAsync(160);
    expect(played()).toEqual(['9', '*', '7', '#']);
    await world.clock.advanceAsync(160);
    browser.dialog!.hangUp();
    await world.settle();
    // Nothing that an id or a time could hold.
    expect(world.cdrLines.join()).not.toMatch(/9\*|7#|,,/);
    expect(world.lastRecord).toMatchObject({ dialled: '+49301234', number: '+49301234' });
  });

  it('wait for a prompt, but not for ever, and not where nothing can hear it', async () => {
    world = new CallWorld();
    const { browser, carrier } = await world.dial('+49301234w1w2');
    carrier.answer();
    await world.settle();
    const session = world.engine.sessions[0]!;
    await world.clock.advanceAsync(160);
    expect(played()).toEqual(['1']);
    session.handlers.onPrompt?.('caller');
    await world.clock.advanceAsync(9_999);
    expect(played()).toEqual(['1']);
    session.deaf = true;
    await world.clock.advanceAsync(1);
    expect(played()).toEqual(['1', '2']);
    await world.clock.advanceAsync(160);
    expect(world.calls.sendDigits(world.calls.list()[0]!.id, 'w3')).toBe('taken');
    await world.settle();
    await world.clock.advanceAsync(999);
    expect(played()).toEqual(['1', '2']);
    await world.clock.advanceAsync(1);
    expect(played()).toEqual(['1', '2', '3']);
    session.deaf = false;
    world.calls.sendDigits(world.calls.list()[0]!.id, 'w4');
    await world.clock.advanceAsync(160);
    expect(session.listened).toHaveLength(2);
    browser.dialog!.hangUp();
    await world.settle();
    session.handlers.onPrompt?.('callee');
    expect(played()).toEqual(['1', '2', '3']);
  });

  it('end with the call', async () => {
    world = new CallWorld();
    const { browser, carrier } = await world.dial('+49301234,,,,1');
    carrier.answer();
    await world.settle();
    browser.dialog!.hangUp();
    await world.settle();
    expect(played()).toEqual([]);
  });

  it('come from the API and by INFO, string after string; only to a call that is up', async () => {
    world = new CallWorld();
    const { browser, carrier } = await world.dial();
    const [view] = world.calls.list();
    const id = view?.id ?? '';
    expect(world.calls.sendDigits(id, '1')).toBe('early');
    carrier.answer();
    await world.settle();
    expect(world.calls.sendDigits(id, '12')).toBe('taken');
    const type = 'application/vnd.copperline.dial-string';
    expect(await browser.dialog!.peerInfo({ contentType: type, content: '3' })).toBe(200);
    expect(await browser.dialog!.peerInfo({ contentType: type, content: '3?' })).toBe(400);
    expect(await carrier.dialog!.peerInfo({ contentType: type, content: '3' })).toBe(415);
    expect(world.calls.sendDigits(id, 'x')).toBe('unreadable');
    expect(world.calls.sendDigits('nobody', '1')).toBe('unknown');
    for (let count = 0; count < 8; count++) world.calls.sendDigits(id, ',');
    expect(world.calls.sendDigits(id, '1')).toBe('unreadable');
    await world.clock.advanceAsync(160);
    await world.clock.advanceAsync(160);
    await world.clock.advanceAsync(160);
    expect(played()).toEqual(['1', '2', '3']);
    browser.dialog!.hangUp();
    await world.settle();
    expect(world.calls.sendDigits(id, '1')).toBe('unknown');
  });
});
