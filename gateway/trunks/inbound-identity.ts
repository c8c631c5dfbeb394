import type { Authenticator } from '../signaling/authentication.js';
import { refusalOf } from '../signaling/refusal.js';
import type { SipRequest } from '../signaling/sip-request.js';
import type { CallerVerdict, TrunkOrigin } from '../signaling/trunk-gate.js';
import type { LineTokens } from './line-tokens.js';
import { NetworkList, plainAddress } from './network-list.js';
import type { TrunkAddresses } from './trunk-addresses.js';
import { networkNames, type Trunk } from './trunk.js';

export interface InboundIdentityOptions {
  trunks: readonly Trunk[];
  /** Already watching what watchInbound() names. */
  addresses: TrunkAddresses;
  /** Knows the users of the trunks' inbound credentials. */
  authenticator: Authenticator;
  lines: LineTokens;
}

interface Gate {
  trunk: Trunk;
  networks: NetworkList;
}

/** Names whose addresses may call, for TrunkAddresses. */
export function watchInbound(trunks: readonly Trunk[], addresses: TrunkAddresses): void {
  for (const trunk of trunks)
    for (const host of networkNames(trunk)) addresses.watch(placeOf(trunk, host));
}

/**
 * Finds the trunk that an INVITE came from: by the contact that we registered, by its address, or by digest credentials.
 * A trunk with `inbound.credentials` takes no INVITE without them; networks beside them narrow where these may come from.
 */
export class InboundIdentity {
  readonly #options: InboundIdentityOptions;
  readonly #gates: readonly Gate[];

  constructor(options: InboundIdentityOptions) {
    this.#options = options;
    this.#gates = options.trunks.map((trunk) => ({
      trunk,
      networks: new NetworkList(trunk.inbound.networks ?? []),
    }));
  }

  readonly identify = (request: SipRequest): CallerVerdict => {
    const line = this.#options.lines.find(request.uri);
    if (line !== undefined) {
      const { trunk, inUser } = line;
      return known({ trunk, by: 'registration' }, inUser ? 'to' : 'request-uri');
    }
    const { address, port } = senderOf(request.source);
    const near = this.#narrowest(address, port);
    if (near !== undefined) return known({ trunk: near.name, by: 'network' }, 'request-uri');
    return this.#authenticate(request, address);
  };

  /**
   * False for whoever is refused whatever else the request holds: no line of ours, no address of a trunk, nobody to ask for a digest. While
   * DNS owes the addresses of a trunk, nobody is: it may be that one.
   */
  readonly isKnown = (uri: string, host: string): boolean => {
    const { lines, addresses } = this.#options;
    if (addresses.incomplete || lines.find(uri) !== undefined) return true;
    const address = plainAddress(host);
    return this.#gates.some((gate) =>
      gate.trunk.inbound.credentials === undefined
        ? this.#bits(gate, address) !== undefined
        : this.#mayComeFrom(gate, address),
    );
  };

  /** Among trunks of one network, the one whose port it is, then the first one. */
  #narrowest(address: string, port: number): Trunk | undefined {
    let best: { trunk: Trunk; rank: number } | undefined;
    for (const gate of this.#gates) {
      if (gate.trunk.inbound.credentials !== undefined) continue;
      const bits = this.#bits(gate, address);
      if (bits === undefined) continue;
      const rank = bits * 2 + (gate.trunk.port === port ? 1 : 0);
      if (best === undefined || rank > best.rank) best = { trunk: gate.trunk, rank };
    }
    return best?.trunk;
  }

  #bits({ trunk, networks }: Gate, address: string): number | undefined {
    const named = networkNames(trunk).some((host) =>
      this.#options.addresses.has(placeOf(trunk, host), address),
    );
    return named ? 128 : networks.match(address);
  }

  #authenticate(request: SipRequest, address: string): CallerVerdict {
    const gates = this.#gates.filter(
      (gate) => gate.trunk.inbound.credentials !== undefined && this.#mayComeFrom(gate, address),
    );
    if (gates.length === 0) return stranger(request.source);
    // Failures count for the address: a port is chosen anew for each try.
    const verdict = this.#options.authenticator.check({ ...request, source: address }, 401);
    if (verdict.kind === 'refused') return verdict;
    const gate = gates.find(({ trunk }) => trunk.inbound.credentials?.username === verdict.user);
    if (gate === undefined) return stranger(request.source);
    return known({ trunk: gate.trunk.name, by: 'digest' }, 'request-uri');
  }

  #mayComeFrom(gate: Gate, address: string): boolean {
    return gate.trunk.inbound.networks === undefined || this.#bits(gate, address) !== undefined;
  }
}

function known(origin: TrunkOrigin, calledIn: 'request-uri' | 'to'): CallerVerdict {
  return { kind: 'trunk', origin, calledIn };
}

function stranger(source: string): CallerVerdict {
  const sentence = `The caller at ${source} is no browser of this gateway, and its address belongs to no trunk.`;
  return { kind: 'refused', refusal: refusalOf('CL_TRUNK_STRANGER', sentence) };
}

/** The name of a trunk's own host is looked up like an INVITE to it, others by their addresses alone. */
function placeOf(
  trunk: Trunk,
  host: string,
): { host: string; port: number | undefined; transport: Trunk['transport'] } {
  const { transport } = trunk;
  return { host, transport, port: host === trunk.host ? trunk.port : undefined };
}

/** Of `host:port`, IPv6 with or without brackets. */
function senderOf(source: string): { address: string; port: number } {
  const colon = source.lastIndexOf(':');
  const host = source.slice(0, colon).replace(/^\[|\]$/g, '');
  return { address: plainAddress(host), port: Number(source.slice(colon + 1)) };
}
