import { COMFORT_NOISE } from '../sdp/codec-table.js';
import type { Direction } from '../sdp/direction.js';

type Law = 'pcmu' | 'pcma';

const LAWS: Record<Law, number> = { pcmu: 0, pcma: 8 };

/** How a browser's side looks to the call between the legs: a plain phone that speaks G.711 and knows comfort noise. */
export function plainSdp(version: number, laws: readonly Law[], direction: Direction): string {
  return [
    'v=0',
    `o=- 1 ${version} IN IP4 127.0.0.1`,
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio 9 RTP/AVP ${[...laws.map((law) => LAWS[law]), COMFORT_NOISE].join(' ')}`,
    `a=${direction}`,
    '',
  ].join('\r\n');
}
