import { describe, expect, it } from 'vitest';
import { browserLegs } from './app-settings.js';
import { configSchema } from './config/schema.js';

describe('the leg of a browser', () => {
  it('has the media policy of its user', () => {
    const password = 'long-enough';
    const config = configSchema.parse({
      sip: { domain: 'example.org', server: { embedded: {} } },
      dialplan: { country: 'DE' },
      users: [
        { name: 'alice', password, media: 'opus-to-browser' },
        { name: 'bob', password },
      ],
    });
    const legOf = browserLegs(config);
    expect(['alice', 'bob', 'nobody'].map((user) => legOf(user).media)).toEqual([
      'opus-to-browser',
      'passthrough',
      undefined,
    ]);
  });
});
