/** Only line breaks (RFC 5626 section 4.4.1, RFC 3261 section 7.5), or no bytes at all. */
export function isKeepAlive(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte !== 0x0d && byte !== 0x0a) return false;
  return true;
}

/** The ping, CRLF CRLF, that wants a CRLF as pong. */
export function isPing(bytes: Buffer): boolean {
  return bytes.length === 4 && bytes.toString('latin1') === '\r\n\r\n';
}

export const PONG: Buffer = Buffer.from('\r\n');
