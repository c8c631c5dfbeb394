import { entry, type ErrorEntry } from '../error-entry.js';

/** Configuration and start. */
export const START_ERRORS = {
  CL_CONFIG_UNREADABLE: entry(500, 'server', {
    when: 'The configuration file cannot be read or is not YAML.',
  }),
  CL_CONFIG_INVALID: entry(500, 'server', {
    when: 'A setting is unknown, of the wrong form, or contradicts another.',
  }),
  CL_CONFIG_ENV_MISSING: entry(500, 'server', {
    when: 'A ${NAME} reference names an environment variable that is not set.',
  }),
  CL_START_PORT_IN_USE: entry(500, 'server', {
    when: 'A port that the gateway should listen on is taken or not permitted.',
  }),
  CL_START_CERTIFICATE: entry(500, 'server', {
    when: 'A TLS certificate or key file cannot be read, or the two do not belong together.',
  }),
  CL_START_CDR_FILE: entry(500, 'server', {
    when: 'The file for call detail records, or its folder, cannot be made or written to.',
  }),
  CL_INTERNAL: entry(500, 'server', {
    when: 'A bug: something that should not be possible happened.',
  }),
} as const satisfies Record<string, ErrorEntry>;
