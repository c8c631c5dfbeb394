/** Of the browsers' WebSocket. */
export const SIP_PATH = '/sip';
