import { entry, type ErrorEntry } from '../error-entry.js';

/** HTTP requests and the browsers' WebSockets. */
export const WEB_ERRORS = {
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
