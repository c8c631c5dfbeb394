import type { Site, SiteHours } from './site.js';

/** What a page is told about its site: no numbers but the public one. */
export interface SiteView {
  site: string;
  language: string;
  texts: Readonly<Record<string, string>>;
  open: boolean;
  hours: readonly SiteHours[];
  destinations: { name: string; label?: string }[];
  defaultDestination: string;
  challenge: Site['challenge']['kind'];
  publicNumber?: string;
}

/** @param at ms since the Unix epoch */
export function viewOf(site: Site, at: number): SiteView {
  const { key, language, texts, hours, destinations, defaultDestination, publicNumber } = site;
  return {
    ...{ site: key, language, texts, open: site.isOpen(at), hours, defaultDestination },
    destinations: destinations.map(({ name, label }) => ({
      name,
      ...(label === undefined ? {} : { label }),
    })),
    challenge: site.challenge.kind,
    ...(publicNumber === undefined ? {} : { publicNumber }),
  };
}
