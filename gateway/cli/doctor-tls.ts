import { readFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { isIP } from 'node:net';
import { delay, type Clock } from '../kernel/clock.js';
import type { Finding } from './doctor-report.js';

export interface TlsQuestion {
  /** What the certificate must be for. */
  host: string;
  address: string;
  port: number;
  /** PEM file of who may have signed it; Node.js's own list without one. */
  caFile: string | undefined;
  /** False: `verifyServers: false`, so that a wrong certificate is a warning only. */
  verify: boolean;
  clock: Clock;
}

const TIMEOUT_MS = 5_000;
const DAY_MS = 86_400_000;
const SOON_DAYS = 14;

/** A TLS handshake as the SIP server makes it, and what the certificate says. Never rejects. */
export async function examineTls(question: TlsQuestion): Promise<Finding> {
  const { host, address, port, clock } = question;
  const what = 'TLS';
  let ca: Buffer | undefined;
  try {
    ca = question.caFile === undefined ? undefined : await readFile(question.caFile);
  } catch {
    return { verdict: 'fail', what, fact: `${String(question.caFile)} cannot be read.` };
  }
  const waiting = new AbortController();
  const socket = connect({
    ...{ host: address, port, rejectUnauthorized: false, ca },
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
  try {
    const outcome = await Promise.race([
      new Promise<'secure' | Error>((resolve) => {
        socket.once('secureConnect', () => {
          resolve('secure');
        });
        socket.on('error', resolve);
      }),
      delay(clock, TIMEOUT_MS, waiting.signal).then(() => new Error('no answer in time')),
    ]);
    const where = `${address}:${port}`;
    if (outcome !== 'secure')
      return { verdict: 'fail', what, fact: `No TLS with ${where}: ${outcome.message}.` };
    const { valid_to: until, subject } = socket.getPeerCertificate();
    const name = [subject.CN].flat().join(', ');
    const said = `${where} speaks ${socket.getProtocol() ?? 'TLS'}, certificate for ${name} until ${until}`;
    if (!socket.authorized) {
      const why = String(socket.authorizationError);
      const verdict = question.verify ? 'fail' : 'warn';
      return { verdict, what, fact: `${said}, which is not accepted: ${why}.` };
    }
    const days = (Date.parse(until) - clock.now()) / DAY_MS;
    return { verdict: days < SOON_DAYS ? 'warn' : 'ok', what, fact: `${said}.` };
  } finally {
    waiting.abort();
    socket.destroy();
  }
}
