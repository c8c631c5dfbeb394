import type { CopperlineConfig } from './config/schema.js';
import type { Clock } from './kernel/clock.js';
import type { Log } from './kernel/log.js';
import { Authenticator, DEFAULT_AUTHENTICATION } from './signaling/authentication.js';
import type { IdentifyTrunk } from './signaling/trunk-gate.js';
import { systemLookup } from './trunks/host-lookup.js';
import { InboundIdentity, watchInbound } from './trunks/inbound-identity.js';
import { LineTokens } from './trunks/line-tokens.js';
import { TrunkAddresses } from './trunks/trunk-addresses.js';
import type { Trunk } from './trunks/trunk.js';

/** What the trunks need to be called from, before signalling starts. */
export interface TrunkGate {
  identify: IdentifyTrunk;
  lines: LineTokens;
  close(): Promise<void>;
}

/** Starts looking up the trunks' addresses; does not wait for DNS, so that a slow one delays no start. */
export function openTrunkGate(
  trunks: readonly Trunk[],
  { config, clock, log }: { config: CopperlineConfig; clock: Clock; log: Log },
): TrunkGate {
  const addresses = new TrunkAddresses({ lookup: systemLookup, clock, log });
  watchInbound(trunks, addresses);
  const accounts = new Map(
    trunks.flatMap(({ inbound: { credentials } }) =>
      credentials === undefined ? [] : [[credentials.username, credentials] as const],
    ),
  );
  const lines = new LineTokens();
  const authenticator = new Authenticator(
    { ...DEFAULT_AUTHENTICATION, realm: config.sip.domain },
    (user) => accounts.get(user),
    clock,
  );
  const identity = new InboundIdentity({ trunks, addresses, authenticator, lines });
  void addresses.start();
  return { identify: identity.identify, lines, close: () => addresses.close() };
}
