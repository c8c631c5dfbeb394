import type { Direction } from './direction.js';
import type { MediaLine } from './peer-description.js';

/** What is left of an SDP before the daemon or a peer sees it. */
export interface Narrowing {
  /** Index of the one m= line that is used; rtpengine sees no other. */
  audioIndex: number;
  /** Its payload types, in order. */
  payloadTypes: readonly number[];
  direction: Direction;
  /** Of the audio line when it has none. */
  mid?: string | undefined;
}

const DIRECTION = /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/;
const OF_FORMAT = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)[ ]/;

/**
 * The SDP with its audio line narrowed to some formats and one direction. rtpengine passes on whatever it
 * does not know, so what the other side may see is decided here.
 */
export function narrowSdp(sdp: string, narrowing: Narrowing): string {
  const sections = sectionsOf(sdp);
  const [session = [], ...media] = sections;
  const text = session.flatMap((line) => {
    if (DIRECTION.test(line)) return [];
    return line.startsWith('a=group:') ? [] : [line];
  });
  text.push(...audio(media[narrowing.audioIndex] ?? [], narrowing));
  return `${text.join('\r\n')}\r\n`;
}

/** The lines before the first m= line, then those of each. */
function sectionsOf(sdp: string): string[][] {
  const sections: string[][] = [[]];
  for (const line of sdp.split(/\r\n|\n|\r/)) {
    if (line === '') continue;
    if (line.startsWith('m=')) sections.push([]);
    sections.at(-1)?.push(line);
  }
  return sections;
}

function audio([first = '', ...lines]: readonly string[], narrowing: Narrowing): string[] {
  const { payloadTypes, direction } = narrowing;
  const head = first.split(' ').slice(0, 3).join(' ');
  const kept = lines.filter((line) => {
    if (DIRECTION.test(line)) return false;
    const format = OF_FORMAT.exec(line)?.[1];
    return format === undefined || payloadTypes.includes(Number(format));
  });
  const mid = narrowing.mid !== undefined && lineValue(lines, 'a=mid:') === undefined;
  const added = mid ? [`a=mid:${narrowing.mid}`] : [];
  return [`${head} ${payloadTypes.join(' ')}`, ...kept, `a=${direction}`, ...added];
}

function lineValue(lines: readonly string[], start: string): string | undefined {
  return lines.find((line) => line.startsWith(start))?.slice(start.length);
}

/** The SDP under an origin line of ours (RFC 8866 section 5.2). */
export function withOrigin(sdp: string, origin: { id: string; version: number }): string {
  return sdp.replace(
    /^o=\S+ \S+ \S+ (.*)$/m,
    (_, rest: string) => `o=- ${origin.id} ${origin.version} ${rest}`,
  );
}

/**
 * The SDP of one audio line as the answer (or a later offer) to a peer that has more lines: these are refused in
 * their place (RFC 3264 section 6), and the group holds the audio line alone (RFC 9143 section 7).
 */
export function amongLines(
  sdp: string,
  own: { lines: readonly MediaLine[]; audioIndex: number } | undefined,
): string {
  const [session = [], audioLines = []] = sectionsOf(sdp);
  const mid = lineValue(audioLines, 'a=mid:');
  const text = [...session, ...(mid === undefined ? [] : [`a=group:BUNDLE ${mid}`])];
  for (const [index, line] of (own?.lines ?? []).entries())
    text.push(...(index === own?.audioIndex ? audioLines : refused(line)));
  if (own === undefined) text.push(...audioLines);
  return `${text.join('\r\n')}\r\n`;
}

function refused({ type, protocol, formats, mid }: MediaLine): string[] {
  const named = mid === undefined ? [] : [`a=mid:${mid}`];
  return [`m=${type} 0 ${protocol} ${formats}`, ...named, 'a=inactive'];
}
