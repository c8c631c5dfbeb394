import { afterEach, expect, it } from 'vitest';
import { createLog } from '../../gateway/kernel/log.js';
import { Secret } from '../../gateway/kernel/secret.js';
import { logSummaries } from '../../gateway/ops/summary.js';
import type { Trunk } from '../../gateway/trunks/trunk.js';
import { CallWorld, testTrunk } from '../support/call-world.js';
import type { CarrierCall } from '../support/memory-sip.js';

/** The fact that decided is in what the browser is told, in the record, and in the log line, in one and the same sentence. */
const lines: string[] = [];
const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } });
let world: CallWorld;
afterEach(() => world.expectClean());

const CASES: {
  fact: string;
  trunk: Partial<Trunk>;
  answer: (carrier: CarrierCall) => void;
  says: string;
}[] = [
  {
    fact: 'a number in a format that the trunk does not know',
    trunk: { numberFormat: 'e164-without-plus' },
    answer: (carrier) => {
      carrier.refuse(404, { reason: 'Not Found' });
    },
    says: 'it was asked for 49301234 (numberFormat e164-without-plus)',
  },
  {
    fact: 'a From user that the carrier refuses',
    trunk: {
      from: { user: 'account', sendDisplayName: true },
      credentials: { username: 'reception', password: new Secret('x') },
    },
    answer: (carrier) => {
      carrier.refuse(403, { reason: 'Forbidden' });
    },
    says: 'the call came from the From user reception and asked for +49301234',
  },
  {
    fact: 'codecs that the carrier does not take',
    trunk: {},
    answer: (carrier) => {
      carrier.refuse(488, { reason: 'Not Acceptable Here' });
    },
    says: 'it was offered PCMA/8000 over RTP/AVP',
  },
  {
    fact: 'an answer without SDP',
    trunk: {},
    answer: (carrier) => {
      carrier.answer('');
    },
    says: 'The carrier "one" answered without SDP.',
  },
];

it.each(CASES)('$fact is named everywhere', async ({ trunk, answer, says }) => {
  lines.length = 0;
  world = new CallWorld({ trunks: [testTrunk('one', trunk)], log });
  logSummaries(world.calls.events, log);
  const offer = 'v=0\r\no=browser 1 1 IN IP4 0.0.0.0\r\nm=audio 4000 RTP/AVP 8\r\n';
  const browser = world.endpoint.browserDials('+49301234', { offer });
  await world.settle();
  answer(world.lastCarrierCall());
  await world.settle();
  const { sentence } = world.lastRecord.end;
  expect(sentence).toContain(says);
  expect(browser.refused?.sentence).toBe(sentence);
  expect(JSON.parse(world.cdrLines[0] ?? '')).toMatchObject({ end: { sentence } });
  const summaries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const ended = summaries.filter(({ msg }) => msg === 'call ended');
  expect(ended).toHaveLength(1);
  expect(JSON.stringify(ended[0])).toContain(JSON.stringify(sentence).slice(1, -1));
});
