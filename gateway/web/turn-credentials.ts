import { createHmac } from 'node:crypto';
import type { Secret } from '../kernel/secret.js';

/** The `web.turn` section of the configuration. */
export interface TurnSettings {
  readonly urls: readonly string[];
  /** Shared with the TURN server (coturn: static-auth-secret). */
  readonly secret: Secret;
  readonly ttlSeconds: number;
}

/** RTCIceServer of the WebRTC specification. */
export interface TurnServer {
  urls: string[];
  username: string;
  credential: string;
}

/**
 * Credentials of one user for a while, by the scheme of draft-uberti-behave-turn-rest-00 as coturn has it (use-auth-secret): the name is
 * `expiry:user`, the password is its HMAC-SHA1. The TURN server checks them without asking anybody.
 */
export function mintTurnCredentials(
  { urls, secret, ttlSeconds }: TurnSettings,
  user: string,
  nowMs: number,
): TurnServer {
  const username = `${Math.floor(nowMs / 1000) + ttlSeconds}:${user}`;
  const credential = createHmac('sha1', secret.reveal()).update(username).digest('base64');
  return { urls: [...urls], username, credential };
}
