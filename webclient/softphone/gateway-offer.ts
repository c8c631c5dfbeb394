import { gatewayIceServers, type IceServerSource } from '../phone/ice-servers.js';

/** What the gateway of this page has for its phones. */
export interface GatewayOffer {
  /** For everybody. */
  iceServers: RTCIceServer[];
  /** Where users get more of them. */
  turnUrl?: string | undefined;
  /** What to call for a test; undefined: nothing echoes here. */
  testNumber?: string | undefined;
}

/** Where the ICE servers of an account's calls come from. */
export function iceServersFor(
  account: { server: string; user: string; password: string },
  { iceServers, turnUrl }: GatewayOffer,
): RTCIceServer[] | IceServerSource {
  // The password is the business of the gateway that this page came from, not of another server that somebody entered.
  if (turnUrl === undefined || new URL(account.server).host !== new URL(turnUrl).host)
    return iceServers;
  return gatewayIceServers({ url: turnUrl, user: account.user, password: account.password });
}
