import { describe, expect, it } from 'vitest';
import { stunAttributes, stunCheck, stunErrorCode } from '../../../test/support/stun-check.js';
import { fingerprintOf, hasIntegrity, parseStun, type StunMessage } from './stun-message.js';
import { bindingError, bindingSuccess } from './stun-response.js';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');

/** RFC 5769 section 2.1. */
const SAMPLE_REQUEST = hex(`
  00010058 2112a442 b7e7a701 bc34d686 fa87dfae
  80220010 5354554e 20746573 7420636c 69656e74
  00240004 6e0001ff
  80290008 932ff9b1 51263b36
  00060009 6576746a 3a683676 59202020
  00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
  80280004 e57a3bcf`);
/** RFC 5769 sections 2.2 and 2.3. */
const SAMPLE_RESPONSES = [
  hex(`0101003c 2112a442 b7e7a701 bc34d686 fa87dfae
    8022000b 74657374 20766563 746f7220
    00200008 0001a147 e112a643
    00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7
    80280004 c07d4c96`),
  hex(`01010048 2112a442 b7e7a701 bc34d686 fa87dfae
    8022000b 74657374 20766563 746f7220
    00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
    00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41
    80280004 c8fb0b4c`),
];
const PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt';
const USER = { username: 'ours:theirs', pwd: 'a password of 22 chars' };

function parsed(packet: Buffer): StunMessage {
  const message = parseStun(packet);
  if (message === undefined) throw new Error('no STUN');
  return message;
}

describe('the test vectors of RFC 5769', () => {
  it('are read, and their integrity and fingerprint hold', () => {
    const request = parsed(SAMPLE_REQUEST);
    expect(request).toMatchObject({
      ...{ type: 0x0001, username: 'evtj:h6vY', priority: 0x6e0001ff },
      ...{ role: 'controlled', useCandidate: false, unknown: [] },
    });
    for (const packet of [SAMPLE_REQUEST, ...SAMPLE_RESPONSES]) {
      expect(hasIntegrity(parsed(packet), PASSWORD)).toBe(true);
      expect(hasIntegrity(parsed(packet), `${PASSWORD}x`)).toBe(false);
      expect(fingerprintOf(packet, packet.length - 8)).toBe(packet.readUInt32BE(packet.length - 4));
    }
  });

  it('have the mapped address that ours have', () => {
    const from = { address: '192.0.2.1', port: 32_853 };
    const request = parsed(SAMPLE_REQUEST);
    const answer = bindingSuccess({ request, from, password: PASSWORD });
    const [sample] = SAMPLE_RESPONSES;
    expect(stunAttributes(answer).get(0x0020)).toEqual(stunAttributes(sample!).get(0x0020));
    expect(answer.subarray(4, 20)).toEqual(SAMPLE_REQUEST.subarray(4, 20));
    expect(hasIntegrity(parsed(answer), PASSWORD)).toBe(true);
  });

  it('do not hold with any bit turned that the integrity covers', () => {
    for (let bit = 0; bit < (SAMPLE_REQUEST.length - 8) * 8; bit += 1) {
      const bent = Buffer.from(SAMPLE_REQUEST);
      bent[bit >> 3] = bent.readUInt8(bit >> 3) ^ (1 << (bit & 7));
      const message = parseStun(bent);
      expect(message !== undefined && hasIntegrity(message, PASSWORD), `bit ${bit}`).toBe(false);
    }
  });
});

describe('an error answer', () => {
  it('names the code, and which attributes are not known', () => {
    const context = {
      request: parsed(SAMPLE_REQUEST),
      from: { address: '192.0.2.1', port: 1 },
      password: PASSWORD,
    };
    for (const code of [400, 401, 487] as const)
      expect(stunErrorCode(bindingError(context, code))).toBe(code);
    const answer = bindingError(context, 420, [0x0031, 0x0033, 0x7fff]);
    expect(parsed(answer).type).toBe(0x0111);
    expect(stunErrorCode(answer)).toBe(420);
    expect(stunAttributes(answer).get(0x000a)).toEqual(hex('003100337fff'));
    expect(hasIntegrity(parsed(answer), PASSWORD)).toBe(true);
  });
});

describe('what is no STUN message', () => {
  const good = stunCheck(USER);
  const change = (at: number, ...bytes: number[]): Buffer => {
    const bent = Buffer.from(good);
    for (const [index, byte] of bytes.entries()) bent[at + index] = byte;
    return bent;
  };
  const bare = { ...USER, fingerprint: false };
  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a byte', Buffer.of(0)],
    ['a header without its end', good.subarray(0, 19)],
    ['half a message', good.subarray(0, good.length >> 1)],
    ['a message without its last word', good.subarray(0, good.length - 4)],
    ['a message and a word', Buffer.concat([good, Buffer.alloc(4)])],
    ['another cookie', change(4, 0)],
    ['a length that is too small', change(2, 0, 8)],
    ['a length that is too large', change(2, 0xff, 0xfc)],
    ['an attribute longer than the message', change(22, 0xff, 0xff)],
    ['a wrong fingerprint', change(good.length - 1, good.at(-1)! ^ 1)],
    [
      'a fingerprint before the end',
      stunCheck({ ...USER, extra: [[0x8028, Buffer.alloc(4)]], fingerprint: false }),
    ],
    ['a short integrity', stunCheck({ ...bare, integrity: false, extra: [[8, Buffer.alloc(16)]] })],
    ['a priority of three bytes', stunCheck({ ...bare, extra: [[0x24, Buffer.alloc(3)]] })],
    ['a role of no bytes', stunCheck({ ...bare, extra: [[0x802a, Buffer.alloc(0)]] })],
    ['a user name of 600 bytes', stunCheck({ ...bare, username: 'x'.repeat(600) })],
    [
      'forty attributes',
      stunCheck({ ...bare, extra: Array.from({ length: 40 }, () => [0x8022, Buffer.alloc(0)]) }),
    ],
  ])('%s', (_name, packet) => {
    expect(parseStun(packet)).toBeUndefined();
  });
});

describe('a STUN message', () => {
  it('with an attribute twice means the first', () => {
    const twice = stunCheck({ ...USER, extra: [[6, Buffer.from('other:name')]] });
    expect(parsed(twice).username).toBe(USER.username);
  });

  it('says nothing behind its integrity', () => {
    const behind = [
      [0x0025, Buffer.alloc(0)],
      [0x0006, Buffer.from('other:name')],
      [0x7777, Buffer.alloc(4)],
    ] as const;
    const message = parsed(stunCheck({ pwd: USER.pwd, behind }));
    expect(message).toMatchObject({ username: undefined, useCandidate: false, unknown: [] });
  });

  it('names what must be understood once, and leaves what need not be', () => {
    const extra = [
      [0x0031, Buffer.alloc(5)],
      [0x0031, Buffer.alloc(0)],
      [0xc057, Buffer.alloc(4)],
    ] as const;
    expect(parsed(stunCheck({ ...USER, extra })).unknown).toEqual([0x0031]);
  });

  it('cut off or garbled anywhere is none, or not authentic, and never throws', () => {
    const good = stunCheck(USER);
    for (let end = 0; end < good.length; end += 1)
      expect(parseStun(good.subarray(0, end))).toBeUndefined();
    for (let at = 0; at < good.length; at += 1)
      for (const byte of [0, 0x7f, 0xff]) {
        const bent = stunCheck({ ...USER, fingerprint: false });
        if (at >= bent.length || bent[at] === byte) continue;
        bent[at] = byte;
        const message = parseStun(bent);
        expect(message !== undefined && hasIntegrity(message, USER.pwd)).toBe(false);
      }
  });
});
