import type { VisitOptions } from './visit-types.js';

export interface SiteHours {
  days?: readonly string[];
  from: string;
  to: string;
  timezone: string;
}

/** What the gateway tells a page about its site. */
export interface SiteInfo {
  site: string;
  /** `auto`: the visitor's. */
  language: string;
  texts: { button?: string; title?: string; closed?: string };
  open: boolean;
  hours: readonly SiteHours[];
  destinations: readonly { name: string; label?: string }[];
  defaultDestination: string;
  challenge: VisitOptions['challenge'];
  publicNumber?: string;
}

/** Undefined when the gateway has no such site, not for this page, or cannot be reached. */
export async function fetchSite(gateway: string, site: string): Promise<SiteInfo | undefined> {
  try {
    const url = new URL(`api/widget/sites/${encodeURIComponent(site)}`, gateway);
    const response = await fetch(url, { credentials: 'omit' });
    return response.ok ? ((await response.json()) as SiteInfo) : undefined;
  } catch {
    return undefined;
  }
}
