import { entry, type ErrorEntry } from '../error-entry.js';

/** Click-to-call widgets: their sites, challenges and one-call tokens. */
export const WIDGET_ERRORS = {
  CL_WIDGET_SITE_UNKNOWN: entry(404, 'client', {
    when: 'No site has the key that a widget asked with.',
  }),
  CL_WIDGET_ORIGIN: entry(403, 'client', {
    when: 'A page of an origin that is not among those of the site asked for a call.',
  }),
  CL_WIDGET_CLOSED: entry(480, 'ok', { when: 'A call was asked for outside of the site’s hours.' }),
  CL_WIDGET_RATE: entry(503, 'client', {
    retryable: true,
    when: 'One address asked for calls or challenges faster than a visitor would.',
  }),
  CL_WIDGET_QUOTA: entry(503, 'client', {
    retryable: true,
    when: 'A site, or one address at a site, had as many calls as its quotas allow.',
  }),
  CL_WIDGET_CHALLENGE: entry(403, 'client', {
    when: 'The challenge of a site was not solved, or its solution is wrong, too old or used.',
  }),
  CL_WIDGET_CHALLENGE_SERVICE: entry(503, 'server', {
    retryable: true,
    when: 'The challenge service of a site cannot be asked.',
  }),
  CL_WIDGET_DESTINATION: entry(403, 'client', {
    when: 'A widget asked for, or called, another destination than it may.',
  }),
  CL_WIDGET_TOKEN_INVALID: entry(403, 'client', {
    when: 'A one-call token is forged, or was issued to another page or address.',
  }),
  CL_WIDGET_TOKEN_EXPIRED: entry(403, 'client', { when: 'A one-call token is too old.' }),
  CL_WIDGET_TOKEN_USED: entry(403, 'client', { when: 'A one-call token was used before.' }),
  CL_WIDGET_ONE_CALL: entry(403, 'client', {
    when: 'A WebSocket with a one-call token sent something else than its one call.',
  }),
} as const satisfies Record<string, ErrorEntry>;
