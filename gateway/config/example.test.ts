import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isMap, isScalar, isSeq, parse, parseDocument } from 'yaml';
import type { z } from 'zod';
import { keysOf, schemaAt } from './field-notes.js';
import { parseConfig } from './parse.js';
import { configSchema } from './schema.js';

const file = fileURLToPath(new URL('../../deploy/copperline.example.yaml', import.meta.url));
const text = readFileSync(file, 'utf8');
const env = {
  ALICE_PASSWORD: 'alice-password',
  BOB_PASSWORD: 'bob-password',
  CARRIER_PASSWORD: 'carrier-password',
  TURN_PASSWORD: 'turn-password',
  API_TOKEN: 'token-of-the-api',
  TURN_SECRET: 'a-secret-of-coturn',
  DRACHTIO_SECRET: 'drachtio-secret',
  TURNSTILE_SECRET: 'turnstile-secret',
  APPLICATION_SECRET: 'application-secret',
  TOKEN_KEY: 'a-token-key-of-32-characters-or-more',
};

/** Every path of the schema; list entries as `[]`, free keys as `*`. */
function schemaPaths(schema: z.ZodType, path: string): string[] {
  const keys = keysOf(schema);
  if (keys !== undefined) {
    return keys.flatMap((key) => {
      const child = schemaAt(schema, [key]);
      const here = path === '' ? key : `${path}.${key}`;
      return child === undefined ? [here] : [here, ...schemaPaths(child, here)];
    });
  }
  const element = schemaAt(schema, [0]);
  return element === undefined || schemaAt(schema, ['x']) !== undefined
    ? []
    : schemaPaths(element, `${path}[]`);
}

/** Every path of a YAML text, in the same form. */
function textPaths(node: unknown, path: string): string[] {
  if (isSeq(node)) return node.items.flatMap((item) => textPaths(item, `${path}[]`));
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : '?';
    const here = path === '' ? name : `${path}.${name}`;
    return [here, ...textPaths(value, here)];
  });
}

/** The text with one of its commented-out alternatives in place of the setting above it. */
function withAlternative(key: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.trimStart().startsWith(`# ${key}:`));
  const indent = lines[start]?.indexOf('#') ?? 0;
  const mark = `${' '.repeat(indent)}# `;
  let end = start;
  while (lines[end]?.startsWith(mark) === true) end += 1;
  const alternative = lines
    .slice(start, end)
    .map((line) => ' '.repeat(indent) + line.slice(mark.length));
  const isSame = (line: string): boolean => line.startsWith(`${' '.repeat(indent)}${key}:`);
  const old = lines.findIndex(isSame);
  if (old === -1) return [...lines.slice(0, start), ...alternative, ...lines.slice(end)].join('\n');
  let after = old + 1;
  while (lines[after]?.startsWith(' '.repeat(indent + 1)) === true) after += 1;
  return [...lines.slice(0, old), ...alternative, ...lines.slice(after)].join('\n');
}

const variants = [
  'origins',
  'iceServers',
  'turn',
  'server',
  'tcp',
  'udp',
  'scannerAgents',
  'applications',
  'requestHandlers',
  'tokenKey',
].map((key) => ({
  key,
  yaml: withAlternative(key),
}));

describe('deploy/copperline.example.yaml', () => {
  it('is valid, and so is each alternative in its comments', () => {
    const config = parseConfig(text, 'example', env);
    expect(config.sip.server.kind).toBe('embedded');
    const kinds = variants.map(({ yaml }) => parseConfig(yaml, 'example', env));
    expect(kinds[0]?.web.origins).toHaveLength(2);
    expect(kinds[1]?.web.iceServers).toHaveLength(1);
    expect(kinds[2]?.web.turn?.ttlSeconds).toBe(3600);
    expect(kinds[3]?.sip.server.kind).toBe('drachtio');
    expect(kinds[4]?.sip.server).toMatchObject({ tcp: { port: 5060 }, tls: { port: 5061 } });
  });

  it('shows every setting that exists', () => {
    const shown = new Set(
      [text, ...variants.map(({ yaml }) => yaml)].flatMap((yaml) =>
        textPaths(parseDocument(yaml).contents, ''),
      ),
    );
    const all = schemaPaths(configSchema, '');
    expect(all.length).toBeGreaterThan(80);
    expect(
      all.filter(
        (path) =>
          !shown.has(path) &&
          path !== 'dialplan.refuse[].short' &&
          path !== 'dialplan.refuse[].users',
      ),
    ).toEqual([]);
  });

  it('states the default wherever it does not say otherwise', () => {
    const { web, ...others } = parse(text) as { web: Record<string, unknown> };
    // There is no default token.
    const written: Record<string, unknown> = { ...others, web: { ...web, api: undefined } };
    const defaults = configSchema.parse({ sip: { domain: 'x' }, dialplan: { country: 'DE' } });
    for (const section of [
      'web',
      'limits',
      'registration',
      'log',
      'cdr',
      'websocketGraceSeconds',
      'drainSeconds',
    ] as const) {
      expect(written[section], section).toEqual(defaults[section]);
    }
  });
});
