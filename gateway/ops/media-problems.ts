import type { CallEvents, CallRecord } from '../calls/call-events.js';
import type { Log } from '../kernel/log.js';
import type { TypedEvents } from '../kernel/typed-events.js';

type Media = NonNullable<CallRecord['media']>;
type Quality = Media['caller']['quality'];

/** A carrier may be silent as long as it rings: only a call that was answered has a problem then. */
export function problemOf({ times }: CallRecord, quality: Quality): string | undefined {
  return times.answeredMs === undefined ? undefined : quality?.problem;
}

/** The counters of a call for its record. */
export function mediaOf(record: CallRecord): Media | undefined {
  const { media } = record;
  if (media === undefined || record.times.answeredMs !== undefined) return media;
  return { caller: withoutProblem(media.caller), callee: withoutProblem(media.callee) };
}

function withoutProblem(leg: Media['caller']): Media['caller'] {
  return leg.quality === undefined
    ? leg
    : { ...leg, quality: { ...leg.quality, problem: undefined } };
}

/** Warns of one-way audio while the call is up, once for each call and leg. Returns the function that stops it. */
export function logMediaProblems(events: TypedEvents<CallEvents>, log: Log): () => void {
  const told = new Set<string>();
  const keys = (id: string): string[] => [`${id} caller`, `${id} callee`];
  const stops = [
    events.on('quality', (call, legs) => {
      for (const [index, { problem }] of [legs.caller, legs.callee].entries()) {
        const key = keys(call.id)[index] ?? '';
        if (problem === undefined || told.has(key)) continue;
        told.add(key);
        log.warn({ call: call.id, user: call.user, trunk: call.trunk }, problem);
      }
    }),
    events.on('ended', ({ id }) => {
      for (const key of keys(id)) told.delete(key);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
