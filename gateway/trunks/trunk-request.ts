import type { OutgoingInviteRequest } from '../signaling/sip-endpoint.js';
import { escapeUser } from '../signaling/sip-text.js';
import type { NumberFormat, Trunk, TrunkCaller } from './trunk.js';

/** Writes a number as the trunk wants it; only E.164 numbers change. */
export function formatNumber(number: string, format: NumberFormat): string {
  return format === 'e164-without-plus' && /^\+\d+$/.test(number) ? number.slice(1) : number;
}

type Addressing = Pick<
  OutgoingInviteRequest,
  'uri' | 'nextHop' | 'from' | 'headers' | 'credentials' | 'reliableProvisionals'
>;

/** Everything of an INVITE to a trunk but its SDP. Pure. */
export function addressInvite(trunk: Trunk, number: string, caller: TrunkCaller): Addressing {
  const user = escapeUser(formatNumber(number, trunk.numberFormat));
  const { outboundProxy, credentials } = trunk;
  return {
    uri: `sip:${user}@${hostPort(trunk)};transport=${trunk.transport}`,
    from: {
      uri: `sip:${escapeUser(fromUser(trunk, caller))}@${bracketed(trunk.from.domain ?? trunk.host)}`,
      displayName: trunk.from.sendDisplayName ? caller.displayName : undefined,
    },
    headers: trunk.headers,
    credentials,
    reliableProvisionals: trunk.reliableProvisionals,
    ...(outboundProxy === undefined ? {} : { nextHop: outboundProxy }),
  };
}

function hostPort({ host, port }: Trunk): string {
  return port === undefined ? bracketed(host) : `${bracketed(host)}:${port}`;
}

/** RFC 3261 section 25.1: an IPv6 address in a URI stands in brackets, in From as well. */
function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

function fromUser(trunk: Trunk, caller: TrunkCaller): string {
  if (trunk.from.user !== 'caller') return trunk.from.user.fixed;
  return caller.callerId === undefined
    ? caller.user
    : formatNumber(caller.callerId, trunk.numberFormat);
}
