import { describe, expect, it } from 'vitest';
import { challengerOf } from './challenger.js';

const from = (source_address: string): { source_address: string; source_port: number } => ({
  ...{ source_address, source_port: 5080 },
});

describe('the answer to a challenge goes', () => {
  it.each([
    ['sip:110@carrier.example:5060;transport=udp', '192.0.2.1', 'sip:192.0.2.1:5080;transport=udp'],
    ['sip:edge.example', '192.0.2.1', 'sip:192.0.2.1:5080'],
    [
      'sip:110@carrier.example;transport=udp',
      '2001:db8::1',
      'sip:[2001:db8::1]:5080;transport=udp',
    ],
    [
      'sip:110@carrier.example;transport=udp',
      '[2001:db8::1]',
      'sip:[2001:db8::1]:5080;transport=udp',
    ],
  ])('for %s to the server that challenged, %s', (target, address, expected) => {
    expect(challengerOf(target, from(address))).toBe(expected);
  });

  it.each([
    'sip:110@192.0.2.1:5060;transport=udp',
    'sip:110@[2001:db8::1]:5060',
    'sip:110@carrier.example:5061;transport=tls',
    'sips:110@carrier.example',
  ])('to %s itself', (target) => {
    expect(challengerOf(target, from('192.0.2.1'))).toBeUndefined();
  });
});
