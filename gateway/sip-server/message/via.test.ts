import { describe, expect, it } from 'vitest';
import { formatCSeq, parseCSeq } from './cseq.js';
import { bracketHost, parseHostPort, unbracketHost } from './host-port.js';
import { formatVia, parseVia, replaceTopVia, topVia, viaBranch } from './via.js';

describe('via', () => {
  it('reads host, port and parameters', () => {
    const via = parseVia('SIP/2.0/UDP 192.0.2.1:5061;branch=z9hG4bKx;received=198.51.100.1;rport')!;
    expect(via).toMatchObject({ transport: 'UDP', host: '192.0.2.1', port: 5061 });
    expect(viaBranch(via)).toBe('z9hG4bKx');
    expect(formatVia(via)).toBe(
      'SIP/2.0/UDP 192.0.2.1:5061;branch=z9hG4bKx;received=198.51.100.1;rport',
    );
  });

  it.each([
    [
      'SIP / 2.0 / WSS  df7jal23ls0d.invalid ; branch = z9hG4bK1',
      'df7jal23ls0d.invalid',
      undefined,
    ],
    ['SIP/2.0/TCP [2001:db8::9:1]:5060;received=2001:db8::9:255', '[2001:db8::9:1]', 5060],
    ['SIP/2.0/UDP pc_1.example.com', 'pc_1.example.com', undefined],
    ['SIP/2.0/UDP host : 5070;x', 'host', 5070],
  ])('reads %s', (value, host, port) => {
    expect(parseVia(value)?.host).toBe(host);
    expect(parseVia(value)?.port).toBe(port);
  });

  it.each([
    '',
    'SIP/2.0/UDP',
    'SIP/3.0/UDP h',
    'SIP/2.0 h',
    'SIP/2.0/UDP h:p',
    'SIP/2.0/UDP a b;c',
    'SIP/2.0/UDP [::1;branch=x',
  ])('refuses %j', (value) => {
    expect(parseVia(value)).toBeUndefined();
  });

  it('replaces the topmost of a row with several', () => {
    const message = {
      headers: [
        { name: 'To', value: 'x' },
        { name: 'v', value: 'SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b;branch=2' },
        { name: 'Via', value: 'SIP/2.0/UDP c;branch=3' },
      ],
    };
    replaceTopVia(message, { ...topVia(message)!, host: 'z' });
    expect(message.headers[1]).toEqual({
      name: 'v',
      value: 'SIP/2.0/UDP z;branch=1, SIP/2.0/UDP b;branch=2',
    });
    expect(message.headers[2]?.value).toBe('SIP/2.0/UDP c;branch=3');
  });
});

describe('cseq and host', () => {
  it('reads and writes CSeq', () => {
    expect(parseCSeq('0009 INVITE')).toEqual({ number: 9, method: 'INVITE' });
    expect(parseCSeq('2147483647 a')).toEqual({ number: 2147483647, method: 'a' });
    expect(formatCSeq({ number: 3, method: 'BYE' })).toBe('3 BYE');
    for (const bad of ['', '1', 'INVITE', '1INVITE', '2147483648 A', '1 A B', '1.5 A'])
      expect(parseCSeq(bad)).toBeUndefined();
  });

  it('knows brackets', () => {
    expect(bracketHost('::1')).toBe('[::1]');
    expect(bracketHost('[::1]')).toBe('[::1]');
    expect(bracketHost('a.b')).toBe('a.b');
    expect(unbracketHost('[::1]')).toBe('::1');
    expect(parseHostPort('::1')).toBeUndefined();
  });
});
