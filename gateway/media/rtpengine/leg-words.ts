import { type CodecName, type LegName, type LegPolicy, otherLeg } from '../media-engine.js';
import { type Direction, receives, sends } from '../sdp/direction.js';

/** What a leg said last, as the daemon was told it. */
export interface LastWord {
  sdp: string;
  policy: LegPolicy;
}

/** What each leg of a call has said, and what was agreed with it. */
export class LegWords {
  readonly codecs: Partial<Record<LegName, CodecName | undefined>> = {};
  readonly directions: Partial<Record<LegName, Direction | undefined>> = {};
  readonly last: Partial<Record<LegName, LastWord | undefined>> = {};

  /** What a leg has agreed to; undefined before the first answer. */
  agreedBy(leg: LegName): LastWord | undefined {
    return this.codecs[leg] === undefined ? undefined : this.last[leg];
  }

  /** Whether the leg may send, by its last SDP; undefined while it has none. */
  maySend(leg: LegName): boolean | undefined {
    const own = this.directions[leg];
    const other = this.directions[otherLeg(leg)];
    if (own === undefined || other === undefined) return undefined;
    return sends(own) && other !== 'sendonly' && other !== 'inactive';
  }

  /** Whether packets may be sent to the leg, by its last SDP; undefined before the first answer. */
  takesAudio(leg: LegName): boolean | undefined {
    const direction = this.directions[leg];
    if (this.codecs[leg] === undefined || direction === undefined) return undefined;
    return receives(direction);
  }

  /** Another peer takes the place of that leg. */
  forget(leg: LegName): void {
    this.codecs[leg] = undefined;
    this.directions[leg] = undefined;
    this.last[leg] = undefined;
  }
}
