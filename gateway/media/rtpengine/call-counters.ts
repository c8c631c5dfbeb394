import type { LegName, LegQuality, LegStatistics, MediaStatistics } from '../media-engine.js';
import { type BencodeDictionary, type BencodeValue, dictionary } from './bencode.js';
import type { LegTags } from './leg-tags.js';

/** What a reply to `query` or `delete` says of one leg. */
interface LegCounters {
  packets: number;
  errors: number;
  /** DTLS with a browser is finished. */
  secured: boolean;
  /** RTCP comes on the port of RTP, and is counted among its packets. */
  hasRtcp: boolean;
}

export type CallCounters = Record<LegName, LegCounters>;

/** How a leg sounds over the whole call. */
export interface MeasuredLeg {
  quality: LegQuality;
  /** Of what it sends. */
  packetsLost: number;
}

/** What the session knows itself, since rtpengine does not count it. */
export interface OwnCounters {
  tags: LegTags;
  codecs: Partial<Record<LegName, string | undefined>>;
  heardOf: Record<LegName, number>;
  playedTo: Record<LegName, number>;
  droppedFor: Record<LegName, number>;
  /** From the reports of the leg. */
  measured: (leg: LegName) => MeasuredLeg;
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
  return {
    packets: sum('packets'),
    errors: sum('errors'),
    secured: own.some((stream) => flags(stream).includes(VERIFIED)),
    hasRtcp: own.some((stream) => flags(stream).includes('RTCP')),
  };
}

/** The statistics of a call. What is sent to a leg is what came from the other, less what could not be forwarded. */
export function statisticsOf(reply: BencodeDictionary, own: OwnCounters): MediaStatistics {
  const counters = readCounters(reply, own.tags);
  const of = (leg: LegName, other: LegName): LegStatistics => ({
    codec: own.codecs[leg],
    packetsReceived: counters[leg].packets,
    packetsSent: Math.max(0, counters[other].packets - counters[other].errors),
    packetsRejected: counters[leg].errors,
    ...measuredOf(own.measured(leg)),
    digitsReceived: own.heardOf[leg],
    digitsSent: own.playedTo[leg],
    digitsDropped: own.droppedFor[leg],
  });
  return { caller: of('caller', 'callee'), callee: of('callee', 'caller') };
}

function measuredOf({
  quality,
  packetsLost,
}: MeasuredLeg): Pick<LegStatistics, 'packetsLost' | 'jitterMs' | 'roundTripMs' | 'quality'> {
  return { packetsLost, jitterMs: undefined, roundTripMs: quality.roundTripMs, quality };
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
