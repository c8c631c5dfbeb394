import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { unbracketHost } from './message/host-port.js';
import { parseSipUri, uriParam } from './message/uri.js';
import { defaultPort } from './next-hop/transport-names.js';
import type { SipListenerOptions } from './server-options.js';
import type { TlsSettings } from './transport/tls-keys.js';
import type { NetworkAddress, TransportProtocol } from './transport/transport.js';

export const USAGE = `npm run sip-server -- --contact URI [--contact URI ...] --secret TEXT

  --contact URI       a SIP port, as sip:ADDRESS:PORT;transport=LIST where LIST is one or more of
                      udp,tcp,tls,ws,wss (udp when absent; tls for sips:). Without a port: 5060, or 5061 for tls.
  --advertised HOST   what Via and Contact say instead of the address (host or host:port); for the --contact before it
  --port PORT         for applications (drachtio-srf); default 9022, 0 for any free one
  --host ADDRESS      for applications; default 127.0.0.1
  --secret TEXT       what applications must know
  --secret-file FILE  the same, from a file
  --tls-cert FILE     certificate (PEM) of tls and wss; several, each with its key, are chosen by the name asked for
  --tls-key FILE      its key
  --tls-ca FILE       authorities that peers are checked against
  --tls-clients MODE  ignore (default), request or require a certificate of clients
  --log-level LEVEL   error, warn, info (default), debug

SIGHUP reads the certificates again. SIGTERM and SIGINT end it.
`;

/** A command line that is not understood; the message is for the user. */
export class StandaloneUsageError extends Error {}

export interface StandaloneOptions {
  listeners: SipListenerOptions[];
  application: NetworkAddress;
  secret: { text: string } | { file: string };
  logLevel: LogLevel;
}

const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

const PROTOCOLS = new Set<string>(['udp', 'tcp', 'tls', 'ws', 'wss']);
const OPTIONS = {
  contact: { type: 'string', multiple: true },
  advertised: { type: 'string', multiple: true },
  port: { type: 'string', default: '9022' },
  host: { type: 'string', default: '127.0.0.1' },
  secret: { type: 'string' },
  'secret-file': { type: 'string' },
  'tls-cert': { type: 'string', multiple: true },
  'tls-key': { type: 'string', multiple: true },
  'tls-ca': { type: 'string' },
  'tls-clients': { type: 'string', default: 'ignore' },
  'log-level': { type: 'string', default: 'info' },
} as const;

type Values = ReturnType<typeof parse>['values'];

/** @throws StandaloneUsageError */
export function readStandaloneOptions(args: string[]): StandaloneOptions {
  const { values, tokens } = parse(args);
  const tls = tlsSettings(values);
  const contacts = contactsOf(tokens);
  if (contacts.length === 0) throw new StandaloneUsageError('There is no --contact.');
  return {
    listeners: contacts.flatMap((contact) => listenersOf(contact, tls)),
    application: { host: values.host, port: portOf(values.port) },
    secret: secretOf(values),
    logLevel: logLevelOf(values['log-level']),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, tokens: true });
  } catch (error) {
    throw new StandaloneUsageError(error instanceof Error ? error.message : String(error));
  }
}

interface Contact {
  uri: string;
  advertised: string | undefined;
}

function contactsOf(tokens: ReturnType<typeof parse>['tokens']): Contact[] {
  const contacts: Contact[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (token.name === 'contact') contacts.push({ uri: token.value, advertised: undefined });
    if (token.name !== 'advertised') continue;
    const last = contacts.at(-1);
    if (last === undefined) throw new StandaloneUsageError('--advertised comes before --contact.');
    last.advertised = token.value;
  }
  return contacts;
}

function listenersOf(contact: Contact, tls: TlsSettings | undefined): SipListenerOptions[] {
  const anyPort = /:0(?=;|$)/;
  const uri = parseSipUri(contact.uri.replace(anyPort, ''));
  const host = uri === undefined ? '' : unbracketHost(uri.host);
  if (uri === undefined || isIP(host) === 0)
    throw new StandaloneUsageError(`${contact.uri} is no contact: sip:IP-ADDRESS:PORT is needed.`);
  const given =
    uriParam(uri, 'transport')?.toLowerCase() ?? (uri.scheme === 'sips' ? 'tls' : 'udp');
  return given.split(',').map((name) => {
    if (!PROTOCOLS.has(name)) throw new StandaloneUsageError(`There is no transport ${name}.`);
    const protocol = name as TransportProtocol;
    const place = {
      host,
      port: anyPort.test(contact.uri) ? 0 : (uri.port ?? defaultPort(protocol)),
      ...(contact.advertised === undefined ? {} : { advertised: contact.advertised }),
    };
    if (protocol !== 'tls' && protocol !== 'wss') return { ...place, protocol };
    if (tls === undefined)
      throw new StandaloneUsageError(`The transport ${name} needs --tls-cert and --tls-key.`);
    return { ...place, protocol, tls };
  });
}

function tlsSettings(values: Values): TlsSettings | undefined {
  const certs = values['tls-cert'] ?? [];
  const keys = values['tls-key'] ?? [];
  if (certs.length !== keys.length)
    throw new StandaloneUsageError('Each --tls-cert needs its --tls-key, and the other way round.');
  const [first, ...rest] = certs.map((certFile, index) => ({
    certFile,
    keyFile: keys[index] ?? '',
  }));
  if (first === undefined) return undefined;
  const clientCertificates = values['tls-clients'];
  if (
    clientCertificates !== 'ignore' &&
    clientCertificates !== 'request' &&
    clientCertificates !== 'require'
  )
    throw new StandaloneUsageError('--tls-clients is ignore, request or require.');
  const caFile = values['tls-ca'];
  return {
    certificates: [first, ...rest],
    clientCertificates,
    ...(caFile === undefined ? {} : { caFile }),
  };
}

function secretOf(values: Values): StandaloneOptions['secret'] {
  const { secret, 'secret-file': file } = values;
  if ((secret === undefined) === (file === undefined))
    throw new StandaloneUsageError('Either --secret or --secret-file is needed.');
  if (secret === '') throw new StandaloneUsageError('The secret is empty.');
  return file === undefined ? { text: secret ?? '' } : { file };
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Infinity;
  if (port > 65_535) throw new StandaloneUsageError(`--port ${text} is no port.`);
  return port;
}

function logLevelOf(text: string): LogLevel {
  const level = LOG_LEVELS.find((one) => one === text);
  if (level === undefined)
    throw new StandaloneUsageError(`--log-level is ${LOG_LEVELS.join(', ')}.`);
  return level;
}
