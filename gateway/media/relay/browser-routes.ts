import type { IcePath } from '../ice/ice-paths.js';
import type { IceCredentials } from '../ice/ice-lite-agent.js';
import type { StunMessage } from '../ice/stun-message.js';
import type { Endpoint } from '../ice/stun-response.js';

/** Whom packets of a browser belong to. MUST NOT throw; the buffers are its own. */
export interface PacketOwner {
  readonly credentials: IceCredentials;
  /** A message for our ufrag. False: not made with our password. */
  onCheck(message: StunMessage, from: Endpoint): boolean;
  /** False when it is in the clear and the handshake here is over: it may be another owner's. */
  onDtls(datagram: Buffer, path: IcePath): boolean;
  /** SRTP or SRTCP. False when it is not protected as agreed here, or came before. */
  onMedia(packet: Buffer, path: IcePath): boolean;
  /** Nobody wanted a packet that came on that path. */
  onUnwanted(path: IcePath): void;
}

interface Route {
  path: IcePath;
  owner: PacketOwner;
}

/** Who is behind each address that ICE has validated, without a string or an object made for a packet. */
export class BrowserRoutes {
  readonly #byPort = new Map<number, Route[]>();

  get size(): number {
    let size = 0;
    for (const routes of this.#byPort.values()) size += routes.length;
    return size;
  }

  /**
   * Two owners may have one address: a browser that restarts ICE on its old socket, or whose port was another one's before. Who came last
   * is asked first.
   */
  add(path: IcePath, owner: PacketOwner): void {
    const routes = this.#byPort.get(path.port);
    if (routes === undefined) this.#byPort.set(path.port, [{ path, owner }]);
    else routes.unshift({ path, owner });
  }

  remove(path: IcePath): void {
    const routes = this.#byPort.get(path.port);
    const at = routes?.findIndex((route) => route.path === path) ?? -1;
    if (routes === undefined || at < 0) return;
    routes.splice(at, 1);
    if (routes.length === 0) this.#byPort.delete(path.port);
  }

  /** The hot path. False when nobody is there. */
  media(packet: Buffer, { address, port }: Endpoint): boolean {
    const routes = this.#byPort.get(port);
    if (routes === undefined) return false;
    let first: Route | undefined;
    for (const route of routes) {
      if (route.path.address !== address) continue;
      if (route.owner.onMedia(packet, route.path)) return true;
      first ??= route;
    }
    first?.owner.onUnwanted(first.path);
    return first !== undefined;
  }

  dtls(datagram: Buffer, { address, port }: Endpoint): boolean {
    const routes = this.#byPort.get(port)?.filter(({ path }) => path.address === address) ?? [];
    routes.some(({ owner, path }) => owner.onDtls(datagram, path));
    return routes.length > 0;
  }
}
