import { describe, expect, it } from 'vitest';
import { failureFromResponse } from '../phone/failure.js';
import { callSentence, failureSentence } from './call-sentence.js';
import { messages } from './messages.js';

const ended = (end: Parameters<typeof callSentence>[0] & { name: 'ended' }) =>
  callSentence(end, messages);

describe('callSentence', () => {
  it('says how long people talked', () => {
    const end = { how: 'hung-up' } as const;
    expect(ended({ name: 'ended', end, talkedMs: 65_000 })).toBe('You hung up. Talked for 1:05.');
    expect(ended({ name: 'ended', end: { how: 'cancelled' }, talkedMs: 0 })).toBe(
      'You cancelled the call.',
    );
  });

  it('shows the sentence of a BYE', () => {
    const end = { how: 'remote-hung-up', sentence: 'The menu is over.' } as const;
    expect(ended({ name: 'ended', end, talkedMs: 1000 })).toBe(
      'The menu is over. Talked for 0:01.',
    );
  });

  it('tells a call that broke from one that never was', () => {
    const end = { how: 'failed', failure: failureFromResponse(503, []) } as const;
    expect(ended({ name: 'ended', end, talkedMs: 0 })).toBe(messages.call.failed);
    expect(ended({ name: 'ended', end, talkedMs: 9000 })).toContain(messages.call.failedMidway);
  });
});

describe('failureSentence', () => {
  it('shows the words of the server, else those of the catalogue', () => {
    expect(failureSentence(failureFromResponse(486, ['SIP;text="Busy."']), messages)).toBe('Busy.');
    const translated = { ...messages, failures: { ...messages.failures, busy: 'Besetzt.' } };
    expect(failureSentence(failureFromResponse(486, []), translated)).toBe('Besetzt.');
  });
});
