import { randomInt } from 'node:crypto';
import { expect, it } from 'vitest';
import { parseSipMessage } from '../../../gateway/sip-server/message/parse.js';
import { FuzzMessages } from '../../support/sip/fuzz-messages.js';
import { fuzzParser } from '../../support/sip/fuzz-parser.js';
import { FuzzServer } from '../../support/sip/fuzz-server.js';

/** Another one each time; a failure names it. */
const seed = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31));
const messages = new FuzzMessages(seed);

it('parses 20,000 broken messages without a crash, a wrong answer or a long wait', () => {
  const { defects } = fuzzParser(messages, 0, 20_000);
  expect(defects).toEqual([]);
  // A fuzzer that breaks everything would only try the first lines of the parser.
  const sample = Array.from({ length: 500 }, (_, index) => parseSipMessage(messages.at(index)));
  const accepted = sample.filter(({ ok }) => ok).length;
  expect(accepted).toBeGreaterThan(50);
  expect(accepted).toBeLessThan(450);
});

it('serves while 5,000 broken messages come over all transports, and is empty afterwards', async () => {
  const server = await FuzzServer.start();
  await server.run(messages, 0, 1_000);
  const heapBefore = process.memoryUsage().heapUsed;
  await server.run(messages, 1_000, 5_000);
  const counts = await server.close();
  const { defects, sent, answered, repeated } = server.findings;
  expect(defects).toEqual([]);
  // 100, 180 and a final response to each INVITE are the most; a header more than the request had is little.
  expect(answered.messages, `seed ${seed}`).toBeGreaterThan(500);
  expect(answered.messages, `seed ${seed}`).toBeLessThan(sent.messages * 2);
  expect(answered.bytes, `seed ${seed}`).toBeLessThan(sent.bytes);
  // Timer G and its like: eleven copies of a final response at most, and of a BYE.
  expect(repeated, `seed ${seed}`).toBeLessThan(sent.messages * 11);
  expect(process.memoryUsage().heapUsed - heapBefore, `seed ${seed}`).toBeLessThan(150 * 2 ** 20);
  expect(Object.values(counts).every((count) => count === 0)).toBe(true);
});
