import { getHeader, splitList, type HeaderHolder } from './headers.js';
import { formatHostPort, parseHostPort } from './host-port.js';
import { formatParams, getParam, parseParams, type Params } from './params.js';

/** One Via value (RFC 3261 section 20.42). */
export interface Via {
  /** As spelled: `UDP`, `WS`. */
  transport: string;
  /** sent-by host; an IPv6 address keeps its brackets. */
  host: string;
  port?: number;
  /** Raw: branch, received, rport ... */
  params: Params;
}

/** Branches that begin so are unique by RFC 3261 section 8.1.1.7. */
export const BRANCH_COOKIE = 'z9hG4bK';

const PROTOCOL = /^SIP\s*\/\s*2\.0\s*\/\s*([A-Za-z0-9\-.!%*_+`'~]+)\s+(?=\S)/i;

/** Parses one value (not a comma list). Undefined when it is no SIP/2.0 Via. */
export function parseVia(value: string): Via | undefined {
  const head = PROTOCOL.exec(value);
  if (head === null) return undefined;
  const rest = value.slice(head[0].length);
  const semicolon = rest.indexOf(';');
  const sentBy = parseHostPort((semicolon === -1 ? rest : rest.slice(0, semicolon)).trim());
  const params = semicolon === -1 ? [] : parseParams(rest.slice(semicolon));
  if (sentBy === undefined || params === undefined) return undefined;
  return { transport: head[1] ?? '', ...sentBy, params };
}

export function formatVia(via: Via): string {
  return `SIP/2.0/${via.transport} ${formatHostPort(via)}${formatParams(via.params)}`;
}

/** The topmost Via of a message, undefined when absent or unreadable. */
export function topVia(holder: HeaderHolder): Via | undefined {
  const row = getHeader(holder, 'via');
  const first = row === undefined ? undefined : splitList(row)[0];
  return first === undefined ? undefined : parseVia(first);
}

/** The branch, or the empty string. */
export function viaBranch(via: Via): string {
  return getParam(via.params, 'branch') ?? '';
}

/** Replaces the topmost Via and leaves the others, even those of the same row, as they are. */
export function replaceTopVia(holder: HeaderHolder, via: Via): void {
  const index = holder.headers.findIndex(({ name }) => /^(?:via|v)$/i.test(name));
  const header = holder.headers[index];
  if (header === undefined) return;
  const first = splitList(header.value)[0] ?? '';
  // The rest of the row is not written anew: spaces behind its commas could double the length of an answer.
  const rest = header.value.slice(header.value.indexOf(first) + first.length);
  holder.headers[index] = { name: header.name, value: formatVia(via) + rest };
}
