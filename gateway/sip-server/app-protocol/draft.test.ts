import { describe, expect, it } from 'vitest';
import { parseDraft } from './draft.js';

const draft = (text: string): ReturnType<typeof parseDraft> => parseDraft(Buffer.from(text));

describe('parseDraft', () => {
  it('takes everything after the empty line as body, whatever Content-Length says', () => {
    const parsed = draft('INFO sip:placeholder SIP/2.0\r\nContent-Length: 1\r\n\r\nSignal=1\r\n');
    expect(parsed).toMatchObject({ kind: 'request', draft: { method: 'INFO' } });
    expect(parsed?.draft.body.toString()).toBe('Signal=1\r\n');
  });

  it('skips lines that are no header, and headers that hold control characters', () => {
    const parsed = draft(
      'SIP/2.0 180 Ringing\r\nnonsense\r\nX A: 1\r\nX-B: \u00012\r\nX-C: 3\r\n\r\n',
    );
    expect(parsed).toMatchObject({
      kind: 'response',
      draft: { status: 180, reason: 'Ringing', headers: [{ name: 'X-C', value: '3' }] },
    });
  });

  it('takes a bare number as request URI', () => {
    expect(draft('OPTIONS 1234 SIP/2.0\r\n\r\n')).toMatchObject({
      draft: { method: 'OPTIONS', uri: '1234' },
    });
  });

  it.each(['', 'HELLO', 'SIP/2.0 99 Low\r\n\r\n', 'B@D sip:x SIP/2.0\r\n\r\n'])(
    'knows that %j is neither request nor response',
    (text) => {
      expect(draft(text)).toBeUndefined();
    },
  );
});
