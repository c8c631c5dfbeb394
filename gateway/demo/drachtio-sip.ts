import type { Clock } from '../kernel/clock.js';
import { CopperlineError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { Secret } from '../kernel/secret.js';
import type { CarrierInvite } from './carrier-sip.js';
import { DrachtioInvite } from './drachtio-invite.js';
import { newSrf, type WireSrf } from './drachtio-wire.js';

export interface SipConnectionOptions {
  /** Where the SIP server expects its application. */
  address: { host: string; port: number };
  secret: Secret;
  clock: Clock;
  log: Log;
  onInvite: (invite: CarrierInvite) => void;
}

export interface SipConnection {
  /** Invites and dialogs that this connection still knows. */
  readonly size: number;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 5000;

/**
 * Connects drachtio-srf to the SIP server; resolves when INVITEs will arrive.
 * @throws CopperlineError CL_DEMO_NOT_CONNECTED
 */
export async function connectSip(options: SipConnectionOptions): Promise<SipConnection> {
  const srf = newSrf();
  const live = new Set<DrachtioInvite>();
  srf.invite((request, response) => {
    const invite = new DrachtioInvite({ srf, request, response, clock: options.clock });
    live.add(invite);
    invite.onGone(() => live.delete(invite));
    options.onInvite(invite);
  });
  // A gateway that checks the health of its trunks asks with OPTIONS (RFC 3261 section 11).
  srf.options((_request, response) => {
    response.send(200);
  });
  const closed = new Promise<void>((resolve) => srf.once('close', resolve));
  await connected(srf, options);
  srf.on('error', (error: unknown) => {
    options.log.warn({ err: error }, 'demo carrier: the connection to its SIP server failed');
  });
  srf.once('close', () => {
    for (const invite of live) invite.connectionLost();
  });
  return {
    get size() {
      return live.size;
    },
    async close() {
      srf.disconnect();
      await closed;
    },
  };
}

function connected(srf: WireSrf, options: SipConnectionOptions): Promise<void> {
  const { address, secret, clock } = options;
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      timer.cancel();
      reject(
        new CopperlineError('CL_DEMO_NOT_CONNECTED', {
          sentence: `The demo carrier cannot reach its SIP server at ${address.host}:${address.port}: ${why}.`,
        }),
      );
    };
    const timer = clock.setTimer(() => {
      fail(`no answer within ${CONNECT_TIMEOUT_MS} ms`);
    }, CONNECT_TIMEOUT_MS);
    srf.once('error', (error: Error) => {
      fail(error.message);
    });
    srf.once('connect', (error: Error | null) => {
      timer.cancel();
      srf.removeAllListeners('error');
      if (error === null) resolve();
      else fail(error.message);
    });
    // One attempt: the SIP server is in this process, so a lost connection is the end of it.
    srf.connect({ ...address, secret: secret.reveal(), reconnect: { maxAttempts: 1 } });
  });
}
