import { entry, type ErrorEntry } from '../error-entry.js';

/** The SIP server connection, authentication, registration. */
export const SIGNALING_ERRORS = {
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
} as const satisfies Record<string, ErrorEntry>;
