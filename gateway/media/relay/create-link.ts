import { BrowserLink } from './browser-link.js';
import { CarrierLink, type LegLink, type LinkOptions } from './leg-link.js';

export function createLink(options: LinkOptions): LegLink {
  return options.leg.policy.kind === 'webrtc' ? new BrowserLink(options) : new CarrierLink(options);
}
