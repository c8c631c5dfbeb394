import { expect, it } from 'vitest';
import { performance } from 'node:perf_hooks';
import { parseDraft } from '../../../gateway/sip-server/app-protocol/draft.js';
import { getHeader } from '../../../gateway/sip-server/message/headers.js';
import { parseSipMessage } from '../../../gateway/sip-server/message/parse.js';
import { createResponse } from '../../../gateway/sip-server/message/response.js';
import { serializeSipMessage } from '../../../gateway/sip-server/message/serialize.js';
import { malformedReply } from '../../../gateway/sip-server/transport/malformed-reply.js';
import { noteSource } from '../../../gateway/sip-server/transport/received-via.js';
import { readVector } from '../../support/sip/torture-case.js';

it('reason-line-separator: U+2028 in a reason phrase is text, on the network and from applications', () => {
  const bytes = readVector('findings/reason-line-separator');
  const result = parseSipMessage(bytes);
  expect(result).toMatchObject({ ok: true, message: { status: 200, reason: 'one\u2028two' } });
  expect(result.ok && serializeSipMessage(result.message).equals(bytes)).toBe(true);
  expect(parseDraft(bytes)).toMatchObject({ kind: 'response', draft: { reason: 'one\u2028two' } });
});

it('long-and-short-names: a header that stands twice under two names is answered once', () => {
  const result = parseSipMessage(readVector('findings/long-and-short-names'));
  if (result.ok) throw new Error('It was accepted.');
  expect(result.why).toMatch(/stands twice/);
  const reply = malformedReply(result.partial, result);
  expect(reply?.headers.map(({ name }) => name)).toEqual(['Via', 'From', 'To', 'Call-ID', 'CSeq']);
});

it('escaped-quotes: a control character behind thousands of escaped quotes is found in one pass', () => {
  const bytes = readVector('findings/escaped-quotes');
  const begun = performance.now();
  for (let count = 0; count < 20; count++)
    expect(parseSipMessage(bytes)).toMatchObject({ ok: false, status: 400 });
  // Once around for each of the quotes, it took seconds.
  expect(performance.now() - begun).toBeLessThan(1_000);
});

it('not-utf8: what is no UTF-8 does not grow when it is sent on or echoed', () => {
  const bytes = readVector('findings/not-utf8');
  const result = parseSipMessage(bytes);
  if (!result.ok || result.message.kind !== 'request') throw new Error('It was refused.');
  expect(getHeader(result.message, 'From')).toMatch(/^"M_+ller" <sip:a@example.com>;tag=1$/);
  expect(serializeSipMessage(result.message)).toHaveLength(bytes.length);
  const answer = serializeSipMessage(createResponse(result.message, { status: 400 }));
  expect(answer.length).toBeLessThan(bytes.length);
});

it('via-commas: thousands of commas in the Via row are echoed as they came', () => {
  const bytes = readVector('findings/via-commas');
  const result = parseSipMessage(bytes);
  if (!result.ok || result.message.kind !== 'request') throw new Error('It was refused.');
  noteSource(result.message, { host: '192.0.2.1', port: 5060 });
  const answer = serializeSipMessage(createResponse(result.message, { status: 400 }));
  expect(answer.length).toBeLessThan(bytes.length + 100);
  expect(getHeader(result.message, 'Via')).toMatch(
    /^SIP\/2\.0\/UDP 192\.0\.2\.1;branch=z9hG4bKf5;rport=5060,\(,/,
  );
});
