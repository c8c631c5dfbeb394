import type { CopperlineConfig, TrunkConfig } from './config/schema.js';
import type { LegPolicy } from './media/media-engine.js';
import type { RegistrarLimits } from './signaling/registrar.js';
import type { FindUser } from './signaling/users.js';
import type { Trunk } from './trunks/trunk.js';

/** How the settings read by config/ become those of the parts. Pure. */

const DAY_MS = 86_400_000;

/** What browsers are offered and take; the trunk's list narrows it for each call. */
export const BROWSER_LEG: LegPolicy = {
  kind: 'webrtc',
  codecs: ['opus', 'g722', 'pcmu', 'pcma'],
  minToneMs: 80,
  minGapMs: 60,
  ptimeMs: 20,
};

export function trunkOf(config: TrunkConfig): Trunk {
  const { noAnswerTimeoutSeconds, noResponseTimeoutSeconds, ...same } = config;
  return {
    ...same,
    noAnswerTimeoutMs: noAnswerTimeoutSeconds * 1000,
    noResponseTimeoutMs: noResponseTimeoutSeconds * 1000,
  };
}

type RelaySettings = CopperlineConfig['media']['relay'];

export function relayBrowserPort(
  browser: RelaySettings['browser'],
): Omit<RelaySettings['browser'], 'certificateDays'> & { certificateMaxAgeMs: number } {
  const { certificateDays, ...same } = browser;
  return { ...same, certificateMaxAgeMs: certificateDays * DAY_MS };
}

export function userLookup(config: CopperlineConfig): FindUser {
  const users = new Map(config.users.map((user) => [user.name, user]));
  return (name) => users.get(name);
}

export function registrarLimits({ registration }: CopperlineConfig): Partial<RegistrarLimits> {
  return {
    minExpiresS: registration.minExpiresSeconds,
    maxExpiresS: registration.maxExpiresSeconds,
    defaultExpiresS: registration.defaultExpiresSeconds,
    maxContactsPerUser: registration.maxContactsPerUser,
  };
}
