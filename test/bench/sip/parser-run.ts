import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Parser } from 'sip.js/lib/core/messages/parser.js';
import { parseSipMessage } from '../../../gateway/sip-server/message/parse.js';
import { median } from '../histogram.js';

export interface ParserResult {
  messages: number;
  /** Messages per second, medians of the turns. */
  oursPerSecond: number;
  sipjsPerSecond: number;
}

/** Real messages of phones, browsers, carriers and PBXes. */
const FOLDER = fileURLToPath(new URL('../../vectors/clients/', import.meta.url));
const TURNS = 7;
const TURN_MS = 400;

const quiet = { warn: () => undefined, error: () => undefined };
// The parser wants a whole logger and calls these two.
const logger = quiet as unknown as Parameters<typeof Parser.parseMessage>[1];

/** This server's parser beside that of sip.js, in turns, on the messages that both accept. */
export function parserRun(): ParserResult {
  const messages = readdirSync(FOLDER)
    .map((name) => readFileSync(FOLDER + name))
    .filter((bytes) => Parser.parseMessage(bytes.toString(), logger) !== undefined)
    .filter((bytes) => parseSipMessage(bytes).ok);
  // Each gets what its transport hands over: a datagram's bytes, a WebSocket's text.
  const texts = messages.map((bytes) => bytes.toString());
  const ours: number[] = [];
  const sipjs: number[] = [];
  for (let turn = 0; turn <= TURNS; turn += 1) {
    const one = perSecond(messages, (bytes) => parseSipMessage(bytes).ok);
    const other = perSecond(texts, (text) => Parser.parseMessage(text, logger) !== undefined);
    // The first turn warms both up.
    if (turn === 0) continue;
    ours.push(one);
    sipjs.push(other);
  }
  return {
    messages: messages.length,
    oursPerSecond: median(ours),
    sipjsPerSecond: median(sipjs),
  };
}

function perSecond<T>(items: readonly T[], parse: (item: T) => boolean): number {
  const begun = performance.now();
  let parsed = 0;
  while (performance.now() - begun < TURN_MS)
    for (const item of items) {
      if (!parse(item)) throw new Error('a message was refused that was accepted before');
      parsed += 1;
    }
  return (parsed * 1000) / (performance.now() - begun);
}
