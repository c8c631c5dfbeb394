import type { CopperlineConfig } from './config/schema.js';
import type { Clock } from './kernel/clock.js';
import type { Log } from './kernel/log.js';
import { Authenticator, DEFAULT_AUTHENTICATION } from './signaling/authentication.js';
import type { SipClient } from './signaling/sip-client.js';
import type { IdentifyTrunk } from './signaling/trunk-gate.js';
import { systemLookup } from './trunks/host-lookup.js';
import { InboundIdentity, watchInbound } from './trunks/inbound-identity.js';
import { LineTokens } from './trunks/line-tokens.js';
import { TrunkAddresses } from './trunks/trunk-addresses.js';
import {
  MemoryTrunkBoard,
  type TrunkBoard,
  type TrunkView,
  type TrunkWatch,
} from './trunks/trunk-board.js';
import { TrunkHealth } from './trunks/trunk-health.js';
import { TrunkRegistration, type RegistrationOptions } from './trunks/trunk-registration.js';
import type { Trunk } from './trunks/trunk.js';

/** What the trunks need to be called from, before signalling starts. */
export interface TrunkGate {
  identify: IdentifyTrunk;
  /** For the guard of the SIP server. */
  isKnown: (uri: string, host: string) => boolean;
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
  const { identify, isKnown } = identity;
  return { identify, isKnown, lines, close: () => addresses.close() };
}

/** The trunks at work: what watches them, and what calls ask. */
export interface TrunkService {
  board: TrunkBoard;
  /** Takes our contacts away from the registrars. */
  close(): Promise<void>;
}

/** Registers at the carriers and asks them whether they are there; waits for no answer. */
export function startTrunks(
  trunks: readonly Trunk[],
  parts: { signaling: { client: SipClient }; gate: TrunkGate; clock: Clock; log: Log },
): TrunkService {
  const { clock, gate } = parts;
  const { client } = parts.signaling;
  const log = parts.log.child({ part: 'trunks' });
  const board = new MemoryTrunkBoard(trunks, { clock, log });
  const common = { client, clock, log, random: Math.random };
  const watches = trunks.map((trunk): TrunkWatch => {
    const watch = {
      health: new TrunkHealth({
        ...{ ...common, trunk },
        onChanged: (state, sentence) => {
          board.events.emit('health', trunk.name, state, sentence);
        },
      }),
      registrations: registrationsOf(trunk, gate.lines, (line) => ({
        ...{ ...common, line },
        onChanged: (status) => {
          board.events.emit('registration', status);
        },
      })),
    };
    board.watch(trunk.name, watch);
    return watch;
  });
  for (const { health, registrations } of watches) {
    health.start();
    for (const registration of registrations) registration.start();
  }
  return {
    board,
    close: async () => {
      await Promise.all(
        watches.flatMap(({ health, registrations }) => [
          health.close(),
          ...registrations.map((registration) => registration.close()),
        ]),
      );
      board.events.removeAll();
    },
  };
}

/** One for all registrars in order, or one for each. */
function registrationsOf(
  trunk: Trunk,
  lines: LineTokens,
  optionsFor: (line: { user: string; params: string }) => Omit<RegistrationOptions, 'trunk'>,
): TrunkRegistration[] {
  const { registration } = trunk;
  if (registration === undefined) return [];
  const { registrars, mode, contactUser } = registration;
  const groups = mode === 'all' ? registrars.map((registrar) => [registrar]) : [registrars];
  return (groups.length === 0 ? [[]] : groups).map((group) => {
    const options = optionsFor(lines.add(trunk.name, contactUser));
    return new TrunkRegistration({ ...options, trunk: { ...trunk, registration } }, group);
  });
}

/** The part of the health check that is about trunks: bad when calls can go nowhere. Names alone, for anybody may read it. */
export function trunksVerdict(trunks: readonly TrunkView[]): { up: boolean; sentence?: string } {
  const bad = trunks.filter(
    ({ health, registrations }) =>
      health === 'down' || registrations.some(({ state }) => state === 'failed'),
  );
  if (bad.length === 0) return { up: true };
  const names = bad.map(({ name }) => name).join(', ');
  const sentence = `${bad.length} of ${trunks.length} trunks are down or not registered: ${names}.`;
  return { up: bad.length < trunks.length, sentence };
}
