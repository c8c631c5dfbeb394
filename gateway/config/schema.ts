import { z } from 'zod';
import type { Secret } from '../kernel/secret.js';
import { dialplanSection } from './dialplan-section.js';
import { wholeNumber } from './fields.js';
import { inboundCallsSection } from './inbound-section.js';
import { mediaSection } from './media-section.js';
import {
  cdrSection,
  limitsSection,
  logSection,
  metricsSection,
  registrationSection,
} from './operation-section.js';
import { sitesSection } from './site-section.js';
import { sipSection } from './sip-section.js';
import { trunksSection } from './trunk-section.js';
import { usersSection } from './user-section.js';
import { webSection } from './web-section.js';

/** The whole `copperline.yaml`. Strict: a key that is not here is an error. */
export const configSchema = z.strictObject({
  web: webSection,
  sip: sipSection,
  media: mediaSection,
  users: usersSection,
  trunks: trunksSection,
  dialplan: dialplanSection,
  inbound: inboundCallsSection,
  sites: sitesSection,
  limits: limitsSection,
  registration: registrationSection,
  log: logSection,
  cdr: cdrSection,
  metrics: metricsSection,
  websocketGraceSeconds: wholeNumber(0, 300).default(10),
  drainSeconds: wholeNumber(0, 86_400).default(60),
});

type DeepReadonly<T> = T extends Secret
  ? T
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

/** What the file may contain: everything with a default may be left out. */
export type ConfigInput = z.input<typeof configSchema>;

/** The settings as the gateway uses them: complete, checked, frozen. */
export type CopperlineConfig = DeepReadonly<z.output<typeof configSchema>>;
export type TrunkConfig = CopperlineConfig['trunks'][number];
