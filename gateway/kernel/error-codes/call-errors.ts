import { entry, type ErrorEntry } from '../error-entry.js';

/** Trunks, calls, the dialplan and the demo carrier. */
export const CALL_ERRORS = {
  // Trunks
  CL_TRUNK_UNKNOWN: entry(500, 'server', { when: 'A route names a trunk that is not configured.' }),
  CL_TRUNK_UNREACHABLE: entry(503, 'upstream', {
    retryable: true,
    when: 'The carrier cannot be reached: DNS, transport, or no response to the INVITE.',
  }),
  CL_TRUNK_SILENT: entry(504, 'upstream', {
    retryable: true,
    when: 'The carrier did not begin to ring within the no-response time of its trunk.',
  }),
  CL_TRUNK_FAILED: entry(502, 'upstream', {
    retryable: true,
    when: 'The carrier answered with a server failure (5xx).',
  }),
  CL_TRUNK_REFUSED: entry(502, 'upstream', {
    when: 'The carrier refused the call because of its own or our settings.',
  }),
  CL_TRUNK_CREDENTIALS: entry(502, 'upstream', {
    when: 'The carrier did not accept the credentials of its trunk.',
  }),
  CL_TRUNK_NO_SDP: entry(502, 'upstream', { when: 'The carrier answered without SDP.' }),
  CL_TRUNK_BAD_SDP: entry(502, 'upstream', {
    when: 'The carrier answered with SDP that cannot be read or does not fit the offer.',
  }),
  CL_TRUNK_FULL: entry(503, 'upstream', {
    retryable: true,
    when: 'A trunk carries as many calls, or was given as many within a second, as its limits allow.',
  }),
  CL_TRUNK_STRANGER: entry(403, 'client', {
    when: 'An INVITE came from an address that belongs to no trunk, or with credentials that are none of its trunk.',
  }),

  // Calls
  CL_CALL_LIMIT: entry(503, 'server', {
    retryable: true,
    when: 'As many calls are up as the gateway may carry.',
  }),
  CL_CALL_USER_LIMIT: entry(503, 'client', {
    retryable: true,
    when: 'A user has as many calls as the limit allows.',
  }),
  CL_CALL_DRAINING: entry(503, 'server', {
    retryable: true,
    when: 'The gateway is being shut down and takes no new calls.',
  }),
  CL_CALL_SHUTDOWN: entry(503, 'server', { when: 'The gateway was stopped during the call.' }),
  CL_CALL_NO_OFFER: entry(488, 'client', { when: 'A caller made no offer, nor answered ours.' }),
  CL_CALL_BAD_ANSWER: entry(488, 'client', {
    when: 'The browser that was called answered without SDP, or with SDP that cannot be used.',
  }),
  CL_CALL_TOO_MANY_HOPS: entry(483, 'client', {
    when: 'A call that would go on to the phone network has come through as many hops as it may: a loop.',
  }),
  CL_CALL_UNKNOWN_NUMBER: entry(404, 'client', {
    when: 'A carrier asked for a number that no rule of inbound.numbers is for.',
  }),
  CL_CALL_NUMBER_REFUSED: entry(480, 'ok', {
    when: 'A rule of inbound.numbers refuses calls to the number; the sentence is its own.',
  }),
  CL_CALL_NOT_REGISTERED: entry(480, 'client', {
    retryable: true,
    when: 'No browser of the called user is signed in.',
  }),
  CL_CALL_BROWSER_LOST: entry(408, 'client', {
    when: 'The WebSocket of the browser was lost and did not come back in time.',
  }),
  CL_CALL_LEG_LOST: entry(408, 'indeterminate', {
    when: 'The dialog of one leg ended without a hang-up of its peer.',
  }),
  CL_CALL_TRANSFER: entry(603, 'client', {
    when: 'A transfer (REFER) is not allowed, or the call could not be passed on; the call itself goes on.',
  }),
  CL_CALL_REOFFER: entry(488, 'client', {
    when: 'A peer asked to change the media of a running call, and the other peer does not take it, or not now.',
  }),

  // Demo carrier
  CL_DEMO_PROMPT_MISSING: entry(500, 'server', {
    when: 'A prompt file of the demo carrier cannot be read.',
  }),
  CL_DEMO_NO_RTP_PORT: entry(503, 'server', {
    retryable: true,
    when: 'The demo carrier found no free UDP port for RTP.',
  }),
  CL_DEMO_OFFER_UNACCEPTABLE: entry(488, 'client', {
    when: 'The demo carrier was offered no codec or transport that the dialled number can do.',
  }),
  CL_DEMO_NOT_CONNECTED: entry(503, 'server', {
    retryable: true,
    when: 'The demo carrier could not connect to its own SIP server.',
  }),

  // Dialplan
  CL_DIAL_INVALID_NUMBER: entry(404, 'client', {
    when: 'What was dialled is neither a phone number nor a known short code (484 when it is too short).',
  }),
  CL_DIAL_NO_ROUTE: entry(404, 'client', {
    when: 'No rule of the dialplan has a route for the dialled number.',
  }),
  CL_DIAL_FORBIDDEN: entry(403, 'client', {
    when: 'A rule of the dialplan refuses the number, or has a route for other callers only.',
  }),
} as const satisfies Record<string, ErrorEntry>;
