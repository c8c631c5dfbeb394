import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../test/support/manual-clock.js';
import { silentLog } from '../kernel/log.js';
import { Secret } from '../kernel/secret.js';
import { Authenticator, DEFAULT_AUTHENTICATION } from '../signaling/authentication.js';
import { answerChallenge } from '../signaling/digest-client.js';
import type { SipRequest } from '../signaling/sip-request.js';
import type { CallerVerdict } from '../signaling/trunk-gate.js';
import { InboundIdentity, watchInbound } from './inbound-identity.js';
import { LineTokens } from './line-tokens.js';
import { TrunkAddresses } from './trunk-addresses.js';
import { TRUNK_DEFAULTS, type Trunk, type TrunkInbound } from './trunk.js';

const trunk = (name: string, changes: Partial<Trunk>): Trunk => ({
  ...TRUNK_DEFAULTS,
  ...{ name, host: `${name}.example` },
  ...changes,
});
const inbound = (settings: TrunkInbound): Pick<Trunk, 'inbound'> => ({ inbound: settings });

const PASSWORD = new Secret('open sesame');
const TRUNKS = [
  trunk('literal', { host: '192.0.2.1', port: 5060 }),
  trunk('same-host', { host: '192.0.2.1', port: 5080 }),
  trunk('named', {}),
  trunk('wide', inbound({ networks: ['198.51.100.0/24', '2001:db8::/32'] })),
  trunk('narrow', inbound({ networks: ['198.51.100.16/28', 'edge.example'] })),
  trunk('digest', inbound({ credentials: { username: 'acme', password: PASSWORD } })),
  trunk(
    'near-digest',
    inbound({
      networks: ['203.0.113.0/24'],
      credentials: { username: 'near', password: PASSWORD },
    }),
  ),
  trunk('outbound-only', { host: '192.0.2.99', ...inbound({ networks: [] }) }),
];
const DNS: Record<string, string[]> = {
  'named.example': ['192.0.2.7', '2001:db8:1::7'],
  'edge.example': ['192.0.2.8'],
};

interface Rig {
  lines: LineTokens;
  isKnown: (uri: string, host: string) => boolean;
  ask: (source: string, request?: { uri?: string; authorization?: string }) => CallerVerdict;
}

async function rig(trunks = TRUNKS): Promise<Rig> {
  const clock = new ManualClock();
  const addresses = new TrunkAddresses({
    lookup: ({ host }) =>
      DNS[host] === undefined ? Promise.reject(new Error('no')) : Promise.resolve(DNS[host]),
    ...{ clock, log: silentLog },
  });
  watchInbound(trunks, addresses);
  await addresses.start();
  await addresses.close();
  expect(clock.pending).toBe(0);
  const accounts = new Map(
    trunks.flatMap(({ inbound: { credentials } }) =>
      credentials === undefined ? [] : [[credentials.username, credentials] as const],
    ),
  );
  const authenticator = new Authenticator(
    { ...DEFAULT_AUTHENTICATION, realm: 'gw' },
    (user) => accounts.get(user),
    clock,
  );
  const lines = new LineTokens();
  const identity = new InboundIdentity({ trunks, addresses, authenticator, lines });
  return {
    ...{ lines, isKnown: identity.isKnown },
    ask: (source, { uri = 'sip:+4930111@gw', authorization } = {}) =>
      identity.identify({
        ...{ method: 'INVITE', uri, source, flow: undefined },
        header: (name) => (name === 'Authorization' ? authorization : undefined),
      } satisfies SipRequest),
  };
}

describe('the trunk of an INVITE', () => {
  it.each([
    ['192.0.2.1:5060', 'literal'],
    ['192.0.2.1:5080', 'same-host'],
    ['192.0.2.1:33333', 'literal'],
    ['192.0.2.7:5060', 'named'],
    ['[2001:db8:1::7]:5060', 'named'],
    ['2001:db8:2::1:5060', 'wide'],
    ['198.51.100.200:5060', 'wide'],
    ['198.51.100.17:5060', 'narrow'],
    ['::ffff:198.51.100.17:5060', 'narrow'],
    ['192.0.2.8:5060', 'narrow'],
  ])('from %s is %s, by its address', async (source, name) => {
    const { ask } = await rig();
    expect(ask(source)).toEqual({
      ...{ kind: 'trunk', calledIn: 'request-uri', origin: { trunk: name, by: 'network' } },
    });
  });

  it('is the one whose contact was called, from anywhere', async () => {
    const { ask, lines } = await rig();
    const own = lines.add('named', undefined);
    const fixed = lines.add('wide', 'account7');
    const by = 'registration';
    expect(ask('192.0.2.200:1', { uri: `sip:${own.user}@10.0.0.1:5060` })).toEqual({
      ...{ kind: 'trunk', calledIn: 'to', origin: { trunk: 'named', by } },
    });
    const uri = `sip:${fixed.user}@10.0.0.1${fixed.params}`;
    expect(ask('192.0.2.200:1', { uri })).toMatchObject({ calledIn: 'to', origin: { by } });
    expect(ask('192.0.2.200:1', { uri: uri.replace('account7', '+4930') })).toMatchObject({
      ...{ calledIn: 'request-uri', origin: { trunk: 'wide', by } },
    });
    expect(ask('192.0.2.200:1', { uri: 'sip:line-guess@10.0.0.1' }).kind).toBe('refused');
  });
});

describe('a stranger', () => {
  const withoutDigest = TRUNKS.filter(({ inbound: { credentials } }) => credentials === undefined);

  it.each(['192.0.2.99:5060', '203.0.114.1:5060', 'rubbish', ''])(
    'from "%s" is refused with a sentence',
    async (source) => {
      const { ask } = await rig(withoutDigest);
      const verdict = ask(source);
      expect(verdict).toMatchObject({ refusal: { status: 403, code: 'CL_TRUNK_STRANGER' } });
      expect(JSON.stringify(verdict)).toContain('its address belongs to no trunk');
    },
  );
});

describe('a trunk with inbound credentials', () => {
  async function answer(
    source: string,
    username: string,
    password: Secret,
  ): Promise<CallerVerdict> {
    const { ask } = await rig();
    const challenged = ask(source);
    if (challenged.kind !== 'refused') throw new Error('not challenged');
    expect(challenged.refusal.status).toBe(401);
    const challenge = [challenged.refusal.headers?.['WWW-Authenticate']].flat().join(', ');
    const authorization = answerChallenge({
      ...{ challenge, method: 'INVITE', uri: 'sip:+4930111@gw' },
      credentials: { username, password },
    });
    return ask(source, { authorization: authorization ?? '' });
  }

  it('is challenged, and known by its password', async () => {
    expect(await answer('192.0.2.250:5060', 'acme', PASSWORD)).toEqual({
      ...{ kind: 'trunk', calledIn: 'request-uri', origin: { trunk: 'digest', by: 'digest' } },
    });
    expect(await answer('203.0.113.5:5060', 'near', PASSWORD)).toMatchObject({
      origin: { trunk: 'near-digest' },
    });
  });

  it('is not believed with another password', async () => {
    const verdict = await answer('192.0.2.250:5060', 'acme', new Secret('guess'));
    expect(verdict).toMatchObject({ refusal: { status: 401, code: 'CL_AUTH_WRONG' } });
    expect(JSON.stringify(verdict)).not.toContain('open sesame');
  });

  it('is not believed from outside of its networks', async () => {
    expect(await answer('192.0.2.250:5060', 'near', PASSWORD)).toMatchObject({
      refusal: { status: 403, code: 'CL_TRUNK_STRANGER' },
    });
  });
});

describe('who is no stranger', () => {
  const URI = 'sip:+4930111@gw';

  it('is at an address of a trunk, or calls a contact of ours', async () => {
    const { isKnown, lines } = await rig(TRUNKS.filter(({ name }) => name !== 'digest'));
    for (const host of ['192.0.2.7', '2001:db8::9', '::ffff:198.51.100.17', '203.0.113.9'])
      expect(isKnown(URI, host)).toBe(true);
    for (const host of ['192.0.2.99', '192.0.2.200', '2001:db9::1'])
      expect(isKnown(URI, host)).toBe(false);
    const { user } = lines.add('named', undefined);
    expect(isKnown(`sip:${user}@10.0.0.1`, '192.0.2.200')).toBe(true);
  });

  it('is anybody where a trunk may sign in from anywhere, or DNS owes a trunk’s address', async () => {
    const { isKnown } = await rig();
    expect(isKnown(URI, '192.0.2.200')).toBe(true);
    expect((await rig([trunk('named', {})])).isKnown(URI, '192.0.2.200')).toBe(false);
    const lost = await rig([trunk('named', {}), trunk('lost', {})]);
    expect(lost.isKnown(URI, '192.0.2.200')).toBe(true);
  });
});
