import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { unbracketHost } from '../message/host-port.js';

/**
 * The IP address of a host name or literal, of the family that a socket can send to.
 * Rejects with a sentence when there is none. SRV and NAPTR records are not asked (RFC 3263 is left to trunks).
 */
export async function resolveAddress(host: string, family: 4 | 6): Promise<string> {
  const literal = unbracketHost(host);
  const kind = isIP(literal);
  if (kind === family) return literal;
  if (kind !== 0)
    throw new Error(`The address ${literal} is not IPv${family}, which this SIP port speaks.`);
  try {
    return (await lookup(literal, { family })).address;
  } catch (error) {
    throw new Error(`The host name ${literal} has no IPv${family} address.`, { cause: error });
  }
}
