import { BlockList, isIP } from 'node:net';
import { printPath } from '../config/config-error.js';
import { listenPlaces } from '../config/listen-places.js';
import type { CopperlineConfig, TrunkConfig } from '../config/schema.js';
import { TRUNK_PROFILES, type ProfileName } from '../config/trunk-profiles/trunk-profiles.js';
import { addressInvite } from '../trunks/trunk-request.js';
import type { Trunk, TrunkCaller } from '../trunks/trunk.js';
import type { Finding } from './doctor-report.js';

/** The headers that name the caller; others of the trunk may hold secrets. */
const SHOWN = ['P-Asserted-Identity', 'P-Preferred-Identity', 'Remote-Party-ID'];

/** What a call to `number` would look like to the carrier. */
export function examineNumbers(trunk: Trunk, number: string, caller: TrunkCaller): Finding[] {
  const { uri, from, headers } = addressInvite(trunk, number, caller);
  const info = (what: string, fact: string): Finding => ({ verdict: 'info', what, fact });
  const findings = [
    info('number', `${number} is asked for as ${uri}`),
    info(
      'From',
      from.displayName === undefined ? `<${from.uri}>` : `"${from.displayName}" <${from.uri}>`,
    ),
    ...SHOWN.flatMap((name) => (headers[name] === undefined ? [] : [info(name, headers[name])])),
  ];
  if (trunk.from.user === 'caller' && caller.callerId === undefined)
    findings.push({
      verdict: 'warn',
      what: 'From',
      fact: `${caller.user} has no callerId, so From holds the user name; most carriers refuse that with 403.`,
    });
  return findings;
}

export function examineProfile(profile: ProfileName | undefined): Finding[] {
  if (profile === undefined) return [];
  return TRUNK_PROFILES[profile].needs.map((fact) => ({ verdict: 'info', what: profile, fact }));
}

/** RFC 1918, RFC 6598, RFC 4193 and the link-local networks. */
const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
] as const)
  PRIVATE.addSubnet(network, bits, 'ipv4');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

const isIn = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Addresses that the carrier is told and cannot reach: the commonest reason for silence in one direction. */
export function examineAddresses(
  { media, sip }: CopperlineConfig,
  transport: TrunkConfig['transport'],
  places: readonly { address: string }[],
): Finding[] {
  const told: { what: string; setting: string; host: string; advertised?: string | undefined }[] = [
    { what: 'media', setting: 'media.relay.carrier', ...media.relay.carrier },
  ];
  const ports = listenPlaces(sip.server, [transport]);
  // Of several, the carrier is told the one of its own family.
  const met = ports.filter(({ host }) =>
    places.some(({ address }) => isIP(address) === isIP(host)),
  );
  for (const { path, host, advertised } of met.length > 0 ? met : ports.slice(0, 1))
    told.push({ what: 'SIP', setting: printPath(path), host, advertised });
  return told.map(({ what, setting, host, advertised }): Finding => {
    const address = advertised ?? host;
    const far = places.find((place) => !isIn(LOOPBACK, place.address));
    const outside = places.find(
      (place) => !isIn(LOOPBACK, place.address) && !isIn(PRIVATE, place.address),
    );
    const bad = (isIn(LOOPBACK, address) && far) || (isIn(PRIVATE, address) && outside);
    if (bad === undefined || bad === false)
      return { verdict: 'ok', what, fact: `The carrier is told ${address} (${setting}).` };
    const fact = `The carrier at ${bad.address} is told ${address}, which it cannot reach; set ${setting}.advertised.`;
    return { verdict: 'fail', what, fact };
  });
}
