import { newToken } from '../kernel/ids.js';
import type { ClientResponse, SipClient } from '../signaling/sip-client.js';
import {
  escapeUser,
  parseNameAddress,
  printable,
  splitOutsideQuotes,
} from '../signaling/sip-text.js';
import type { RegistrationPolicy, Trunk } from './trunk.js';
import { bracketed } from './trunk-request.js';

export interface RegistrarRequest {
  trunk: Trunk & { registration: RegistrationPolicy };
  /** Of our contact: its user part and its parameters. Undefined: asks for nothing but the bindings (RFC 3261 section 10.2.3). */
  line: { user: string; params: string } | undefined;
  /** SIP URI. */
  registrar: string;
  /** 0 takes the contact away. */
  expiresS: number;
  callId: string;
  sequence: number;
  signal: AbortSignal;
}

export type RegistrarAnswer =
  | { kind: 'registered'; expiresS: number; serviceRoute: string | undefined }
  /** 423 (RFC 3261 section 10.2.8). */
  | { kind: 'too-brief'; minExpiresS: number }
  | {
      kind: 'refused';
      sentence: string;
      /** It is the credentials that are wrong: trying again soon is of no use. */
      credentials: boolean;
      retryAfterS?: number | undefined;
    };

/** A registrar that wants more than a day means something else. */
const LONGEST_EXPIRES_S = 86_400;

/**
 * One REGISTER, with its challenges answered.
 * @throws CopperlineError as SipClient.send()
 */
export async function askRegistrar(
  client: SipClient,
  request: RegistrarRequest,
): Promise<{ answer: RegistrarAnswer; sequence: number }> {
  const { trunk, registrar, expiresS, signal, line } = request;
  const response = await client.send({
    method: 'REGISTER',
    uri: registrar,
    nextHop: trunk.outboundProxy,
    headers: headersOf(request),
    credentials: trunk.credentials,
    signal,
  });
  const answer = read(response, { registrar, expiresS, user: line?.user ?? '' });
  return { answer, sequence: response.sequence };
}

function headersOf({
  trunk,
  line,
  expiresS,
  callId,
  sequence,
}: RegistrarRequest): Record<string, string> {
  const { registration, credentials, transport } = trunk;
  const user = registration.user ?? credentials?.username ?? '';
  const aor = `<sip:${escapeUser(user)}@${bracketed(trunk.from.domain ?? trunk.host)}>`;
  const transportParam = transport === 'udp' ? '' : `;transport=${transport}`;
  const contact = line && `<sip:${escapeUser(line.user)}@localhost${transportParam}${line.params}>`;
  return {
    From: `${aor};tag=${newToken()}`,
    To: aor,
    'Call-ID': callId,
    CSeq: `${sequence} REGISTER`,
    'User-Agent': 'Copperline',
    ...(contact === undefined ? {} : { Contact: contact, Expires: String(expiresS) }),
  };
}

function read(
  response: ClientResponse,
  asked: { registrar: string; expiresS: number; user: string },
): RegistrarAnswer {
  const { status } = response;
  if (status >= 200 && status < 300) return granted(response, asked);
  const minExpiresS = Number(/^\s*(\d{1,9})/.exec(response.header('Min-Expires') ?? '')?.[1]);
  if (status === 423 && minExpiresS > asked.expiresS && minExpiresS <= LONGEST_EXPIRES_S)
    return { kind: 'too-brief', minExpiresS };
  const retryAfter = /^\s*(\d{1,6})/.exec(response.header('Retry-After') ?? '')?.[1];
  return {
    kind: 'refused',
    sentence: refusalSentence(response, asked.registrar),
    credentials: [401, 403, 407].includes(status),
    retryAfterS: retryAfter === undefined ? undefined : Number(retryAfter),
  };
}

/** RFC 3261 section 10.2.4: what counts is the expiry of our contact, then the Expires header. */
function granted(
  response: ClientResponse,
  asked: { registrar: string; expiresS: number; user: string },
): RegistrarAnswer {
  const contacts = splitOutsideQuotes(response.header('Contact') ?? '', ',');
  const own = contacts
    .map((text) => parseNameAddress(text))
    .find((address) => address?.uri.includes(`:${escapeUser(asked.user)}@`));
  const written = own?.params.get('expires') ?? response.header('Expires') ?? '';
  const seconds = /^\s*(\d{1,9})/.exec(written)?.[1];
  const expiresS = seconds === undefined ? asked.expiresS : Number(seconds);
  if (expiresS === 0 && asked.expiresS > 0) {
    const sentence = `The registrar ${asked.registrar} answered 200, but with an expiry of 0 s: it did not keep the contact.`;
    return { kind: 'refused', sentence, credentials: false };
  }
  const [route = ''] = splitOutsideQuotes(response.header('Service-Route') ?? '', ',');
  return { kind: 'registered', expiresS, serviceRoute: parseNameAddress(route)?.uri };
}

const CHALLENGES = {
  'no-credentials': 'asks for credentials, and the trunk has none',
  'not-understood': 'asks for a sign-in that is no digest of MD5 or SHA-256 with qop=auth',
  wrong: 'did not accept the credentials',
} as const;

function refusalSentence(response: ClientResponse, registrar: string): string {
  const { status, reason, local, challenge } = response;
  const said = `${status} ${printable(reason).slice(0, 200)}`;
  if (challenge !== undefined)
    return `The registrar ${registrar} ${CHALLENGES[challenge]} (${said}).`;
  if (!local) return `The registrar ${registrar} refused (${said}).`;
  const fact = /text="([^"]*)"/.exec(response.header('Reason') ?? '')?.[1];
  const why = status === 408 ? 'no response in time' : (fact ?? said);
  return `The registrar ${registrar} cannot be reached (${why.replace(/\.$/, '')}).`;
}
