import { BrowserLink } from './browser-link.js';
import { CarrierLink } from './carrier-link.js';
import type { LegLink, LinkOptions } from './leg-link.js';

export function createLink(options: LinkOptions): LegLink {
  return options.leg.policy.kind === 'webrtc' ? new BrowserLink(options) : new CarrierLink(options);
}
