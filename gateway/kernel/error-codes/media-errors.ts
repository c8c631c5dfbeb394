import { entry, type ErrorEntry } from '../error-entry.js';

/** Media engines, their SDP and their files. */
export const MEDIA_ERRORS = {
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
    when: 'The SDP of a browser lacks a=ice-ufrag, a=ice-pwd or a=rtcp-mux, or is ICE-lite where we are too.',
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
} as const satisfies Record<string, ErrorEntry>;
