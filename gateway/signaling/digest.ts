import { createHash } from 'node:crypto';
import { quote, splitOutsideQuotes, unquote } from './sip-text.js';

/** Digest access authentication, the arithmetic and the header forms (RFC 7616, RFC 8760). Pure. */

export type DigestAlgorithm = 'MD5' | 'SHA-256';

export interface DigestChallenge {
  realm: string;
  nonce: string;
  algorithm: DigestAlgorithm;
  opaque?: string | undefined;
  /** Undefined for servers of RFC 2069, which know no qop. */
  qop: 'auth' | undefined;
  stale: boolean;
}

export interface DigestCredentials {
  username: string;
  realm: string;
  nonce: string;
  /** digest-uri, as the client wrote it. */
  uri: string;
  response: string;
  algorithm: DigestAlgorithm;
  qop: 'auth' | undefined;
  cnonce: string | undefined;
  /** nonce-count, eight hex digits. */
  nc: string | undefined;
}

export interface DigestInput {
  username: string;
  password: string;
  realm: string;
  nonce: string;
  method: string;
  uri: string;
  algorithm: DigestAlgorithm;
  qop?: { value: 'auth'; nc: string; cnonce: string } | undefined;
}

/** RFC 7616 section 3.4.1 (with qop) and RFC 2069 (without). Lower-case hex. */
export function digestResponse(input: DigestInput): string {
  const hash = (text: string): string =>
    createHash(input.algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const ha1 = hash(`${input.username}:${input.realm}:${input.password}`);
  const ha2 = hash(`${input.method}:${input.uri}`);
  if (input.qop === undefined) return hash(`${ha1}:${input.nonce}:${ha2}`);
  const { value, nc, cnonce } = input.qop;
  return hash(`${ha1}:${input.nonce}:${nc}:${cnonce}:${value}:${ha2}`);
}

/** One WWW-Authenticate or Proxy-Authenticate value. */
export function formatChallenge(challenge: DigestChallenge): string {
  const parts = [
    `realm=${quote(challenge.realm)}`,
    `nonce=${quote(challenge.nonce)}`,
    `algorithm=${challenge.algorithm}`,
    ...(challenge.qop === undefined ? [] : [`qop="${challenge.qop}"`]),
    ...(challenge.stale ? ['stale=true'] : []),
  ];
  return `Digest ${parts.join(', ')}`;
}

/** One Authorization or Proxy-Authorization value. */
export function formatCredentials(credentials: DigestCredentials & { opaque?: string }): string {
  const parts = [
    `username=${quote(credentials.username)}`,
    `realm=${quote(credentials.realm)}`,
    `nonce=${quote(credentials.nonce)}`,
    `uri=${quote(credentials.uri)}`,
    `response="${credentials.response}"`,
    `algorithm=${credentials.algorithm}`,
  ];
  if (credentials.opaque !== undefined) parts.push(`opaque=${quote(credentials.opaque)}`);
  if (credentials.qop !== undefined && credentials.cnonce !== undefined) {
    parts.push(`qop=${credentials.qop}`, `nc=${credentials.nc ?? '00000001'}`);
    parts.push(`cnonce=${quote(credentials.cnonce)}`);
  }
  return `Digest ${parts.join(', ')}`;
}

/**
 * Splits a header value that may hold several schemes, or several header lines joined with commas,
 * into one parameter map per Digest scheme.
 */
function digestParameterSets(header: string): Map<string, string>[] {
  const sets: Map<string, string>[] = [];
  let current: Map<string, string> | undefined;
  for (const part of splitOutsideQuotes(header, ',')) {
    const scheme = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s+(.*)$/s.exec(part);
    let parameter = part;
    if (scheme !== null && !/^[^="]*=/.test(part.slice(0, part.search(/\s/)))) {
      current = scheme[1]?.toLowerCase() === 'digest' ? new Map() : undefined;
      if (current !== undefined) sets.push(current);
      parameter = scheme[2] ?? '';
    }
    const equals = parameter.indexOf('=');
    if (current === undefined || equals < 0) continue;
    const name = parameter.slice(0, equals).trim().toLowerCase();
    current.set(name, unquote(parameter.slice(equals + 1)));
  }
  return sets;
}

/** RFC 7616 section 3.3: a missing algorithm means MD5. Undefined for ones that we do not speak. */
function readAlgorithm(text: string | undefined): DigestAlgorithm | undefined {
  const name = (text ?? 'MD5').toUpperCase();
  return name === 'MD5' || name === 'SHA-256' ? name : undefined;
}

/** All Digest challenges that we can answer, in the order of the header. */
export function parseChallenges(header: string): DigestChallenge[] {
  return digestParameterSets(header).flatMap((params) => {
    const algorithm = readAlgorithm(params.get('algorithm'));
    const realm = params.get('realm');
    const nonce = params.get('nonce');
    const qop = params.get('qop');
    const offersAuth = qop?.split(/[\s,]+/).includes('auth');
    if (algorithm === undefined || realm === undefined || nonce === undefined) return [];
    if (offersAuth === false) return [];
    const stale = params.get('stale')?.toLowerCase() === 'true';
    const opaque = params.get('opaque');
    return [
      { realm, nonce, algorithm, opaque, qop: qop === undefined ? undefined : 'auth', stale },
    ];
  });
}

/** The first Digest credentials of an Authorization header; undefined when they are incomplete. */
export function parseCredentials(header: string): DigestCredentials | undefined {
  const [params] = digestParameterSets(header);
  const algorithm = readAlgorithm(params?.get('algorithm'));
  if (params === undefined || algorithm === undefined) return undefined;
  const required = ['username', 'realm', 'nonce', 'uri', 'response'].map((name) =>
    params.get(name),
  );
  const [username, realm, nonce, uri, response] = required;
  if (username === undefined || realm === undefined || nonce === undefined) return undefined;
  if (uri === undefined || response === undefined) return undefined;
  return {
    ...{ username, realm, nonce, uri, response: response.toLowerCase(), algorithm },
    qop: params.get('qop')?.toLowerCase() === 'auth' ? 'auth' : undefined,
    cnonce: params.get('cnonce'),
    nc: params.get('nc'),
  };
}
