import { spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../gateway/kernel/clock.js';
import { silentLog } from '../../../gateway/kernel/log.js';
import { Secret } from '../../../gateway/kernel/secret.js';
import {
  createRelayEngine,
  type RelayEngine,
} from '../../../gateway/media/workers/relay-engine.js';
import { mintTurnCredentials, type TurnServer } from '../../../gateway/web/turn-credentials.js';
import { ChromiumCaller } from '../../support/media-chromium-call.js';
import {
  ALL_CODECS,
  closeOpened,
  openCarrier,
  openSession,
  policy,
  RTP_FORMATS,
} from '../../support/media-rig.js';

const COTURN = '/usr/bin/turnserver';
const SECRET = 'a secret of both';

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** A real coturn on loopback; resolves when it listens. */
async function startCoturn(port: number, folder: string): Promise<ChildProcess> {
  const child = spawn(
    COTURN,
    [
      ...['-n', '--use-auth-secret', `--static-auth-secret=${SECRET}`, '--realm=test'],
      ...['--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`],
      ...['--no-tls', '--no-dtls', '--no-cli', '--allow-loopback-peers', '--log-file=stdout'],
      ...[`--pidfile=${join(folder, 'pid')}`, `--userdb=${join(folder, 'db')}`],
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => {
      reject(new Error(`coturn ended: ${printed.slice(-500)}`));
    });
    child.stdout.on('data', (data: Buffer) => {
      printed += data.toString();
      // Its last line before it serves.
      if (printed.includes('DB connection success')) resolve();
    });
  });
  return child;
}

describe.skipIf(!existsSync(COTURN))('a browser behind a TURN server (coturn)', () => {
  let engine: RelayEngine;
  let chromium: ChromiumCaller;
  let coturn: ChildProcess;
  let folder = '';
  let url = '';

  beforeAll(async () => {
    const port = await freePort();
    folder = await mkdtemp(join(tmpdir(), 'copperline-turn-'));
    coturn = await startCoturn(port, folder);
    url = `turn:127.0.0.1:${port}?transport=udp`;
    engine = await createRelayEngine({
      workers: 1,
      browser: { host: '127.0.0.1', port: 0 },
      carrier: { host: '127.0.0.1', ports: undefined },
      timeoutMs: 10_000,
      log: silentLog,
      clock: systemClock,
    });
    chromium = await ChromiumCaller.start();
  });

  afterAll(async () => {
    await closeOpened();
    await chromium.close();
    await engine.close();
    const gone = once(coturn, 'exit');
    coturn.kill('SIGKILL');
    await gone;
    await rm(folder, { recursive: true, force: true });
  });

  const minted = (secret: string): TurnServer =>
    mintTurnCredentials(
      { urls: [url], secret: new Secret(secret), ttlSeconds: 60 },
      'alice',
      Date.now(),
    );

  it('is heard and hears over the relay alone, with minted credentials', async () => {
    const session = await openSession(engine);
    const carrier = await openCarrier();
    const offer = await chromium.offer({
      iceServers: [minted(SECRET)],
      iceTransportPolicy: 'relay',
    });
    expect(offer).toMatch(/a=candidate:.* typ relay/);
    expect(offer).not.toMatch(/ typ host/);
    const policies = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcmu']) };
    carrier.follow(await session.offerTo('callee', offer, policies));
    carrier.echo = true;
    await chromium.connect(await session.answerTo('caller', carrier.sdp(RTP_FORMATS.pcmu)));
    await carrier.rtp.waitFor(100);
    const heard = await chromium.statistics();
    expect(heard.packetsReceived).toBeGreaterThan(50);
    expect(heard.totalAudioEnergy).toBeGreaterThan(0.0001);
    await chromium.hangUp();
  });

  it('gets no relay with credentials of another secret', async () => {
    const offer = await chromium.offer({
      iceServers: [minted('another')],
      iceTransportPolicy: 'relay',
    });
    expect(offer).not.toMatch(/ typ relay/);
    await chromium.hangUp();
  });
});
