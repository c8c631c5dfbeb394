import type { CallContext } from './calls/call-context.js';
import { InboundNumbers, type InboundRule, type InboundTarget } from './calls/inbound-numbers.js';
import type { CopperlineConfig, TrunkConfig } from './config/schema.js';
import type { LegPolicy } from './media/media-engine.js';
import type { RegistrarLimits } from './signaling/registrar.js';
import type { FindUser } from './signaling/users.js';
import type { RegistrationPolicy, Trunk } from './trunks/trunk.js';

/** How the settings read by config/ become those of the parts. Pure. */

const DAY_MS = 86_400_000;

/** What browsers are offered and take; the trunk's list narrows it for each call. */
const BROWSER_LEG: LegPolicy = {
  kind: 'webrtc',
  codecs: ['opus', 'g722', 'pcmu', 'pcma'],
  minToneMs: 80,
  minGapMs: 60,
  ptimeMs: 20,
};

export function trunkOf(config: TrunkConfig): Trunk {
  const { noAnswerTimeoutSeconds, noResponseTimeoutSeconds, registration, ...same } = config;
  const { optionsIntervalSeconds, timeoutSeconds, retrySeconds, failuresToDown } = config.health;
  return {
    ...same,
    noAnswerTimeoutMs: noAnswerTimeoutSeconds * 1000,
    noResponseTimeoutMs: noResponseTimeoutSeconds * 1000,
    registration: registration && registrationOf(registration),
    health: {
      intervalMs: optionsIntervalSeconds * 1000,
      timeoutMs: timeoutSeconds * 1000,
      retryMs: retrySeconds * 1000,
      failuresToDown,
    },
  };
}

function registrationOf(config: NonNullable<TrunkConfig['registration']>): RegistrationPolicy {
  const { expiresSeconds, ...same } = config;
  return { ...same, expiresS: expiresSeconds };
}

type RelaySettings = CopperlineConfig['media']['relay'];

export function relayBrowserPort(
  browser: RelaySettings['browser'],
): Omit<RelaySettings['browser'], 'certificateDays'> & { certificateMaxAgeMs: number } {
  const { certificateDays, ...same } = browser;
  return { ...same, certificateMaxAgeMs: certificateDays * DAY_MS };
}

/** A user may have a media policy of their own. */
export function browserLegs({ users }: CopperlineConfig): (user: string) => LegPolicy {
  const own = new Map(users.map(({ name, media }) => [name, { ...BROWSER_LEG, media }]));
  return (user) => own.get(user) ?? BROWSER_LEG;
}

export function userLookup(config: CopperlineConfig): FindUser {
  const users = new Map(config.users.map((user) => [user.name, user]));
  return (name) => users.get(name);
}

/**
 * Who is meant by what a user dialled: a user's name or extension, or a caller id that only one user has (a company's main number
 * is nobody's).
 */
function userDirectory({ users }: CopperlineConfig): (dialled: string) => string | undefined {
  const names = new Map<string, string>();
  for (const { name, callerId } of users) {
    const same = users.filter((user) => user.callerId === callerId);
    if (callerId !== undefined && same.length === 1) names.set(callerId, name);
  }
  for (const { name, extension } of users) if (extension !== undefined) names.set(extension, name);
  for (const { name } of users) names.set(name, name);
  return (dialled) => names.get(dialled);
}

function inboundRules({ inbound }: CopperlineConfig): InboundRule[] {
  const groups = new Map(inbound.groups.map((group) => [group.name, group]));
  return inbound.numbers.map(({ name, numbers, trunks, fallback, ...target }) => ({
    ...{ name, numbers, trunks, fallback },
    target: targetOf(target, groups),
  }));
}

type NumberRule = CopperlineConfig['inbound']['numbers'][number];
type Group = CopperlineConfig['inbound']['groups'][number];

function targetOf(
  { user, group: groupName, refuse }: Pick<NumberRule, 'user' | 'group' | 'refuse'>,
  groups: ReadonlyMap<string, Group>,
): InboundTarget {
  if (user !== undefined) return { kind: 'user', user };
  const group = groups.get(groupName ?? '');
  if (group === undefined) return { kind: 'refuse', sentence: refuse ?? 'No group has that name.' };
  const { name, strategy, members, memberRingSeconds } = group;
  const memberRingMs = memberRingSeconds * 1000;
  return { kind: 'group', group: { name, strategy, members, memberRingMs } };
}

type InboundCallSettings = Pick<
  CallContext,
  'domain' | 'inbound' | 'ringMs' | 'reconnectMs' | 'userBehind'
>;

/** What calls to our users need. */
export function inboundSettings(config: CopperlineConfig): InboundCallSettings {
  const { inbound, dialplan, sip } = config;
  return {
    domain: sip.domain,
    inbound: new InboundNumbers(inboundRules(config), dialplan.country),
    ringMs: inbound.ringSeconds * 1000,
    reconnectMs: inbound.reconnectSeconds * 1000,
    userBehind: userDirectory(config),
  };
}

export function registrarLimits({ registration }: CopperlineConfig): Partial<RegistrarLimits> {
  return {
    minExpiresS: registration.minExpiresSeconds,
    maxExpiresS: registration.maxExpiresSeconds,
    defaultExpiresS: registration.defaultExpiresSeconds,
    maxContactsPerUser: registration.maxContactsPerUser,
  };
}
