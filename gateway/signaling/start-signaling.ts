import type { Clock } from '../kernel/clock.js';
import type { Log } from '../kernel/log.js';
import {
  Authenticator,
  DEFAULT_AUTHENTICATION,
  type AuthenticationOptions,
} from './authentication.js';
import type { BrowserFlows } from './browser-flows.js';
import { DrachtioClient } from './drachtio-client.js';
import { DrachtioConnection, type SipServerAddress } from './drachtio-connection.js';
import { DrachtioEndpoint } from './drachtio-endpoint.js';
import { serveIncomingRequests } from './incoming-requests.js';
import type { LocationStore } from './location.js';
import { MemoryLocationStore } from './memory-location-store.js';
import { DEFAULT_REGISTRAR_LIMITS, Registrar, type RegistrarLimits } from './registrar.js';
import { RegisteredDevices } from './registered-devices.js';
import type { SipClient } from './sip-client.js';
import type { SipEndpoint } from './sip-endpoint.js';
import type { IdentifyTrunk } from './trunk-gate.js';
import type { UserDevices } from './user-devices.js';
import type { FindUser } from './users.js';

export interface SignalingOptions {
  /** The embedded SIP server or a drachtio-server: its application port and secret. */
  sipServer: SipServerAddress;
  flows: BrowserFlows;
  findUser: FindUser;
  authentication: Pick<AuthenticationOptions, 'realm'> & Partial<AuthenticationOptions>;
  registrar?: Partial<RegistrarLimits>;
  /** Finds the trunk of an INVITE that came on no WebSocket of ours; without it they are refused. */
  identifyTrunk?: IdentifyTrunk | undefined;
  /** Memory of this process when absent. */
  locations?: LocationStore;
  clock: Clock;
  log: Log;
}

export interface Signaling {
  readonly endpoint: SipEndpoint;
  readonly client: SipClient;
  readonly registrar: Registrar;
  readonly locations: LocationStore;
  readonly devices: UserDevices;
  readonly connection: DrachtioConnection;
  /** Resolves when no dialog and no INVITE is open any more; at worst after the SIP timeouts (32 s). */
  idle(): Promise<void>;
  /** Idempotent. Dialogs that are still up are lost; end the calls first. */
  close(): Promise<void>;
}

/**
 * Connects to the SIP server and serves it: REGISTER, INVITE, OPTIONS.
 * @throws CopperlineError CL_SIP_SERVER_UNREACHABLE, CL_SIP_SERVER_REFUSED
 */
export async function startSignaling(options: SignalingOptions): Promise<Signaling> {
  const { clock, findUser, flows } = options;
  const log = options.log.child({ part: 'signaling' });
  const locations = options.locations ?? new MemoryLocationStore(clock);
  const limits = { ...DEFAULT_REGISTRAR_LIMITS, ...options.registrar };
  const registrar = new Registrar({ store: locations, limits, clock, log });
  const devices = new RegisteredDevices({ registrar, locations, clock });
  const authentication = { ...DEFAULT_AUTHENTICATION, ...options.authentication };
  const authenticator = new Authenticator(authentication, findUser, clock);
  const connection = new DrachtioConnection({
    ...{ server: options.sipServer, clock, log },
    prepare: (link) => {
      serveIncomingRequests(link, { endpoint, registrar, authenticator, flows, log });
    },
  });
  const endpoint = new DrachtioEndpoint({
    ...{ connection, authenticator, log },
    identifyTrunk: options.identifyTrunk,
  });
  await connection.start();
  return {
    ...{ endpoint, registrar, locations, devices, connection },
    client: new DrachtioClient(connection),
    idle: () => endpoint.idle(),
    close: async () => {
      registrar.close();
      await connection.close();
    },
  };
}
