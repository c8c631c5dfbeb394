import { sipListeners } from '../app-sip-settings.js';
import type { CopperlineConfig } from '../config/schema.js';
import type { Clock } from '../kernel/clock.js';
import { toCopperlineError } from '../kernel/errors.js';
import { newToken } from '../kernel/ids.js';
import { silentLog } from '../kernel/log.js';
import { Secret } from '../kernel/secret.js';
import type { SipServerAddress } from '../signaling/drachtio-connection.js';
import type { SipClient } from '../signaling/sip-client.js';
import { startSignaling } from '../signaling/start-signaling.js';
import { startSipServer } from '../sip-server/server.js';
import { askRegistrar } from '../trunks/registrar-client.js';
import { askOptions } from '../trunks/trunk-health.js';
import { trunkUri } from '../trunks/trunk-request.js';
import type { Trunk } from '../trunks/trunk.js';
import type { Finding } from './doctor-report.js';

/** A SIP stack of the doctor's own. */
export interface DoctorSip {
  client: SipClient;
  close(): Promise<void>;
}

/**
 * Starts a SIP stack beside a gateway that may be running: on free ports, with the same addresses and certificates.
 * @throws CopperlineError CL_START_PORT_IN_USE, CL_START_CERTIFICATE, CL_SIP_SERVER_UNREACHABLE ...
 */
export async function startDoctorSip(config: CopperlineConfig, clock: Clock): Promise<DoctorSip> {
  const server = await ownServer(config, clock);
  try {
    const signaling = await startSignaling({
      ...{ sipServer: server.address, flows: { find: () => undefined }, findUser: () => undefined },
      ...{ authentication: { realm: config.sip.domain }, clock, log: silentLog },
    });
    const close = async (): Promise<void> => {
      await signaling.close();
      await server.close();
    };
    return { client: signaling.client, close };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function ownServer(
  { sip }: CopperlineConfig,
  clock: Clock,
): Promise<{ address: SipServerAddress; close: () => Promise<void> }> {
  const chosen = sip.server;
  if (chosen.kind === 'drachtio') {
    const { host, port, secret } = chosen;
    return { address: { host, port, secret }, close: () => Promise.resolve() };
  }
  const secret = new Secret(newToken(16));
  const server = await startSipServer({
    listeners: sipListeners(chosen).map((listener) => ({ ...listener, port: 0 })),
    application: { host: '127.0.0.1', port: 0, secret },
    ...{ log: silentLog, clock },
  });
  return { address: { ...server.applicationAddress, secret }, close: () => server.close() };
}

/** As long as a SIP server keeps trying, nearly (RFC 3261 timer F is 32 s). */
const TIMEOUT_MS = 10_000;

/** Whether the trunk answers OPTIONS. */
export async function examineOptions(
  trunk: Trunk,
  parts: { client: SipClient; clock: Clock },
): Promise<Finding> {
  const what = 'OPTIONS';
  const failure = await within(parts.clock, (signal) => askOptions(trunk, parts.client, signal));
  return failure === undefined
    ? { verdict: 'ok', what, fact: `${trunkUri(trunk)} answers.` }
    : { verdict: 'fail', what, fact: `${trunkUri(trunk)}: ${failure}.` };
}

/** Whether the registrars take our credentials: a REGISTER without a contact changes nothing (RFC 3261 section 10.2.3). */
export async function examineRegistration(
  trunk: Trunk,
  parts: { client: SipClient; clock: Clock },
): Promise<Finding[]> {
  const what = 'registration';
  const { registration } = trunk;
  if (registration === undefined)
    return [{ verdict: 'info', what, fact: 'The trunk does not register.' }];
  const { registrars } = registration;
  const findings: Finding[] = [];
  for (const registrar of registrars.length === 0 ? [trunkUri(trunk)] : registrars) {
    const failure = await within(parts.clock, async (signal) => {
      const { answer } = await askRegistrar(parts.client, {
        ...{ trunk: { ...trunk, registration }, line: undefined, registrar, expiresS: 0, signal },
        ...{ callId: newToken(12), sequence: 1 },
      });
      return answer.kind === 'refused' ? answer.sentence.replace(/\.$/, '') : undefined;
    });
    findings.push(
      failure === undefined
        ? { verdict: 'ok', what, fact: `${registrar} takes the credentials.` }
        : { verdict: 'fail', what, fact: `${failure}.` },
    );
  }
  return findings;
}

/** What failed, as a phrase; undefined when nothing did. */
async function within(
  clock: Clock,
  ask: (signal: AbortSignal) => Promise<string | undefined>,
): Promise<string | undefined> {
  const enough = new AbortController();
  const timer = clock.setTimer(() => {
    enough.abort(new Error(`no answer within ${TIMEOUT_MS / 1000} s`));
  }, TIMEOUT_MS);
  try {
    return await ask(enough.signal);
  } catch (thrown) {
    return toCopperlineError(thrown, 'CL_INTERNAL').sentence.replace(/\.$/, '');
  } finally {
    timer.cancel();
  }
}
