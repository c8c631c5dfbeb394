import { createHash, randomBytes } from 'node:crypto';

/**
 * SIP as text, just enough to measure with; shares no code with the gateway, so that a mistake there cannot
 * cancel itself out here.
 */
export interface SipText {
  startLine: string;
  /** Lower case names; several headers of a name in order. */
  headers: Map<string, string[]>;
}

export function parseSip(text: string): SipText {
  const [startLine = '', ...lines] = (text.split('\r\n\r\n')[0] ?? '').split('\r\n');
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return { startLine, headers };
}

export function header(message: SipText, name: string): string {
  return message.headers.get(name)?.[0] ?? '';
}

/** The status of a response; 0 for a request. */
export function statusOf(message: SipText): number {
  return Number(/^SIP\/2\.0 (\d{3})/.exec(message.startLine)?.[1] ?? 0);
}

export function newId(): string {
  return randomBytes(8).toString('hex');
}

export interface DigestUse {
  method: string;
  uri: string;
  username: string;
  password: string;
}

/** The value of Authorization for an MD5 challenge with qop=auth, RFC 7616 section 3.4. */
export function digestAnswer(challenges: readonly string[], use: DigestUse): string {
  const challenge = challenges.find((text) => /algorithm="?MD5"?(?:[,\s]|$)/i.test(text));
  if (challenge === undefined) throw new Error('the gateway offers no MD5 challenge');
  const field = (name: string): string =>
    new RegExp(`\\b${name}="([^"]*)"`).exec(challenge)?.[1] ?? '';
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const [realm, nonce, cnonce] = [field('realm'), field('nonce'), newId()];
  const secret = md5(`${use.username}:${realm}:${use.password}`);
  const request = md5(`${use.method}:${use.uri}`);
  const response = md5(`${secret}:${nonce}:00000001:${cnonce}:auth:${request}`);
  const opaque = field('opaque');
  return [
    `Digest username="${use.username}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${use.uri}"`,
    'algorithm=MD5',
    'qop=auth',
    'nc=00000001',
    `cnonce="${cnonce}"`,
    `response="${response}"`,
    ...(opaque === '' ? [] : [`opaque="${opaque}"`]),
  ].join(', ');
}
