import { describe, expect, it } from 'vitest';
import { parseClientConfig } from './client-config.js';

const plain = { sipPath: '/sip', domain: 'copperline.local', iceServers: [] };

describe('parseClientConfig', () => {
  it('takes a configuration with and without a demo', () => {
    expect(parseClientConfig(plain)).toEqual(plain);
    const demo = { user: 'u', password: 'p', numbers: [{ number: '600', label: 'Echo' }] };
    expect(parseClientConfig({ ...plain, demo })).toEqual({ ...plain, demo });
  });

  it('takes ICE servers with credentials and several addresses', () => {
    const iceServers = [
      { urls: 'stun:a' },
      { urls: ['turn:b', 'turns:b'], username: 'u', credential: 'c' },
    ];
    expect(parseClientConfig({ ...plain, iceServers }).iceServers).toEqual(iceServers);
  });

  it.each([
    [null, 'client-config must be an object'],
    [{ ...plain, sipPath: 1 }, 'sipPath must be a text'],
    [{ ...plain, iceServers: {} }, 'iceServers must be a list'],
    [{ ...plain, demo: { user: 'u', numbers: [] } }, 'demo.password must be a text'],
  ])('refuses %j', (value, sentence) => {
    expect(() => parseClientConfig(value)).toThrow(sentence);
  });
});
