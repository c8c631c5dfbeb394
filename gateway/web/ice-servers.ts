import type { IceServer, WebSettings } from './web-options.js';
import { mintTurnCredentials } from './turn-credentials.js';

/** RTCIceServer of the WebRTC specification. */
export interface PlainIceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

type IceSettings = Pick<WebSettings, 'iceServers' | 'turn'>;

/** ICE servers for one user or visitor. */
export interface IceGrant {
  iceServers: PlainIceServer[];
  /** After so long they are to be asked for again. */
  ttlSeconds: number;
}

/** Without `web.turn` nothing expires, but the settings may change. */
const STATIC_TTL_SECONDS = 3_600;

/** What anybody may know who opens the page: servers that ask for no credentials. */
export function openIceServers({ iceServers }: IceSettings): PlainIceServer[] {
  return iceServers.filter(isOpen).map(plain);
}

/** True when there is more for those who are known. */
export function hasClosedIceServers({ iceServers, turn }: IceSettings): boolean {
  return turn !== undefined || !iceServers.every(isOpen);
}

/** Everything that `user` may relay over, credentials included, those of `web.turn` made for this user and a while. */
export function grantIceServers(settings: IceSettings, user: string, nowMs: number): IceGrant {
  const { iceServers, turn } = settings;
  const known = iceServers.map(plain);
  return turn === undefined
    ? { iceServers: known, ttlSeconds: STATIC_TTL_SECONDS }
    : {
        iceServers: [...known, mintTurnCredentials(turn, user, nowMs)],
        ttlSeconds: turn.ttlSeconds,
      };
}

function isOpen({ username, credential }: IceServer): boolean {
  return username === undefined && credential === undefined;
}

function plain({ urls, username, credential }: IceServer): PlainIceServer {
  return {
    urls: [...urls],
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential: credential.reveal() }),
  };
}
