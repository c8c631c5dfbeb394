import { describe, expect, it } from 'vitest';
import { failureFromMicrophone, failureFromResponse, failureKindForStatus } from './failure.js';
import { FAILURE_SENTENCES } from './failure-sentences.js';

describe('failureFromResponse', () => {
  it('prefers the sentence of the server', () => {
    const failure = failureFromResponse(486, ['SIP;cause=486;text="The line 486 is busy."']);
    expect(failure).toEqual({
      kind: 'busy',
      sentence: 'The line 486 is busy.',
      fromServer: true,
      status: 486,
    });
  });

  it('has a sentence of its own without one', () => {
    const failure = failureFromResponse(404, ['Q.850;cause=1']);
    expect(failure.sentence).toBe(FAILURE_SENTENCES['not-found']);
    expect(failure.fromServer).toBe(false);
  });
});

describe('failureKindForStatus', () => {
  it.each([
    [401, 'wrong-credentials'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [408, 'no-answer'],
    [480, 'unavailable'],
    [484, 'bad-number'],
    [486, 'busy'],
    [488, 'no-common-codec'],
    [500, 'server-error'],
    [503, 'service-unavailable'],
    [600, 'busy'],
    [603, 'declined'],
    [607, 'declined'],
  ] as const)('%i is %s', (status, kind) => {
    expect(failureKindForStatus(status)).toBe(kind);
  });

  it.each([
    [302, 'rejected'],
    [499, 'rejected'],
    [599, 'server-error'],
    [699, 'declined'],
  ] as const)('takes the unknown %i as the x00 of its class: %s', (status, kind) => {
    expect(failureKindForStatus(status)).toBe(kind);
  });
});

describe('failureFromMicrophone', () => {
  it.each([
    ['NotAllowedError', 'microphone-denied'],
    ['NotFoundError', 'microphone-missing'],
    ['NotReadableError', 'microphone-busy'],
    ['TypeError', 'media-failed'],
  ] as const)('%s is %s', (name, kind) => {
    expect(failureFromMicrophone(new DOMException('no', name)).kind).toBe(kind);
  });

  it('survives something thrown that is no error', () => {
    expect(failureFromMicrophone('no').kind).toBe('media-failed');
  });
});
