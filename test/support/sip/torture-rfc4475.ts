import { RFC4475_HANDLED } from './torture-rfc4475-handled.js';
import { RFC4475_INVALID } from './torture-rfc4475-invalid.js';
import { RFC4475_VALID } from './torture-rfc4475-valid.js';
import type { TortureCase } from './torture-case.js';

/** All messages of RFC 4475, as the archive of its appendix A has them. */
export const RFC4475: readonly TortureCase[] = [
  ...RFC4475_VALID,
  ...RFC4475_INVALID,
  ...RFC4475_HANDLED,
];
