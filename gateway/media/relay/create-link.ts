import { CopperlineError } from '../../kernel/errors.js';
import type { RtpPipe } from '../rtp/rtp-pipe.js';
import { BrowserLink } from './browser-link.js';
import { CarrierLink } from './carrier-link.js';
import type { LegLink, LinkOptions } from './leg-link.js';
import { PipeLink } from './pipe-link.js';

export function createLink(options: LinkOptions, pipe: RtpPipe | undefined): LegLink {
  if (pipe !== undefined) return new PipeLink(options, pipe);
  if (options.leg.policy.kind === 'rtp') return new CarrierLink(options);
  const { browserPort } = options.resources;
  if (browserPort !== undefined) return new BrowserLink(options, browserPort);
  throw new CopperlineError('CL_INTERNAL', { sentence: 'There is no port for browsers here.' });
}
