import type { LegName, LegStatistics, MediaStatistics } from '../media-engine.js';
import { type BencodeDictionary, type BencodeValue, dictionary } from './bencode.js';
import type { LegTags } from './leg-tags.js';

/** What a reply to `query` or `delete` says of one leg. */
interface LegCounters {
  packets: number;
  errors: number;
  /** DTLS with a browser is finished. */
  secured: boolean;
  ssrc: number | undefined;
}

export type CallCounters = Record<LegName, LegCounters>;

/** What the session knows itself, since rtpengine does not count it. */
export interface OwnCounters {
  tags: LegTags;
  codecs: Partial<Record<LegName, string | undefined>>;
  heardOf: Record<LegName, number>;
  playedTo: Record<LegName, number>;
  droppedFor: Record<LegName, number>;
}

const VERIFIED = 'DTLS fingerprint verified';

export function readCounters(reply: BencodeDictionary, tags: LegTags): CallCounters {
  const of = (leg: LegName): LegCounters => legCounters(reply, tags.of(leg));
  return { caller: of('caller'), callee: of('callee') };
}

function legCounters(reply: BencodeDictionary, name: string): LegCounters {
  const tag = dictionary(dictionary(reply['tags'])?.[name]);
  // Refused m= lines have entries too, with nothing in them.
  const streams = items(tag?.['medias']).flatMap((media) => items(media['streams']));
  const own = streams.filter((stream) => flags(stream).includes('RTP'));
  const sum = (field: string): number =>
    own.reduce((total, stream) => total + whole(dictionary(stream['stats'])?.[field]), 0);
  const ssrc = own.map((stream) => stream['SSRC']).find((value) => typeof value === 'number');
  return {
    packets: sum('packets'),
    errors: sum('errors'),
    secured: own.some((stream) => flags(stream).includes(VERIFIED)),
    ssrc,
  };
}

/**
 * The statistics of a call. What is sent to a leg is what came from the other, less what could not be
 * forwarded. Loss, jitter and round trip are those of the last RTCP report about the leg's stream.
 */
export function statisticsOf(reply: BencodeDictionary, own: OwnCounters): MediaStatistics {
  const counters = readCounters(reply, own.tags);
  const of = (leg: LegName, other: LegName): LegStatistics => ({
    codec: own.codecs[leg],
    packetsReceived: counters[leg].packets,
    packetsSent: Math.max(0, counters[other].packets - counters[other].errors),
    packetsRejected: counters[leg].errors,
    ...quality(reply, counters[leg]),
    digitsReceived: own.heardOf[leg],
    digitsSent: own.playedTo[leg],
    digitsDropped: own.droppedFor[leg],
  });
  return { caller: of('caller', 'callee'), callee: of('callee', 'caller') };
}

function quality(
  reply: BencodeDictionary,
  { ssrc, packets }: LegCounters,
): Pick<LegStatistics, 'packetsLost' | 'jitterMs' | 'roundTripMs'> {
  const source = dictionary(dictionary(reply['SSRC'])?.[String(ssrc)]);
  const average = dictionary(source?.['average MOS']);
  if (average === undefined) return { packetsLost: 0, jitterMs: 0, roundTripMs: undefined };
  const lostPercent = Math.min(99, whole(average['packet loss']));
  return {
    packetsLost: Math.round((packets * lostPercent) / (100 - lostPercent)),
    jitterMs: whole(average['jitter']),
    roundTripMs: whole(average['round-trip time']) / 1000,
  };
}

function items(value: BencodeValue | undefined): BencodeDictionary[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item) => {
    const entry = dictionary(item);
    return entry === undefined ? [] : [entry];
  });
}

function flags(stream: BencodeDictionary): BencodeValue[] {
  const value = stream['flags'];
  return Array.isArray(value) ? value : [];
}

function whole(value: BencodeValue | undefined): number {
  return typeof value === 'number' ? value : 0;
}
