import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import { GatewayWorld, SECRET_WORD } from '../../support/gateway-world.js';

const ACCOUNT = { username: 'acct', password: SECRET_WORD };
const HASHES = { MD5: 'md5', 'SHA-256': 'sha256' } as const;
const ASKS = { 401: 'WWW-Authenticate', 407: 'Proxy-Authenticate' } as const;
const ANSWERS = { 401: 'Authorization', 407: 'Proxy-Authorization' } as const;

let world: GatewayWorld;
beforeAll(async () => {
  world = await GatewayWorld.start((config) => ({
    ...config,
    trunks: (config.trunks ?? []).map((trunk) => ({ ...trunk, credentials: ACCOUNT })),
  }));
});
afterAll(() => world.close());

/** RFC 7616 section 3.4.1, as a carrier reckons it. */
function expected(algorithm: keyof typeof HASHES, value: string, uri: string): string {
  const hash = (text: string) => createHash(HASHES[algorithm]).update(text).digest('hex');
  const of = (name: string) => new RegExp(`\\b${name}="?([^",]+)`).exec(value)?.[1] ?? '';
  const secret = hash(`${ACCOUNT.username}:carrier:${ACCOUNT.password}`);
  return hash([secret, 'n1', of('nc'), of('cnonce'), of('qop'), hash(`INVITE:${uri}`)].join(':'));
}

it.each([
  [401, 'MD5'],
  [401, 'SHA-256'],
  [407, 'MD5'],
  [407, 'SHA-256'],
] as const)('an INVITE that is answered %i is signed with %s', async (status, algorithm) => {
  const browser = await world.browser();
  const invite = await browser.invite('600', browserOffer());
  const challenged = await world.carrier.next('INVITE');
  const value = `Digest realm="carrier", nonce="n1", qop="auth", algorithm=${algorithm}`;
  world.carrier.reply(challenged, status, { headers: { [ASKS[status]]: value } });
  await world.carrier.next('ACK');
  const signed = await world.carrier.next('INVITE');
  const credentials = signed.require(ANSWERS[status]);
  expect(credentials).toContain(`algorithm=${algorithm}`);
  expect(credentials).toContain(`response="${expected(algorithm, credentials, signed.uri)}"`);
  world.carrier.reply(signed, 200, { body: carrierAnswer() });
  const ok = await browser.answerTo(invite, 200);
  browser.callerRequest('ACK', ok, { sequence: 2 });
  await world.carrier.next('ACK');
  world.carrier.answerWhatEndsCalls();
  await world.hangUp({ browser, invite, ok, carrierInvite: signed });
  await world.settle(1);
});
