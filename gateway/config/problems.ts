import type { z } from 'zod';
import { printPath, valueAt, type ConfigProblem, type Path } from './config-error.js';
import { didYouMean } from './did-you-mean.js';
import { keyNotesOf, keysOf, notesOf, schemaAt, type FieldNotes } from './field-notes.js';

export type Issue = z.core.$ZodIssue;

export interface ProblemContext {
  schema: z.ZodType;
  /** The settings as written: references to the environment are not replaced in it. */
  written: unknown;
  lineOf(path: Path): number | undefined;
}

/** A validation issue in the words of an operator. */
export function toProblems(issue: Issue, context: ProblemContext): ConfigProblem[] {
  const { issue: deepest, path } = deepestIssue(issue, issue.path);
  if (deepest.code === 'unrecognized_keys') {
    return deepest.keys.map((key) => unknownKey([...path, key], context));
  }
  if (deepest.code === 'invalid_key') {
    const what = deepest.issues[0]?.message ?? 'is not allowed here';
    const allowed = keyNotes(path, context)?.allowed;
    return [problemAt({ path, what, allowed }, context)];
  }
  const what = whatIsWrong(deepest, valueAt(context.written, path));
  return [problemAt({ path, what }, context)];
}

interface Finding {
  path: Path;
  what: string;
  /** What the schema says when absent. */
  allowed?: string | undefined;
}

/** Something is wrong with the setting at `path`: adds the given value and what is allowed. */
export function problemAt(finding: Finding, context: ProblemContext): ConfigProblem {
  const { path, what } = finding;
  const schema = schemaAt(context.schema, path);
  const notes = schema === undefined ? undefined : notesOf(schema);
  const keys = schema === undefined ? undefined : keysOf(schema);
  const got = notes?.secret === true ? '' : printValue(valueAt(context.written, path));
  const allowed =
    finding.allowed ?? notes?.allowed ?? (keys && `a mapping with ${keys.join(', ')}`);
  const sentence = [what, got, allowed === undefined ? '' : `allowed: ${allowed}`]
    .filter((part) => part !== '')
    .join(', ');
  return { path: printPath(path), line: context.lineOf(path), sentence };
}

function keyNotes(path: Path, context: ProblemContext): FieldNotes | undefined {
  const parent = schemaAt(context.schema, path.slice(0, -1));
  return parent === undefined ? undefined : keyNotesOf(parent);
}

function unknownKey(path: Path, context: ProblemContext): ConfigProblem {
  const parent = schemaAt(context.schema, path.slice(0, -1));
  const known = (parent === undefined ? undefined : keysOf(parent)) ?? [];
  const guess = didYouMean(String(path.at(-1)), known);
  const hint = guess === undefined ? '' : `; did you mean ${guess}?`;
  const end = hint === '' ? ', ' : ' ';
  return {
    path: printPath(path),
    line: context.lineOf(path),
    sentence: `is no known setting${hint}${end}allowed: ${known.join(', ')}`,
  };
}

/** Of a union, the branch that got beyond the first level, or to its keys, is the one that was meant. */
function deepestIssue(issue: Issue, path: Path): { issue: Issue; path: Path } {
  if (issue.code !== 'invalid_union') return { issue, path };
  const meant = issue.errors
    .flat()
    .find(({ path: inner, code }) => inner.length > 0 || code === 'unrecognized_keys');
  return meant === undefined ? { issue, path } : deepestIssue(meant, [...path, ...meant.path]);
}

function whatIsWrong(issue: Issue, written: unknown): string {
  if (issue.code === 'custom') return issue.message;
  if (written === undefined) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return typeof written === 'string' && written.includes('${')
        ? 'has the wrong type (a ${...} reference always gives text)'
        : 'has the wrong type';
    case 'too_small':
    case 'too_big':
      return issue.origin === 'string' || issue.origin === 'array'
        ? 'has the wrong length'
        : 'is out of range';
    case 'invalid_format':
      return 'has the wrong form';
    default:
      return 'is not allowed';
  }
}

/** Scalars are shown, for lists and mappings only that they are ones: they may hold secrets. */
function printValue(value: unknown): string {
  if (value === undefined) return '';
  if (value === null) return 'got nothing';
  if (Array.isArray(value)) return 'got a list';
  if (typeof value === 'object') return 'got a mapping';
  const text = JSON.stringify(value);
  return `got ${text.length > 80 ? `${text.slice(0, 77)}...` : text}`;
}
