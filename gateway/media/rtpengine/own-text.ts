import { newToken } from '../../kernel/ids.js';
import type { LegName, LegPolicy } from '../media-engine.js';
import type { PeerDescription } from '../sdp/peer-description.js';
import { amongLines, withOrigin } from '../sdp/narrow-sdp.js';

type PeerLines = Pick<PeerDescription, 'lines' | 'audioIndex'>;

interface Written {
  body: string;
  version: number;
  /** Of the audio line. */
  port: number;
}

/** The SDPs told to each leg, under an origin that stays the same and counts their changes. */
export class OwnText {
  readonly #id = String(Number.parseInt(newToken(6), 16));
  readonly #written: Partial<Record<LegName, Written>> = {};
  readonly #ports: Partial<Record<LegName, number>> = {};
  readonly #lines: Partial<Record<LegName, PeerLines>> = {};

  /** What a leg's own SDP has: its m= lines are answered and offered in their order from now on. */
  hear(leg: LegName, { lines, audioIndex }: PeerLines): void {
    this.#lines[leg] = { lines, audioIndex };
  }

  /** Ports of the daemon for each leg: RTP and RTCP, or one for both (RFC 5761). */
  get ports(): number {
    return (this.#ports.caller ?? 0) + (this.#ports.callee ?? 0);
  }

  /** Whose port that is, of RTP or of RTCP. */
  legAt(port: number): LegName | undefined {
    return (['caller', 'callee'] as const).find((leg) => {
      const own = this.#written[leg]?.port;
      return own === port || own === port - 1;
    });
  }

  /** A leg has ports from the first offer on, whoever made it. */
  hold(leg: LegName, { kind }: LegPolicy): void {
    this.#ports[leg] = kind === 'webrtc' ? 1 : 2;
  }

  /** The daemon's SDP for a leg as it is told. RFC 3264 section 8: the version grows with each change. */
  take(leg: LegName, written: string, policy: LegPolicy): string {
    const sdp = policy.kind === 'webrtc' ? amongLines(written, this.#lines[leg]) : written;
    const body = withOrigin(sdp, { id: '0', version: 0 });
    const before = this.#written[leg];
    const version = (before?.version ?? 0) + (before?.body === body ? 0 : 1);
    const port = Number(/^m=audio (\d+)/m.exec(written)?.[1]);
    this.#written[leg] = { body, version, port };
    this.hold(leg, policy);
    return withOrigin(sdp, { id: this.#id, version });
  }
}
