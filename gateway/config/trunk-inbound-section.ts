import { isIP } from 'node:net';
import { z } from 'zod';
import { noted } from './field-notes.js';
import { flag, host, listOf, oneOf, plainText, secret, wholeNumber } from './fields.js';

const NETWORK = /^[^/]+\/\d{1,3}$/;

function isNetwork(text: string): boolean {
  if (!NETWORK.test(text)) return host().safeParse(text).success;
  const [address = '', bits = ''] = text.split('/');
  const version = isIP(address);
  return version !== 0 && Number(bits) <= (version === 6 ? 128 : 32);
}

const network = noted(
  z.string().refine(isNetwork, 'is neither an address nor a network nor a host name'),
  { allowed: 'an IP address, a network such as 203.0.113.0/24, or a host name' },
);

export const credentials = z.strictObject({ username: plainText(128), password: secret(1) });

/** `trunks[].inbound`: who may call us in the name of the trunk, and what it hears before somebody answers. */
export const inboundSection = z
  .strictObject({
    networks: listOf(network, { min: 0, of: 'addresses, networks and host names' }).exactOptional(),
    credentials: credentials.exactOptional(),
    ringback: oneOf(['carrier', 'local']).default('carrier'),
    refusalToneSeconds: wholeNumber(0, 30).default(0),
    trustIdentity: flag().default(false),
  })
  .prefault({});
