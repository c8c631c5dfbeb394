import type { Path } from './config-error.js';
import type { CopperlineConfig } from './schema.js';

export type EmbeddedSip = Extract<CopperlineConfig['sip']['server'], { kind: 'embedded' }>;
type SipTransport = 'udp' | 'tcp' | 'tls';

/** A SIP port of the embedded server, and where the settings name it. */
export interface ListenPlace {
  transport: SipTransport;
  host: string;
  port: number;
  advertised?: string;
  path: Path;
}

/** The ports of these transports, in the order of the settings. */
export function listenPlaces(
  server: CopperlineConfig['sip']['server'],
  transports: readonly SipTransport[] = ['udp', 'tcp', 'tls'],
): ListenPlace[] {
  if (server.kind === 'drachtio') return [];
  return transports.flatMap((transport) => {
    const path = ['sip', 'server', 'embedded', transport];
    const given = server[transport];
    return listed<{ host: string; port: number; advertised?: string }>(given).map(
      ({ host, port, advertised }, index) => ({
        ...{ transport, host, port },
        ...(advertised === undefined ? {} : { advertised }),
        path: Array.isArray(given) ? [...path, index] : path,
      }),
    );
  });
}

/** One entry, a list of them, or none, as a list. */
export function listed<Entry extends object>(
  given: Entry | readonly Entry[] | undefined,
): readonly Entry[] {
  if (given === undefined) return [];
  return isList(given) ? given : [given];
}

function isList<Entry extends object>(given: Entry | readonly Entry[]): given is readonly Entry[] {
  return Array.isArray(given);
}
