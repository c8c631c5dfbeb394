import { newToken } from '../kernel/ids.js';

/** A line that an INVITE came in on. */
export interface Line {
  /** Name of the trunk. */
  trunk: string;
  /** True when our token is the user part: the called number is elsewhere. */
  inUser: boolean;
}

/**
 * The contacts that we register, by a token that nobody can guess. A registrar sends calls to the contact, so the token
 * tells which trunk an INVITE came from, whatever address it came from. New at each start.
 */
export class LineTokens {
  readonly #trunkOf = new Map<string, string>();
  readonly #fixedUsers = new Map<string, string>();

  /**
   * The user part and the parameters of a contact for that trunk.
   * @param fixedUser what the registrar wants to see as user part; the token is a parameter then
   */
  add(trunk: string, fixedUser: string | undefined): { user: string; params: string } {
    const token = `line-${newToken(12)}`;
    this.#trunkOf.set(token, trunk);
    if (fixedUser === undefined) return { user: token, params: '' };
    this.#fixedUsers.set(token, fixedUser);
    return { user: fixedUser, params: `;line=${token}` };
  }

  /** Undefined when the request-URI is no contact of ours. */
  find(uri: string): Line | undefined {
    const user = /^sips?:([^@:;]*)[^@]*@/i.exec(uri)?.[1] ?? '';
    const inUser = this.#trunkOf.get(user);
    if (inUser !== undefined) return { trunk: inUser, inUser: true };
    const token = /;line=([\w-]+)/i.exec(uri)?.[1] ?? '';
    const trunk = this.#trunkOf.get(token);
    return trunk === undefined
      ? undefined
      : { trunk, inUser: this.#fixedUsers.get(token) === user };
  }
}
