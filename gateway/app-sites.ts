import { isOpen, localTime } from '../dialplan/hours.js';
import type { CopperlineConfig } from './config/schema.js';
import type { Site, SiteChallenge } from './web/sites/site.js';
import { verifyTurnstile } from './web/tokens/turnstile.js';

type SiteConfig = CopperlineConfig['sites'][number];

/** How the settings of the click-to-call sites become those of web/. */
export function sitesOf({ sites, dialplan }: CopperlineConfig): Site[] {
  return sites.map((site) => siteOf(site, dialplan.timezone));
}

function siteOf(config: SiteConfig, timezone: string): Site {
  const { maxDurationSeconds, tokenSeconds, destinations, defaultDestination } = config;
  const { key, origins, callerId, displayName, language, texts, quotas, publicNumber } = config;
  const windows = (config.hours ?? []).map((window) => ({ timezone, ...window }));
  return {
    ...{ key, origins, callerId, displayName, language, texts, quotas, publicNumber, destinations },
    // The schema asks for one destination at least.
    defaultDestination: defaultDestination ?? destinations[0]?.name ?? '',
    hours: windows,
    isOpen: (at) =>
      windows.length === 0 ||
      windows.some((window) => isOpen(window, localTime(at, window.timezone))),
    maxDurationMs: maxDurationSeconds * 1_000,
    tokenLifetimeMs: tokenSeconds * 1_000,
    challenge: challengeOf(config),
  };
}

function challengeOf({ challenge, proofOfWorkBits, turnstile }: SiteConfig): SiteChallenge {
  if (challenge === 'proof-of-work') return { kind: challenge, bits: proofOfWorkBits };
  if (challenge === 'none' || turnstile === undefined) return { kind: 'none' };
  return {
    kind: challenge,
    verify: (response, address) => verifyTurnstile(turnstile, response, address),
  };
}
