import type { OutgoingInviteRequest } from '../signaling/sip-endpoint.js';
import { escapeUser, quote } from '../signaling/sip-text.js';
import { fillTemplate } from './header-template.js';
import { calledNumber, formatNumber } from './number-format.js';
import type { IdentityHeader, Trunk, TrunkCaller } from './trunk.js';

type Addressing = Pick<
  OutgoingInviteRequest,
  'uri' | 'nextHop' | 'from' | 'headers' | 'credentials' | 'reliableProvisionals'
>;

const ANONYMOUS = { uri: 'sip:anonymous@anonymous.invalid', displayName: 'Anonymous' };

/** Everything of an INVITE to a trunk but its SDP. Pure. */
export function addressInvite(trunk: Trunk, number: string, caller: TrunkCaller): Addressing {
  const called = calledNumber(number, trunk);
  const { credentials, outboundProxy } = trunk;
  return {
    uri: `sip:${escapeUser(called)}@${hostPort(trunk)};transport=${trunk.transport}${phone(trunk, called)}`,
    from: fromOf(trunk, caller),
    headers: headersOf(trunk, called, caller),
    credentials,
    reliableProvisionals: trunk.reliableProvisionals,
    ...(outboundProxy === undefined ? {} : { nextHop: outboundProxy }),
  };
}

/** The request-URI of a trunk without a user, for OPTIONS and REGISTER. */
export function trunkUri(trunk: Trunk): string {
  return `sip:${hostPort(trunk)};transport=${trunk.transport}`;
}

/** `host` or `host:port`, IPv6 in brackets (RFC 3261 section 25.1). */
function hostPort({ host, port }: Trunk): string {
  return port === undefined ? bracketed(host) : `${bracketed(host)}:${port}`;
}

export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** RFC 3261 section 19.1.1: `user=phone` says that the user part is a telephone number. */
function phone({ userPhone }: Trunk, user: string): string {
  return userPhone && /^\+?\d+$/.test(user) ? ';user=phone' : '';
}

function domainOf(trunk: Trunk): string {
  return bracketed(trunk.from.domain ?? trunk.host);
}

function fromOf(trunk: Trunk, caller: TrunkCaller): Addressing['from'] {
  // RFC 3323 section 4.1.1.3.
  if (caller.anonymous === true && trunk.identity.anonymous === 'from') return ANONYMOUS;
  const user = fromUser(trunk, caller);
  const shown = trunk.from.sendDisplayName && caller.anonymous !== true;
  return {
    uri: `sip:${escapeUser(user)}@${domainOf(trunk)}${phone(trunk, user)}`,
    displayName: shown ? caller.displayName : undefined,
  };
}

function fromUser(trunk: Trunk, caller: TrunkCaller): string {
  const { user } = trunk.from;
  if (user === 'account') return trunk.credentials?.username ?? caller.user;
  if (user !== 'caller') return user.fixed;
  return callerNumber(trunk, caller) ?? caller.user;
}

/** The caller's number as this trunk is shown it. */
function callerNumber(trunk: Trunk, { callerId }: TrunkCaller): string | undefined {
  if (callerId === undefined) return undefined;
  const numberFormat = trunk.from.numberFormat ?? trunk.numberFormat;
  return formatNumber(callerId, { numberFormat, country: trunk.country });
}

function headersOf(trunk: Trunk, called: string, caller: TrunkCaller): Record<string, string> {
  const number = callerNumber(trunk, caller);
  const facts = {
    'caller.user': caller.user,
    'caller.number': number ?? '',
    'called.number': called,
    trunk: trunk.name,
  };
  const own = Object.entries(trunk.headers).map(
    ([name, value]) => [name, fillTemplate(value, facts)] as const,
  );
  return {
    ...Object.fromEntries(own),
    ...identityHeaders(trunk, caller, number),
    ...diversion(trunk, caller),
    // RFC 3323 section 4.2, RFC 3325 section 9.3.
    ...(caller.anonymous === true ? { Privacy: 'id' } : {}),
  };
}

const IDENTITY_NAMES: Readonly<Record<IdentityHeader, string>> = {
  pai: 'P-Asserted-Identity',
  ppi: 'P-Preferred-Identity',
  rpid: 'Remote-Party-ID',
};

function identityHeaders(
  trunk: Trunk,
  caller: TrunkCaller,
  number: string | undefined,
): Record<string, string> {
  if (number === undefined) return {};
  const name = caller.displayName;
  const shown = name !== undefined && trunk.from.sendDisplayName ? `${quote(name)} ` : '';
  const address = `${shown}<sip:${escapeUser(number)}@${domainOf(trunk)}${phone(trunk, number)}>`;
  const privacy = caller.anonymous === true ? 'full' : 'off';
  return Object.fromEntries(
    trunk.identity.headers.map((header) => [
      IDENTITY_NAMES[header],
      header === 'rpid' ? `${address};party=calling;screen=yes;privacy=${privacy}` : address,
    ]),
  );
}

/** RFC 5806: who the call was for before it was forwarded to us. */
function diversion(trunk: Trunk, { divertedBy }: TrunkCaller): Record<string, string> {
  if (divertedBy === undefined || !trunk.identity.diversion) return {};
  const numberFormat = trunk.from.numberFormat ?? trunk.numberFormat;
  const number = formatNumber(divertedBy.number, { numberFormat, country: trunk.country });
  const address = `<sip:${escapeUser(number)}@${domainOf(trunk)}${phone(trunk, number)}>`;
  return { Diversion: `${address};reason=${divertedBy.reason};counter=1` };
}
