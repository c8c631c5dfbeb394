import { z } from 'zod';
import { ConfigError, type Path } from './config-error.js';
import { noted } from './field-notes.js';
import { flag, identifier, listOf, oneOf, plainText } from './fields.js';
import { toProblems } from './problems.js';
import { parseYaml } from './yaml-source.js';

const moment = noted(
  z
    .string()
    .refine((text) => !Number.isNaN(Date.parse(text)), 'is no date')
    .transform((text) => Date.parse(text)),
  { allowed: 'a date with time and zone in quotes, such as "2026-01-31T08:00:00+01:00"' },
);

const expected = z.strictObject({
  trunks: listOf(identifier(), {
    min: 1,
    of: 'trunk names in the order to try them',
  }).exactOptional(),
  number: plainText(64).exactOptional(),
  rule: identifier().exactOptional(),
  refused: flag().exactOptional(),
});

const planTest = z.strictObject({
  dial: plainText(64),
  from: identifier().exactOptional(),
  origin: oneOf(['user', 'widget', 'trunk']).default('user'),
  site: identifier().exactOptional(),
  at: moment.exactOptional(),
  expect: expected,
});

const planTests = listOf(planTest, { min: 1, of: 'tests, each with dial and expect' });

export type PlanTestSettings = z.output<typeof planTest>;

/**
 * The tests of a dialplan: a YAML list of `{ dial, from, at, expect: { trunks, number, rule, refused } }`.
 * @throws ConfigError CL_CONFIG_UNREADABLE, CL_CONFIG_INVALID
 */
export function parsePlanTests(text: string, source: string): PlanTestSettings[] {
  const yaml = parseYaml(text, source);
  const result = planTests.safeParse(yaml.data);
  if (result.success) return result.data;
  const lineOf = (path: Path): number | undefined => yaml.lineOf(path);
  const context = { schema: planTests, written: yaml.data, lineOf };
  const problems = result.error.issues.flatMap((issue) => toProblems(issue, context));
  throw new ConfigError('CL_CONFIG_INVALID', source, problems);
}
