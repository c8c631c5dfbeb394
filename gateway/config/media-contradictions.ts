import type { Contradiction } from './contradiction.js';
import type { CopperlineConfig } from './schema.js';

/** What `media.rtpengine` needs, and what rtpengine cannot do for a trunk. */
export function rtpengineContradictions(config: CopperlineConfig): Contradiction[] {
  const { engine, rtpengine } = config.media;
  if (engine !== 'rtpengine') return [];
  return [
    ...withoutDaemons(rtpengine.daemons.length),
    ...daemonTwice(rtpengine.daemons),
    ...onePortForTwo(rtpengine),
    ...config.trunks.flatMap((trunk, index) => trunkContradictions(trunk, index, rtpengine)),
  ];
}

function withoutDaemons(count: number): Contradiction[] {
  if (count > 0) return [];
  const what = 'is empty, but media.engine is rtpengine';
  return [{ path: ['media', 'rtpengine', 'daemons'], what, allowed: 'one daemon or more' }];
}

function daemonTwice(daemons: readonly { host: string; port: number }[]): Contradiction[] {
  const names = daemons.map(({ host, port }) => `${host.toLowerCase()}:${port}`);
  return names.flatMap((name, index): Contradiction[] => {
    const first = names.indexOf(name);
    if (first === index) return [];
    const what = `is the same daemon as media.rtpengine.daemons[${first}]`;
    return [{ path: ['media', 'rtpengine', 'daemons', index], what, allowed: 'each daemon once' }];
  });
}

const WILDCARDS = ['0.0.0.0', '::'];

/** A daemon's digits and its reports are told by their ports. */
function onePortForTwo({
  digits,
  reports,
}: Pick<CopperlineConfig['media']['rtpengine'], 'digits' | 'reports'>): Contradiction[] {
  const hosts = [digits.host, reports.host];
  const isOne = digits.host === reports.host || hosts.some((host) => WILDCARDS.includes(host));
  if (digits.port !== reports.port || digits.port === 0 || !isOne) return [];
  const what = `is ${reports.port}, which is media.rtpengine.digits.port as well`;
  const path = ['media', 'rtpengine', 'reports', 'port'];
  return [{ path, what, allowed: 'a port of its own' }];
}

type Trunk = CopperlineConfig['trunks'][number];

/** Telephone-events go through rtpengine as they come: nothing can make them longer or move them apart. */
const LONGEST_ASSURED_MS = 100;

function trunkContradictions(
  trunk: Trunk,
  index: number,
  { injectDigits }: CopperlineConfig['media']['rtpengine'],
): Contradiction[] {
  const found: Contradiction[] = (['minToneMs', 'minGapMs'] as const)
    .filter((key) => trunk[key] > LONGEST_ASSURED_MS)
    .map((key) => ({
      path: ['trunks', index, key],
      what: `is above ${LONGEST_ASSURED_MS}, but rtpengine (media.engine) passes key tones on as they come`,
      allowed: `at most ${LONGEST_ASSURED_MS}, or media.engine: relay`,
    }));
  const linear = trunk.codecs.findIndex((codec) => codec.startsWith('l16'));
  if (linear >= 0) {
    const what = 'is L16 of a rate that rtpengine (media.engine) does not know';
    const allowed = 'opus, g722, pcmu, pcma, or media.engine: relay';
    found.push({ path: ['trunks', index, 'codecs', linear], what, allowed });
  }
  if (trunk.comfortNoise) {
    const what = 'is true, but rtpengine (media.engine) gets the time of comfort noise wrong';
    const path = ['trunks', index, 'comfortNoise'];
    found.push({ path, what, allowed: 'false, or media.engine: relay' });
  }
  if (trunk.dtmf !== 'inband' || injectDigits) return found;
  const tones: Contradiction = {
    path: ['trunks', index, 'dtmf'],
    what: 'is inband, but media.rtpengine.injectDigits is false, without which rtpengine makes no tones',
    allowed: 'inband with media.rtpengine.injectDigits: true',
  };
  return [...found, tones];
}

/** What `media.wrtc` needs. */
export function wrtcContradictions(config: CopperlineConfig): Contradiction[] {
  const { engine, wrtc, relay } = config.media;
  if (engine !== 'wrtc') return [];
  const { ports } = wrtc.browser;
  const path = ['media', 'wrtc', 'browser', 'ports'];
  if (ports === undefined) return [];
  const { min, max } = ports;
  const others = relay.carrier.ports;
  const found: Contradiction[] = [];
  if (min > max)
    found.push({
      path: [...path, 'min'],
      what: `is above max, which is ${max}`,
      allowed: `at most ${max}`,
    });
  else if (others !== undefined && min <= others.max && max >= others.min) {
    const what = `overlaps media.relay.carrier.ports (${others.min} to ${others.max})`;
    found.push({ path, what, allowed: 'ports outside of that range' });
  } else if (max - min + 1 < config.limits.maxCalls) {
    const what = `leaves ports for ${max - min + 1} calls, but limits.maxCalls is ${config.limits.maxCalls}`;
    found.push({
      path: [...path, 'max'],
      what,
      allowed: 'one port for each call, or a lower limits.maxCalls',
    });
  }
  return found;
}
