/** One value of a Reason header (RFC 3326): `SIP;cause=486;text="Busy Here"`. */
export interface ReasonValue {
  /** `SIP`, `Q.850` ..., upper case. */
  protocol: string;
  cause?: number;
  /** The sentence the peer sent, unquoted. */
  text?: string;
}

/**
 * Parses Reason header values; a header may hold several, separated by commas (RFC 3326 section 2).
 * Parts that make no sense are left out: what a peer sends never throws here.
 */
export function parseReason(headers: readonly string[]): ReasonValue[] {
  return headers.flatMap((header) => splitOutsideQuotes(header, ',').flatMap(parseValue));
}

/** The value to believe: protocol SIP before the others, one with a text before one without. */
export function bestReason(headers: readonly string[]): ReasonValue | undefined {
  const rank = (value: ReasonValue): number =>
    (value.protocol === 'SIP' ? 2 : 0) + (value.text === undefined ? 0 : 1);
  return parseReason(headers).sort((a, b) => rank(b) - rank(a))[0];
}

function parseValue(value: string): ReasonValue[] {
  const [protocol = '', ...parameters] = splitOutsideQuotes(value, ';').map((part) => part.trim());
  if (protocol === '') return [];
  const reason: ReasonValue = { protocol: protocol.toUpperCase() };
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=');
    if (equals < 0) continue;
    const name = parameter.slice(0, equals).trim().toLowerCase();
    const content = unquote(parameter.slice(equals + 1).trim());
    if (name === 'cause' && /^\d{1,3}$/.test(content)) reason.cause = Number(content);
    if (name === 'text' && content.trim() !== '') reason.text = content.trim();
  }
  return [reason];
}

/** RFC 3261 section 25.1: inside quotes a backslash takes the next character literally. */
function unquote(text: string): string {
  if (!text.startsWith('"')) return text;
  const end = text.endsWith('"') && text.length > 1 ? -1 : undefined;
  return text.slice(1, end).replace(/\\(.)/gs, '$1');
}

function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (quoted && character === '\\') index++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === separator) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
