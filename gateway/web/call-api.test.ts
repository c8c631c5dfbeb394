import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWebBench, type WebBench } from '../../test/support/web-bench.js';
import { Secret } from '../kernel/secret.js';

const TOKEN = 'a token of the API';
type Verdict = 'taken' | 'unreadable' | 'unknown' | 'early';

let bench: WebBench;
let verdict: Verdict;
let asked: [string, string][];

beforeEach(async () => {
  verdict = 'taken';
  asked = [];
  bench = await startWebBench({
    callApi: {
      token: new Secret(TOKEN.replaceAll(' ', '-')),
      sendDigits: (callId, text) => {
        asked.push([callId, text]);
        return verdict;
      },
    },
  });
});
afterEach(async () => {
  expect(await bench.close()).toEqual([]);
});

function post(body: string, authorization?: string): Promise<Response> {
  const { host, port } = bench.web.address;
  return fetch(`http://${host}:${port}/api/calls/one/digits`, {
    ...{ method: 'POST', body },
    headers: {
      'Content-Type': 'application/json',
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    },
  });
}

const GOOD = `Bearer ${TOKEN.replaceAll(' ', '-')}`;

describe('POST /api/calls/:id/digits', () => {
  it.each([undefined, 'Bearer wrong', 'Basic YTpi', GOOD.slice(0, -1)])(
    'without the token (%s) gets 401, whatever its body',
    async (authorization) => {
      const answer = await post('{"digits":', authorization);
      expect([answer.status, answer.headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer']);
      expect(asked).toEqual([]);
    },
  );

  it('plays the digits to the call', async () => {
    expect((await post('{"digits":"12,,3#"}', GOOD)).status).toBe(202);
    expect(asked).toEqual([['one', '12,,3#']]);
  });

  it.each([
    ['unknown', 404],
    ['early', 409],
    ['unreadable', 400],
  ] as const)('of a call or string that is %s gets %i', async (why, status) => {
    verdict = why;
    const answer = await post('{"digits":"987654"}', GOOD);
    expect(answer.status).toBe(status);
    expect(await answer.text()).not.toContain('987654');
  });

  it.each(['{"digits":987654}', '[]', 'null', '{"digits":"987654', `"${'9'.repeat(2_000)}"`])(
    'with a body that cannot be used is refused and not repeated: %s',
    async (body) => {
      const answer = await post(body, GOOD);
      expect([400, 413]).toContain(answer.status);
      expect(await answer.text()).not.toMatch(/9{5}|98765/);
      expect(asked).toEqual([]);
    },
  );
});
