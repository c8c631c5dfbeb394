import { createHash } from 'node:crypto';
import type { Site } from '../../gateway/web/sites/site.js';

export const SHOP = 'https://shop.example';

/** A site that is always open and asks for nothing. */
export function testSite(change: Partial<Site> = {}): Site {
  return {
    key: 'shop',
    origins: [SHOP],
    destinations: [
      { name: 'sales', label: 'Sales', number: '600' },
      { name: 'support', number: '+493012345678' },
    ],
    defaultDestination: 'sales',
    language: 'auto',
    texts: {},
    hours: [],
    isOpen: () => true,
    quotas: { callsAtATime: 3, perAddressPerHour: 4, perDay: 5 },
    maxDurationMs: 60_000,
    tokenLifetimeMs: 30_000,
    challenge: { kind: 'none' },
    ...change,
  };
}

/** Does the work of a proof-of-work challenge, as a page does. */
export function solve(challenge: string, bits: number): string {
  const seed = createHash('sha256').update(challenge).digest('hex');
  for (let attempt = 0; ; attempt++) {
    const solution = attempt.toString(36);
    const digest = createHash('sha256').update(`${seed}:${solution}`).digest();
    if (digest.readUInt32BE(0) >>> (32 - bits) === 0) return solution;
  }
}

interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** A request of a widget on a page of `origin`; undefined: of no page. */
export async function ask(
  gateway: string,
  path: string,
  options: { origin?: string | undefined; method?: string; body?: unknown } = {},
): Promise<Answer> {
  const { origin = SHOP, method = 'POST', body } = options;
  const response = await fetch(new URL(`api/widget/sites/${path}`, gateway), {
    method,
    headers: {
      ...(origin === '' ? {} : { Origin: origin }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

/** What a page asks for when the visitor clicks. */
export async function tokenOf(
  gateway: string,
  options: { site?: string; destination?: string; origin?: string } = {},
): Promise<string> {
  const { site = 'shop', destination, origin } = options;
  const body = destination === undefined ? {} : { destination };
  const { body: grant } = await ask(gateway, `${site}/token`, { origin, body });
  return String(grant['token']);
}
