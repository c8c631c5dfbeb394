import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { noted } from './field-notes.js';
import {
  absolutePath,
  flag,
  host,
  ipAddress,
  listenPort,
  listOf,
  oneOf,
  plainText,
  secret,
  wholeNumber,
} from './fields.js';

/** A socket that SIP peers reach. */
const place = {
  host: ipAddress().default('127.0.0.1'),
  port: listenPort().default(5060),
  advertised: host().exactOptional(),
};

/** One port, or a list of ports such as one for IPv4 and one for IPv6. */
function oneOrMore<Port extends z.ZodObject<typeof place>>(
  port: Port,
): z.ZodUnion<[Port, z.ZodArray<Port>]> {
  const list = z.array(port).min(1).refine(areDistinct, 'names the same address and port twice');
  return noted(z.union([port, list]), {
    allowed: `a mapping with ${Object.keys(port.shape).join(', ')}, or a list of such mappings`,
  });
}

function areDistinct(list: readonly { host: string; port: number }[]): boolean {
  const named = list.filter(({ port }) => port !== 0).map(({ host, port }) => `${host} ${port}`);
  return new Set(named).size === named.length;
}

const certificates = listOf(z.strictObject({ certFile: absolutePath(), keyFile: absolutePath() }), {
  min: 1,
  of: 'certificates, each with certFile and keyFile',
});

const tls = z.strictObject({
  ...place,
  port: listenPort().default(5061),
  certificates,
  clientCertificates: oneOf(['ignore', 'request', 'require']).default('ignore'),
  caFile: absolutePath().exactOptional(),
  verifyServers: flag().default(true),
});

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  if (prefix === undefined) return true;
  if (!/^\d{1,3}$/.test(prefix)) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
    return true;
  } catch {
    return false;
  }
}

const network = noted(z.string().refine(isNetwork, 'is no network'), {
  allowed: 'an IP address or a network such as 192.0.2.0/24',
});

/** Defaults are those of `sip-server/guard/guard-options.ts`; a test compares them. */
const countermeasure = ['answer', 'drop', 'forbid', 'ban'] as const;
const guard = z.strictObject({
  trusted: listOf(network, { min: 0, of: 'IP addresses and networks' }).default([
    '127.0.0.0/8',
    '::1',
  ]),
  unknownMethods: oneOf(countermeasure).default('answer'),
  scanners: oneOf(countermeasure).default('drop'),
  strangers: oneOf(countermeasure).default('answer'),
  scannerAgents: listOf(plainText(100), {
    min: 0,
    of: 'parts of User-Agent values',
  }).exactOptional(),
  requestsPerSecond: wholeNumber(1, 100_000).default(100),
  burst: wholeNumber(1, 1_000_000).default(500),
  excessBeforeBan: wholeNumber(1, 1_000_000).default(1_000),
  banSeconds: wholeNumber(1, 86_400).default(60),
  transactionsPerSource: wholeNumber(1, 50_000).default(5_000),
  unverifiedSuccessCopies: wholeNumber(1, 11).default(4),
});

/** Defaults are those of `sip-server/transport/connection-limits.ts`. */
const connections = z.strictObject({
  max: wholeNumber(1, 1_000_000).default(10_000),
  maxPerSource: wholeNumber(1, 1_000_000).default(500),
  firstMessageSeconds: wholeNumber(1, 600).default(15),
  halfMessageSeconds: wholeNumber(1, 600).default(10),
  idleSeconds: wholeNumber(10, 604_800).default(1_800),
  connectSeconds: wholeNumber(1, 60).default(5),
  pingSeconds: wholeNumber(0, 3_600).default(0),
});

/** Defaults are those of `sip-server/message/limits.ts`. */
const messages = z.strictObject({
  maxBytes: wholeNumber(2_000, 65_535).default(65_535),
  maxHeaders: wholeNumber(20, 1_000).default(256),
  maxHeaderLength: wholeNumber(256, 65_535).default(8_192),
});

const applications = z.strictObject({
  host: ipAddress().default('127.0.0.1'),
  port: listenPort().default(9022),
  secret: secret(1),
  tls: z.strictObject({ port: listenPort().default(9023), certificates }).exactOptional(),
});

const HANDLER_SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'tcp:', 'tls:']);

function isHandlerUrl(text: string): boolean {
  try {
    const url = new URL(text);
    if (!HANDLER_SCHEMES.has(url.protocol) || url.hostname === '') return false;
    return url.protocol.startsWith('http') || url.port !== '';
  } catch {
    return false;
  }
}

const requestHandler = z.strictObject({
  method: noted(z.string().regex(/^(?:[A-Z]{3,20}|\*)$/), {
    allowed: 'a SIP method in capitals, or * for those that have no handler of their own',
  }),
  url: noted(z.string().refine(isHandlerUrl, 'is no URL of a handler'), {
    allowed:
      'http://... or https://... to be asked, tcp://host:port or tls://host:port to be connected',
  }),
  httpMethod: oneOf(['GET', 'POST']).default('GET'),
  verifyPeer: flag().default(true),
});

const requestHandlers = noted(
  z
    .array(requestHandler)
    .refine(
      (list) => new Set(list.map(({ method }) => method)).size === list.length,
      'has two handlers for one method',
    ),
  { allowed: 'a list of handlers, each with method and url, one for a method' },
);

/** `sip.server.embedded`: the SIP server inside the gateway. */
export const embeddedSipSection = z.strictObject({
  udp: oneOrMore(z.strictObject(place)).prefault({}),
  tcp: oneOrMore(z.strictObject(place)).exactOptional(),
  tls: oneOrMore(tls).exactOptional(),
  guard: guard.prefault({}),
  connections: connections.prefault({}),
  messages: messages.prefault({}),
  sessionRefresher: oneOf(['caller', 'gateway', 'none']).default('caller'),
  applications: applications.exactOptional(),
  requestHandlers: requestHandlers.default([]),
});
