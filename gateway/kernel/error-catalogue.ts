/**
 * Who a failure is on: `client` the caller or the browser, `upstream` the carrier, `server` the gateway,
 * `indeterminate` when nobody can say. `ok` is a call that ended as people meant it to end.
 */
export type ErrorBucket = 'ok' | 'client' | 'upstream' | 'server' | 'indeterminate';

export interface ErrorEntry {
  /** SIP status answered when the failure decides a request. */
  sipStatus: number;
  bucket: ErrorBucket;
  /** True when the same request may succeed later or by another route. */
  retryable: boolean;
  /** When it happens, for gateway/ERRORS.md. */
  when: string;
}

const entry = (
  sipStatus: number,
  bucket: ErrorBucket,
  rest: { retryable?: boolean; when: string },
): ErrorEntry => ({ sipStatus, bucket, retryable: rest.retryable ?? false, when: rest.when });

/**
 * All codes. A code is never renamed or reused; a retired one stays listed in RETIRED_CODES.
 * gateway/ERRORS.md lists exactly these (checked by error-catalogue.test.ts).
 */
export const ERROR_CATALOGUE = {
  // Configuration and start
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

  // Media
  CL_MEDIA_UNAVAILABLE: entry(503, 'server', {
    retryable: true,
    when: 'No media worker can take the call, or no RTP port is free.',
  }),
  CL_MEDIA_WORKER_DIED: entry(500, 'server', {
    retryable: true,
    when: 'The worker process or rtpengine daemon that carried the call ended.',
  }),
  CL_MEDIA_RTPENGINE_SILENT: entry(503, 'server', {
    retryable: true,
    when: 'An rtpengine daemon did not answer a request in time.',
  }),
  CL_MEDIA_RTPENGINE_REFUSED: entry(500, 'server', {
    retryable: true,
    when: 'An rtpengine daemon refused a request; the sentence has its reason.',
  }),
  CL_MEDIA_CLOSED: entry(500, 'server', { when: 'A closed media session was used.' }),
  CL_MEDIA_NO_COMMON_CODEC: entry(488, 'client', {
    when: 'The two sides of a call share no audio codec.',
  }),
  CL_MEDIA_SDP_INVALID: entry(400, 'client', {
    when: 'An SDP cannot be read; the sentence names the line.',
  }),
  CL_MEDIA_SDP_NO_AUDIO: entry(488, 'client', {
    when: 'An SDP has no audio line that is in use.',
  }),
  CL_MEDIA_SDP_NO_ICE: entry(488, 'client', {
    when: 'The SDP of a browser lacks a=ice-ufrag or a=ice-pwd, or a=rtcp-mux.',
  }),
  CL_MEDIA_SDP_NO_FINGERPRINT: entry(488, 'client', {
    when: 'The SDP of a browser lacks a usable a=fingerprint or a=setup.',
  }),
  CL_MEDIA_SDP_PROTOCOL: entry(488, 'client', {
    when: 'The audio line of an SDP asks for a transport that its side is not configured for.',
  }),
  CL_MEDIA_SRTP: entry(488, 'client', {
    when: 'An SDP and the SRTP setting of its side cannot both be followed; the sentence says why.',
  }),
  CL_MEDIA_SDP_NO_OFFER: entry(500, 'server', {
    when: 'An answer was handed in for which there is no offer.',
  }),
  CL_MEDIA_TRANSPORT_FAILED: entry(500, 'client', {
    when: 'ICE or DTLS with the browser failed.',
  }),
  CL_MEDIA_TIMEOUT: entry(480, 'indeterminate', {
    when: 'No media came from one side for the configured time.',
  }),

  CL_MEDIA_UNSUPPORTED: entry(500, 'server', {
    when: 'The media engine cannot do what a call needs; the sentence says what.',
  }),
  CL_MEDIA_SOUND_FILE: entry(500, 'server', {
    when: 'A sound file cannot be read, or is no WAV file of a kind that can be played.',
  }),

  // Signaling: the SIP server connection, authentication, registration
  CL_SIP_SERVER_UNREACHABLE: entry(503, 'server', {
    retryable: true,
    when: 'The SIP server cannot be reached, or the connection to it was lost.',
  }),
  CL_SIP_SERVER_REFUSED: entry(500, 'server', {
    when: 'The SIP server did not accept the secret.',
  }),
  CL_SIP_CANCELLED: entry(487, 'ok', { when: 'The caller hung up before the call was answered.' }),
  CL_SIP_DIALOG_GONE: entry(481, 'indeterminate', {
    when: 'A request was to be sent in a dialog that no longer exists.',
  }),
  CL_SIP_REQUEST_REFUSED: entry(500, 'indeterminate', {
    when: 'The peer refused a request inside a dialog; the status is its own.',
  }),
  CL_SIP_BAD_REQUEST: entry(400, 'client', {
    when: 'A request lacks a header or holds one that cannot be read.',
  }),
  CL_SIP_METHOD_UNKNOWN: entry(501, 'client', {
    when: 'A method that the gateway does not serve.',
  }),
  CL_SIP_EXTENSION_UNKNOWN: entry(420, 'client', {
    when: 'A request requires a SIP extension that the gateway does not have.',
  }),
  CL_SIP_NOT_A_BROWSER: entry(403, 'client', {
    when: 'A request that only browsers may send came from elsewhere.',
  }),
  CL_AUTH_REQUIRED: entry(401, 'client', {
    when: 'Credentials are missing, too old, or were used before.',
  }),
  CL_AUTH_WRONG: entry(401, 'client', { when: 'The user name or the password is wrong.' }),
  CL_AUTH_BLOCKED: entry(403, 'client', {
    retryable: true,
    when: 'Too many wrong passwords came from one address.',
  }),
  CL_AUTH_IDENTITY: entry(403, 'client', {
    when: 'A user signed in as one user and speaks as another.',
  }),
  CL_REGISTER_INVALID: entry(400, 'client', { when: 'A REGISTER has unreadable contacts.' }),
  CL_REGISTER_TOO_BRIEF: entry(423, 'client', {
    when: 'A REGISTER asks for a shorter time than the registrar allows.',
  }),
  CL_REGISTER_OUT_OF_ORDER: entry(500, 'client', {
    when: 'A REGISTER came after a newer one of the same client.',
  }),
  CL_REGISTER_TOO_MANY: entry(403, 'client', {
    when: 'A user has as many devices registered as the limit allows.',
  }),

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
  CL_CALL_NO_OFFER: entry(488, 'client', { when: 'A caller sent an INVITE without an SDP offer.' }),
  CL_CALL_BAD_ANSWER: entry(488, 'client', {
    when: 'The browser that was called answered without SDP, or with SDP that cannot be used.',
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

  // Web: HTTP requests and the browsers' WebSockets
  CL_WEB_NOT_FOUND: entry(404, 'client', { when: 'A page or WebSocket that does not exist.' }),
  CL_WEB_BAD_REQUEST: entry(400, 'client', { when: 'An HTTP request that cannot be understood.' }),
  CL_WEB_TURN_REFUSED: entry(401, 'client', {
    when: 'TURN credentials were asked for without the name and password of a user, or too often.',
  }),
  CL_WEB_ORIGIN: entry(403, 'client', {
    when: 'A page of a foreign origin, or a client without Origin, opened the WebSocket.',
  }),
  CL_WEB_SUBPROTOCOL: entry(400, 'client', {
    when: 'A WebSocket did not offer the subprotocol sip (RFC 7118).',
  }),
  CL_WEB_CONNECTION_LIMIT: entry(503, 'client', {
    retryable: true,
    when: 'As many WebSockets are open, in all or from one address, as the settings allow.',
  }),
  CL_WEB_SILENT: entry(408, 'client', {
    when: 'A WebSocket opened and sent no SIP message in time.',
  }),
  CL_WEB_FLOOD: entry(503, 'client', {
    when: 'A WebSocket sent more messages per second than allowed.',
  }),
  CL_WEB_FRAME_TOO_LARGE: entry(513, 'client', {
    when: 'A WebSocket sent a frame that is longer than allowed.',
  }),
  CL_WEB_BAD_FRAME: entry(400, 'client', {
    when: 'A WebSocket sent something that is no WebSocket frame, or broke off.',
  }),
  CL_WEB_SLOW_READER: entry(503, 'client', {
    when: 'A browser left more unread than its WebSocket may hold back.',
  }),
  CL_WEB_PING_TIMEOUT: entry(408, 'client', {
    when: 'A browser did not answer a WebSocket ping in time.',
  }),
  CL_WEB_UPLINK_CLOSED: entry(503, 'server', {
    retryable: true,
    when: 'The SIP server closed the connection that stands for a browser.',
  }),
  CL_WEB_SHUTDOWN: entry(503, 'server', {
    retryable: true,
    when: 'The gateway is being stopped and closes its WebSockets.',
  }),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** Codes that were used once and must not be used again. */
export const RETIRED_CODES: readonly string[] = [];
