import type { IceServer } from './web-options.js';

/** RTCIceServer of the WebRTC specification. */
export interface PlainIceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** As browsers need them, credentials included: those are for everybody who may call. */
export function plainIceServers(servers: readonly IceServer[]): PlainIceServer[] {
  return servers.map(({ urls, username, credential }) => ({
    urls: [...urls],
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential: credential.reveal() }),
  }));
}
