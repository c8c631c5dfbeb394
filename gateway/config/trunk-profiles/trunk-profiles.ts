import { asterisk } from './asterisk.js';
import { genericIp } from './generic.js';
import { sipgate } from './sipgate.js';
import { teams } from './teams.js';
import { telnyx } from './telnyx.js';
import type { TrunkProfile } from './trunk-profile.js';
import { twilio } from './twilio.js';
import { vonage } from './vonage.js';

export const PROFILE_NAMES = [
  'generic-ip',
  'twilio',
  'telnyx',
  'vonage',
  'sipgate',
  'asterisk',
  'freepbx',
  'teams',
] as const;

export type ProfileName = (typeof PROFILE_NAMES)[number];

export const TRUNK_PROFILES: Readonly<Record<ProfileName, TrunkProfile>> = {
  'generic-ip': genericIp,
  twilio,
  telnyx,
  vonage,
  sipgate,
  asterisk,
  freepbx: asterisk,
  teams,
};

/** The settings of a trunk with those of its profile where it says nothing. What is no mapping comes back as it is. */
export function withProfile(given: unknown): unknown {
  if (!isMapping(given)) return given;
  const name = given['profile'];
  if (typeof name !== 'string' || !Object.hasOwn(TRUNK_PROFILES, name)) return given;
  return merged(TRUNK_PROFILES[name as ProfileName].settings, given);
}

type Mapping = Readonly<Record<string, unknown>>;

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Mappings are merged key by key; lists and plain values are replaced. */
function merged(base: Mapping, over: Mapping): Mapping {
  const entries = Object.entries(over).map(([key, value]) => {
    const below = Object.hasOwn(base, key) ? base[key] : undefined;
    return [key, isMapping(below) && isMapping(value) ? merged(below, value) : value] as const;
  });
  return { ...base, ...Object.fromEntries(entries) };
}
