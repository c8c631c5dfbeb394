import { isIP } from 'node:net';
import { CopperlineError } from '../kernel/errors.js';
import type { RtpAddress } from './rtp-endpoint.js';

export interface OfferedFormat {
  payloadType: number;
  /** Upper case. */
  name: string;
  clockRate: number;
  /** As written after the payload type: `opus/48000/2`. */
  encoding: string;
}

type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export interface AudioOffer {
  remote: RtpAddress;
  direction: Direction;
  /** In the order of preference of the m-line. */
  formats: OfferedFormat[];
  mediaLines: { type: string; protocol: string; formats: string }[];
  audioIndex: number;
}

/** RFC 3551 section 6, for payload types that come without rtpmap. */
const STATIC: Readonly<Record<string, string>> = { 0: 'PCMU/8000', 8: 'PCMA/8000', 9: 'G722/8000' };
const MEDIA_LINE = /^(\S+) (\d{1,5})(?:\/\d+)? (\S+) (.+)$/;
const DIRECTIONS: readonly string[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/**
 * Reads what the carrier needs of an offer (RFC 8866): its first audio stream over plain RTP.
 * @throws CopperlineError CL_DEMO_OFFER_UNACCEPTABLE
 */
export function readAudioOffer(sdp: string): AudioOffer {
  const [session = [], ...media] = sections(sdp);
  const mediaLines = media.map(([line = '']) => {
    const [, type = '', port = '', protocol = '', formats = ''] =
      MEDIA_LINE.exec(line.slice(2)) ?? [];
    return { type, port: Number(port), protocol, formats };
  });
  const audioIndex = mediaLines.findIndex(
    (line) => line.type === 'audio' && isPort(line.port) && line.protocol === 'RTP/AVP',
  );
  const audio = mediaLines[audioIndex];
  const lines = media[audioIndex];
  if (audio === undefined || lines === undefined) {
    const seen = mediaLines.map((line) => `${line.type} ${line.protocol}`).join(', ');
    throw unacceptable(`The offer has no audio over RTP/AVP but ${seen || 'no media at all'}.`);
  }
  return {
    remote: { host: connectionAddress(lines, session), port: audio.port },
    direction: direction(lines) ?? direction(session) ?? 'sendrecv',
    formats: formats(audio.formats, lines),
    mediaLines,
    audioIndex,
  };
}

function isPort(port: number): boolean {
  return port > 0 && port <= 65_535;
}

/** The session's lines, then those of each m-line. */
function sections(sdp: string): string[][] {
  const all: string[][] = [[]];
  for (const line of sdp.split(/\r?\n/)) {
    if (line.startsWith('m=')) all.push([]);
    all.at(-1)?.push(line);
  }
  return all;
}

function connectionAddress(media: readonly string[], session: readonly string[]): string {
  const line = [...media, ...session].find((candidate) => candidate.startsWith('c='));
  const host = /^c=IN IP[46] ([^\s/]+)/.exec(line ?? '')?.[1] ?? '';
  if (isIP(host) === 0) throw unacceptable('The c= line of the offer is not an IP address.');
  return host;
}

function direction(lines: readonly string[]): Direction | undefined {
  const found = lines.find((line) => line.startsWith('a=') && DIRECTIONS.includes(line.slice(2)));
  return found?.slice(2) as Direction | undefined;
}

function formats(list: string, lines: readonly string[]): OfferedFormat[] {
  return list
    .trim()
    .split(/\s+/)
    .flatMap((type) => {
      const mapped = lines.find((line) => line.startsWith(`a=rtpmap:${type} `));
      const encoding = mapped?.slice(`a=rtpmap:${type} `.length).trim() ?? STATIC[type];
      const [name, rate] = (encoding ?? '').split('/');
      if (encoding === undefined || !name || !isPayloadType(type)) return [];
      return [
        { payloadType: Number(type), name: name.toUpperCase(), clockRate: Number(rate), encoding },
      ];
    });
}

function isPayloadType(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= 127;
}

function unacceptable(sentence: string): CopperlineError {
  return new CopperlineError('CL_DEMO_OFFER_UNACCEPTABLE', { sentence });
}
