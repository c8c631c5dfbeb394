import { describe, expect, it } from 'vitest';
import { postdOf, splitPostDial } from '../signaling/post-dial.js';
import { parseDialString } from './dial-string.js';

const digits = (text: string) => ({ kind: 'digits', digits: text });
const pause = (ms: number) => ({ kind: 'pause', ms });
const prompt = { kind: 'prompt' };

describe('a dial string', () => {
  it.each([
    ['1234', [digits('1234')]],
    ['w1a#', [digits('1A#')]],
    [',,12 34-5,w*', [pause(2000), pause(2000), digits('12345'), pause(2000), prompt, digits('*')]],
    ['pp1', [pause(2000), pause(2000), digits('1')]],
    ['', undefined],
    ['w', undefined],
    ['12x', undefined],
    ['1'.repeat(101), undefined],
  ])('%s', (text, steps) => {
    expect(parseDialString(text, false)).toEqual(steps);
  });

  it('waits for a prompt at its beginning too when the call is up', () => {
    expect(parseDialString('w1', true)).toEqual([prompt, digits('1')]);
    expect(parseDialString('ww1', false)).toEqual([prompt, digits('1')]);
    expect(parseDialString('x', true)).toBeUndefined();
  });
});

describe('what was dialled', () => {
  it.each([
    ['+4930123,,1234#', '+4930123', ',,1234#'],
    ['030 123w1', '030 123', 'w1'],
    ['*21#', '*21#', undefined],
    ['wendy', 'wendy', undefined],
    ['22', '22', undefined],
    ['12,x', '12,x', undefined],
  ])('%s', (dialled, user, postDial) => {
    expect(splitPostDial(dialled, undefined)).toEqual({ user, postDial });
  });

  it('may carry its digits in the parameter postd of the URI', () => {
    expect(postdOf('sip:+4930123;postd=pp12%23@gw;user=phone')).toBe('pp12#');
    expect(postdOf('sip:+4930123@gw;postd=1')).toBe('1');
    expect([postdOf('sip:+4930123@gw'), postdOf('sip:1;postd=%ZZ@gw')]).toEqual([
      ...[undefined, undefined],
    ]);
    expect(splitPostDial('+49', '12')).toEqual({ user: '+49', postDial: '12' });
  });
});
