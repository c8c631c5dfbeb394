/** One `;name=value`, spelled as received: a quoted value keeps its quotes. */
export interface Param {
  name: string;
  /** Absent for a flag such as `;lr`. */
  value?: string;
}

export type Params = Param[];

/** The raw value; the empty string for a flag; undefined when the parameter is absent. Names ignore case. */
export function getParam(params: readonly Param[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const param of params) {
    if (param.name.length === wanted.length && param.name.toLowerCase() === wanted)
      return param.value ?? '';
  }
  return undefined;
}

export function hasParam(params: readonly Param[], name: string): boolean {
  return getParam(params, name) !== undefined;
}

/** Replaces the parameter in place, or appends it. */
export function setParam(params: Params, name: string, value?: string): void {
  const entry: Param = value === undefined ? { name } : { name, value };
  const wanted = name.toLowerCase();
  const index = params.findIndex((param) => param.name.toLowerCase() === wanted);
  if (index === -1) params.push(entry);
  else params[index] = entry;
}

/** `;a=b;c`, or the empty string. */
export function formatParams(params: readonly Param[]): string {
  let text = '';
  for (const param of params)
    text += param.value === undefined ? `;${param.name}` : `;${param.name}=${param.value}`;
  return text;
}

const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

/** RFC 3261 section 25.1 `token`. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/**
 * Parses `;a=b ; c = "d;e"` (the whole text, first semicolon included; empty text gives no parameters).
 * White space around `;` and `=` is dropped, empty parameters are skipped (RFC 4475 section 3.1.1.1).
 * Returns undefined when the text is no parameter list.
 */
export function parseParams(text: string): Params | undefined {
  const params: Params = [];
  if (text.trim() === '') return params;
  const pieces = splitOutsideQuotes(text, ';');
  if (pieces === undefined || pieces[0]?.trim() !== '') return undefined;
  for (let index = 1; index < pieces.length; index++) {
    const piece = (pieces[index] ?? '').trim();
    if (piece === '') continue;
    const param = parseParam(piece);
    if (param === undefined) return undefined;
    params.push(param);
  }
  return params;
}

function parseParam(piece: string): Param | undefined {
  const equals = piece.indexOf('=');
  if (equals === -1) return isToken(piece) ? { name: piece } : undefined;
  const name = piece.slice(0, equals).trimEnd();
  const value = piece.slice(equals + 1).trimStart();
  return isToken(name) && isParamValue(value) ? { name, value } : undefined;
}

function isParamValue(value: string): boolean {
  return value.startsWith('"') ? QUOTED.test(value) : !/[\s"<>,]/.test(value);
}

const QUOTED = /^"(?:[^"\\]|\\.)*"$/s;

/** Splits at a separator that stands outside quoted strings; undefined when a quote stays open. */
function splitOutsideQuotes(text: string, separator: string): string[] | undefined {
  if (!text.includes('"')) return text.split(separator);
  const pieces: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (quoted && char === '\\') index++;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && char === separator) {
      pieces.push(text.slice(start, index));
      start = index + 1;
    }
  }
  pieces.push(text.slice(start));
  return quoted ? undefined : pieces;
}

/** `"a \"b\""` becomes `a "b"`; a text that is not quoted comes back unchanged. */
export function unquote(text: string): string {
  return QUOTED.test(text) ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : text;
}

export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
