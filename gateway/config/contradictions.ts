import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import type { Path } from './config-error.js';
import type { Contradiction } from './contradiction.js';
import { dialplanContradictions } from './dialplan-contradictions.js';
import { inboundContradictions } from './inbound-contradictions.js';
import { listenPlaces } from './listen-places.js';
import { rtpengineContradictions, wrtcContradictions } from './media-contradictions.js';
import type { CopperlineConfig } from './schema.js';
import { siteContradictions } from './site-contradictions.js';
import { trunkContradictions } from './trunk-contradictions.js';

/** Everything that the schema cannot see because it looks at one setting at a time. */
export function findContradictions(config: CopperlineConfig): Contradiction[] {
  return [
    ...nameTwice(config.users, 'users'),
    ...nameTwice(config.trunks, 'trunks'),
    ...tonesNeedG711(config),
    ...noiseNeedsG711(config),
    ...trunkContradictions(config),
    ...dialplanContradictions(config),
    ...inboundContradictions(config),
    ...rtpengineContradictions(config),
    ...wrtcContradictions(config),
    ...siteContradictions(config),
    ...mediaPorts(config),
    ...wildcardWithoutAddress(config),
    ...loopbackTowardsOthers(config),
    ...transportWithoutPort(config),
    ...turnWithoutCredentials(config),
    ...ranges(config),
  ];
}

/** Users are matched as written, but two that differ only in case would be mixed up by people. */
function nameTwice(list: readonly { name: string }[], section: string): Contradiction[] {
  const seen = new Map<string, number>();
  return list.flatMap((entry, index): Contradiction[] => {
    const key = entry.name.toLowerCase();
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, index);
      return [];
    }
    const what = `is the same name as ${section}[${first}]`;
    return [{ path: [section, index, 'name'], what, allowed: 'each name once, in any case' }];
  });
}

/** Other codecs bend tones until they are none. */
function tonesNeedG711({ trunks }: CopperlineConfig): Contradiction[] {
  return trunks.flatMap(({ dtmf, codecs }, index): Contradiction[] => {
    const other = codecs.find((codec) => codec !== 'pcmu' && codec !== 'pcma');
    if (dtmf !== 'inband' || other === undefined) return [];
    const what = `is inband, but ${other} is one of trunks[${index}].codecs`;
    return [{ path: ['trunks', index, 'dtmf'], what, allowed: 'inband with pcmu and pcma only' }];
  });
}

function noiseNeedsG711({ trunks }: CopperlineConfig): Contradiction[] {
  return trunks.flatMap(({ comfortNoise, codecs }, index): Contradiction[] => {
    if (!comfortNoise || codecs.some((codec) => codec === 'pcmu' || codec === 'pcma')) return [];
    const what = `is true, but trunks[${index}].codecs has no G.711 that it could stand beside`;
    return [{ path: ['trunks', index, 'comfortNoise'], what, allowed: 'false, or pcma or pcmu' }];
  });
}

const PORTS_PER_CALL = 2;

function mediaPorts(config: CopperlineConfig): Contradiction[] {
  const { carrier } = config.media.relay;
  if (carrier.ports === undefined || config.media.engine === 'rtpengine') return [];
  const { min, max } = carrier.ports;
  const ports = ['media', 'relay', 'carrier', 'ports'];
  if (min > max) return [above({ path: [...ports, 'min'], limit: 'max', value: max })];
  const { maxCalls } = config.limits;
  const calls = Math.floor((max - min + 1) / PORTS_PER_CALL);
  const found = otherPorts(config)
    .filter(({ first, last }) => first <= max && last >= min)
    .map(({ path, first, last }) => ({
      path,
      what: `${first === last ? 'lies' : `with one port per worker (up to ${last}) lies`} within media.relay.carrier.ports (${min} to ${max})`,
      allowed: 'a port outside of that range',
    }));
  if (calls >= maxCalls) return found;
  const tooFew: Contradiction = {
    path: [...ports, 'max'],
    what: `leaves ports for ${calls} calls (two each), but limits.maxCalls is ${maxCalls}`,
    allowed: `min plus ${maxCalls * PORTS_PER_CALL - 1} or more, or a lower limits.maxCalls`,
  };
  return [tooFew, ...found];
}

/** The UDP ports beside those of the carriers' RTP. */
function otherPorts(config: CopperlineConfig): { path: Path; first: number; last: number }[] {
  const { browser, workers } = config.media.relay;
  const count = workers === 'auto' ? availableParallelism() : workers;
  const browsers = { path: ['media', 'relay', 'browser', 'port'], first: browser.port };
  const ofRelay = [{ ...browsers, last: browser.port === 0 ? 0 : browser.port + count - 1 }];
  const list = config.media.engine === 'relay' ? ofRelay : [];
  const sip = listenPlaces(config.sip.server, ['udp']);
  return [
    ...list,
    ...sip.map(({ path, port }) => ({ path: [...path, 'port'], first: port, last: port })),
  ];
}

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** Carriers must be told one address to answer to; "every address" is none. */
function wildcardWithoutAddress(config: CopperlineConfig): Contradiction[] {
  const places: { host: string; advertised?: string; path: Path }[] = listenPlaces(
    config.sip.server,
  );
  if (config.media.engine !== 'rtpengine')
    places.push({ ...config.media.relay.carrier, path: ['media', 'relay', 'carrier'] });
  return places
    .filter((place) => isWildcard(place.host) && place.advertised === undefined)
    .map((place) => ({
      path: [...place.path, 'advertised'],
      what: `is missing, but host is ${place.host} and carriers need one address to send to`,
      allowed: 'the address under which carriers reach this machine',
    }));
}

const isLoopback = (host: string): boolean => host.startsWith('127.') || host === '::1';

/** A name is that of another machine, but for localhost (RFC 6761 section 6.3). */
const isElsewhere = (host: string): boolean =>
  isIP(host) === 0 ? !/(^|\.)localhost\.?$/i.test(host) : !isLoopback(host);

/** From a loopback address nothing leaves this machine: every call would fail with "cannot be reached". */
function loopbackTowardsOthers({ sip, media, trunks }: CopperlineConfig): Contradiction[] {
  const far = trunks.find(({ host }) => isElsewhere(host));
  if (far === undefined) return [];
  const ownRtp = { host: media.relay.carrier.host, path: ['media', 'relay', 'carrier'] };
  const places: { host: string; path: Path }[] = media.engine === 'rtpengine' ? [] : [ownRtp];
  const own = listenPlaces(sip.server, ['udp']);
  // One port that leads out is enough.
  if (own.every(({ host }) => isLoopback(host))) places.push(...own);
  return places
    .filter(({ host }) => isLoopback(host))
    .map(({ host, path }) => ({
      path: [...path, 'host'],
      what: `is ${host}, from where the trunk "${far.name}" at ${far.host} cannot be reached`,
      allowed: 'an address of this machine that carriers reach, or 0.0.0.0 with advertised',
    }));
}

/** The embedded SIP server sends by the transports that it listens on. */
function transportWithoutPort({ sip, trunks }: CopperlineConfig): Contradiction[] {
  const { server } = sip;
  if (server.kind === 'drachtio') return [];
  return trunks.flatMap(({ transport, outboundProxy }, index): Contradiction[] => {
    const proxied = /;transport=(tcp|tls)(?:;|$)/i.exec(outboundProxy ?? '')?.[1]?.toLowerCase();
    const places = [{ key: 'transport', needed: transport as string }];
    if (proxied !== undefined) places.push({ key: 'outboundProxy', needed: proxied });
    return places.flatMap(({ key, needed }): Contradiction[] =>
      (needed !== 'tcp' && needed !== 'tls') || server[needed] !== undefined
        ? []
        : [
            {
              path: ['trunks', index, key],
              what: `needs sip.server.embedded.${needed}, which is not set`,
              allowed: `udp, or a mapping at sip.server.embedded.${needed}`,
            },
          ],
    );
  });
}

/** A browser refuses every call then: RTCPeerConnection throws InvalidAccessError (W3C WebRTC section 4.4.1.3). */
function turnWithoutCredentials({ web }: CopperlineConfig): Contradiction[] {
  return web.iceServers.flatMap((server, index) =>
    (['username', 'credential'] as const)
      .filter((key) => server[key] === undefined && server.urls.some((url) => /^turns?:/.test(url)))
      .map((key) => ({
        path: ['web', 'iceServers', index, key],
        what: 'is missing, but a TURN server needs username and credential',
        allowed: 'both, or only stun: URLs',
      })),
  );
}

/** Pairs of which the first must not be above the second. */
function ranges(config: CopperlineConfig): Contradiction[] {
  const { registration, limits, web } = config;
  const pairs = [
    {
      path: ['registration', 'minExpiresSeconds'],
      given: registration.minExpiresSeconds,
      limit: 'defaultExpiresSeconds',
      value: registration.defaultExpiresSeconds,
    },
    {
      path: ['registration', 'defaultExpiresSeconds'],
      given: registration.defaultExpiresSeconds,
      limit: 'maxExpiresSeconds',
      value: registration.maxExpiresSeconds,
    },
    {
      path: ['limits', 'maxCallsPerUser'],
      given: limits.maxCallsPerUser,
      limit: 'maxCalls',
      value: limits.maxCalls,
    },
    {
      path: ['web', 'maxConnectionsPerAddress'],
      given: web.maxConnectionsPerAddress,
      limit: 'maxConnections',
      value: web.maxConnections,
    },
    ...config.trunks.map((trunk, index) => ({
      path: ['trunks', index, 'noResponseTimeoutSeconds'],
      given: trunk.noResponseTimeoutSeconds,
      limit: 'noAnswerTimeoutSeconds',
      value: trunk.noAnswerTimeoutSeconds,
    })),
  ];
  return pairs.filter((pair) => pair.given > pair.value).map(above);
}

function above(pair: { path: Path; limit: string; value: number }): Contradiction {
  const { path, limit, value } = pair;
  return { path, what: `is above ${limit}, which is ${value}`, allowed: `at most ${value}` };
}
