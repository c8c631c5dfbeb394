const SESSION = -1;

/** An a=fingerprint line (RFC 8122 section 5). */
export interface Fingerprint {
  /** The hash function, in lower case. */
  type: string;
  /** In upper case. */
  hash: string;
}

/**
 * The a=fingerprint lines that hold for an m= line: its own, else those of the session. sdp-transform keeps
 * only the last one of each.
 * @param media index of the m= line
 */
export function fingerprintLines(source: string, media: number): Fingerprint[] {
  const own: Fingerprint[] = [];
  const session: Fingerprint[] = [];
  let part = SESSION;
  for (const line of source.split(/\r\n|\n|\r/)) {
    if (line.startsWith('m=')) part += 1;
    const [, type, hash] = /^a=fingerprint:(\S*) (\S*)/.exec(line) ?? [];
    if (type === undefined || hash === undefined) continue;
    const fingerprint = { type: type.toLowerCase(), hash: hash.toUpperCase() };
    if (part === media) own.push(fingerprint);
    if (part === SESSION) session.push(fingerprint);
  }
  return own.length > 0 ? own : session;
}
