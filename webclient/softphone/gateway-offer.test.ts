import { describe, expect, it } from 'vitest';
import { iceServersFor } from './gateway-offer.js';

const ACCOUNT = { user: 'alice', password: 'secret' };
const iceServers = [{ urls: 'stun:s.example' }];
const turnUrl = 'https://gw.example/phone/api/turn';

describe('iceServersFor', () => {
  it('asks the gateway of the page for its own users, and sends their password nowhere else', () => {
    const own = { ...ACCOUNT, server: 'wss://gw.example/sip' };
    const other = { ...ACCOUNT, server: 'wss://pbx.example/ws' };
    expect(iceServersFor(own, { iceServers, turnUrl })).toBeTypeOf('function');
    expect(iceServersFor(other, { iceServers, turnUrl })).toBe(iceServers);
    expect(iceServersFor(own, { iceServers })).toBe(iceServers);
  });
});
