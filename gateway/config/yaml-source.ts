import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type ErrorCode,
  type Node,
} from 'yaml';
import { ConfigError, type ConfigProblem, type Path } from './config-error.js';

/** A parsed YAML text that still knows on which line each setting stands. */
export interface YamlSource {
  data: unknown;
  /** Line of the setting, or of the nearest one around it that exists. */
  lineOf(path: Path): number | undefined;
}

/**
 * The library's own messages quote the text they stumble over, which may be a password; so each kind
 * of error gets our sentence instead.
 */
const SENTENCES: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: 'a value that begins with * is an alias in YAML; put it in quotes',
  BAD_INDENT: 'the indentation does not fit the lines around it',
  DUPLICATE_KEY: 'the same key stands here a second time',
  TAB_AS_INDENT: 'YAML is indented with spaces, not with tabs',
  MISSING_CHAR: 'a closing quote, bracket or brace, or a space after a colon, is missing',
  BLOCK_AS_IMPLICIT_KEY: 'a mapping starts inside another value; check colons and indentation',
  MULTIPLE_DOCS: 'only one YAML document is allowed; remove the --- line',
  TAG_RESOLVE_FAILED: 'a value that begins with ! is a tag in YAML; put it in quotes',
};

/** @throws ConfigError CL_CONFIG_UNREADABLE with the lines that are not YAML */
export function parseYaml(text: string, source: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems = [...document.errors, ...document.warnings].map((error): ConfigProblem => {
    const sentence = SENTENCES[error.code] ?? 'this is not YAML';
    return { path: '', line: lines.linePos(error.pos[0]).line, sentence };
  });
  if (problems.length > 0) throw new ConfigError('CL_CONFIG_UNREADABLE', source, problems);
  return {
    data: toData(document, source),
    lineOf: (path) => {
      const offset = offsetOf(document.contents, path);
      return offset === undefined ? undefined : lines.linePos(offset).line;
    },
  };
}

function toData(document: Document, source: string): unknown {
  try {
    return document.toJS() as unknown;
  } catch {
    const sentence =
      'an alias (a value that begins with *) names no anchor; a password that begins with * needs quotes';
    throw new ConfigError('CL_CONFIG_UNREADABLE', source, [
      { path: '', line: undefined, sentence },
    ]);
  }
}

/** Start of the setting's key (of the entry in a list), or of the deepest parent that exists. */
function offsetOf(contents: Node | null, path: Path): number | undefined {
  let node: unknown = contents;
  let offset = contents?.range?.[0];
  for (const key of path) {
    const found = step(node, key);
    if (found === undefined) return offset;
    offset = found.offset ?? offset;
    node = found.value;
  }
  return offset;
}

function step(
  node: unknown,
  key: PropertyKey,
): { value: unknown; offset: number | undefined } | undefined {
  if (isSeq(node) && typeof key === 'number') {
    const item = node.items[key];
    return item === undefined ? undefined : { value: item, offset: startOf(item) };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  return pair === undefined ? undefined : { value: pair.value, offset: startOf(pair.key) };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
