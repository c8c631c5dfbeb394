import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.js';
import { checkConfig } from './parse.js';
import type { ConfigInput } from './schema.js';

type TrunkInput = NonNullable<ConfigInput['trunks']>[number];

function sentences(
  trunks: readonly Partial<TrunkInput>[],
  change: Partial<ConfigInput> = {},
): string[] {
  const input: ConfigInput = {
    sip: { domain: 'example.org' },
    trunks: trunks.map((trunk, index) => ({ name: `t${index}`, host: '127.0.0.1', ...trunk })),
    dialplan: { country: 'DE' },
    ...change,
  };
  try {
    checkConfig(input, { source: 'test', written: input, lineOf: () => undefined });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError) || error.code !== 'CL_CONFIG_INVALID') throw error;
    return error.problems.map(({ path, sentence }) => `${path}: ${sentence}`);
  }
}

describe('trunks that call in', () => {
  it('need user names of their own', () => {
    const inbound = (username: string): Partial<TrunkInput> => ({
      inbound: { credentials: { username, password: 'hidden word' } },
    });
    expect(sentences([inbound('a'), inbound('b')])).toEqual([]);
    const found = sentences([inbound('a'), inbound('b'), inbound('a')]);
    expect(found).toEqual([
      expect.stringMatching(
        /^trunks\[2\]\.inbound\.credentials\.username: is the same .*trunks\[0\]/,
      ),
    ]);
    expect(found.join()).not.toContain('hidden word');
  });

  it.each(['203.0.113.0/33', '2001:db8::/129', 'sip.example/8', 'a b', '10.0.0.0/x', '1.2.3/8'])(
    'are not recognised by "%s"',
    (network) => {
      expect(sentences([{ inbound: { networks: [network] } }])).toEqual([
        expect.stringMatching(/^trunks\[0\]\.inbound\.networks\[0\]: /),
      ]);
    },
  );

  it.each(['203.0.113.7', '203.0.113.0/24', '2001:db8::/32', 'sip.example'])(
    'may be recognised by %s',
    (network) => {
      expect(sentences([{ inbound: { networks: [network] } }])).toEqual([]);
    },
  );
});

describe('a trunk', () => {
  it.each([
    [{ numberFormat: 'national' }, 'trunks[0].country: is missing, but numbers'],
    [{ from: { numberFormat: 'national' } }, 'trunks[0].country: is missing'],
    [{ from: { user: 'account' } }, 'trunks[0].credentials: is missing, but from.user is account'],
    [{ registration: {} }, 'trunks[0].credentials: is missing, but the trunk is to register'],
    [{ profile: 'sipgate' }, 'trunks[0].credentials: is missing'],
    [{ headers: { 'X-A': '{caller.password}' } }, 'trunks[0].headers.X-A: '],
    [{ techPrefix: 'a' }, 'trunks[0].techPrefix: '],
  ] as const)('with %j is refused', (settings, sentence) => {
    expect(sentences([settings as Partial<TrunkInput>])).toEqual([
      expect.stringContaining(sentence),
    ]);
  });
});

describe('a trunk that makes the offer', () => {
  it('needs the relay', () => {
    const trunks = [{ delayedOffer: true }, {}];
    expect(sentences(trunks)).toEqual([]);
    expect(sentences(trunks, { media: { engine: 'wrtc' } })).toEqual([
      expect.stringMatching(/^trunks\[0\]\.delayedOffer: is true, but wrtc .*media\.engine: relay/),
    ]);
  });
});
