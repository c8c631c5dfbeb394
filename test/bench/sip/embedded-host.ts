import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock } from '../../../gateway/kernel/clock.js';
import { createLog } from '../../../gateway/kernel/log.js';
import { Secret } from '../../../gateway/kernel/secret.js';
import { startSipServer } from '../../../gateway/sip-server/server.js';
import type { SipServer } from '../../../gateway/sip-server/server-options.js';
import { serve } from '../child-rpc.js';
import type { ServerPorts, ServerReport } from './server-under-test.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Longer than any transaction lives after its final response (RFC 3261 section 17: 64*T1). */
const IDLE_MS = 45_000;
const LOOK_MS = 250;
const BYTES_PER_MB = 2 ** 20;

let server: SipServer | undefined;

function running(): SipServer {
  if (server === undefined) throw new Error('not started');
  return server;
}

async function start(): Promise<ServerPorts> {
  const host = '127.0.0.1';
  const secret = randomBytes(12).toString('hex');
  server = await startSipServer({
    listeners: [
      { protocol: 'udp', host, port: 0 },
      { protocol: 'ws', host, port: 0 },
    ],
    application: { host, port: 0, secret: new Secret(secret) },
    log: createLog({ level: 'warn' }),
    clock: systemClock,
  });
  const portOf = (protocol: string): number =>
    Number(server?.contacts.find((contact) => contact.startsWith(`${protocol}/`))?.split(':')[1]);
  return {
    udp: portOf('udp'),
    websocket: portOf('ws'),
    application: server.applicationAddress.port,
    secret,
  };
}

async function idle(): Promise<void> {
  const deadline = performance.now() + IDLE_MS;
  while (running().counts().transactions > 0) {
    if (performance.now() > deadline) throw new Error('transactions do not end');
    await pause(LOOK_MS);
  }
}

function report(): ServerReport {
  collectGarbage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    residentMb: rss / BYTES_PER_MB,
    liveMb: (heapUsed + external) / BYTES_PER_MB,
    counts: running().counts(),
  };
}

serve({ start, idle, report });
