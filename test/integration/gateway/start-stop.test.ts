import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ConfigInput } from '../../../gateway/config/schema.js';
import { GatewayBrowser } from '../../support/gateway-browser.js';
import { GatewayCarrier } from '../../support/gateway-carrier.js';
import { GatewayChild } from '../../support/gateway-child.js';
import { freeUdpPort } from '../../support/gateway-port.js';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import { gatewayConfig, SECRET_WORD } from '../../support/gateway-world.js';
import type { PeerMessage } from '../../support/sip-peer-message.js';

// Each test starts a process.
vi.setConfig({ testTimeout: 30_000 });

const closings: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function config(carrier = 5_060): Promise<ConfigInput> {
  const base = gatewayConfig({ sip: await freeUdpPort(), carrier, second: 5_060 });
  return { ...base, log: { level: 'info' } };
}

function start(settings: ConfigInput): GatewayChild {
  const child = new GatewayChild(settings);
  closings.push(() => child.remove());
  return child;
}

/** Outside of the default range for carriers' RTP, which the configuration would refuse first. */
async function takenUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  closings.push(() => {
    socket.close();
  });
  const { port } = socket.address();
  return port >= 41_000 && port <= 42_999 ? takenUdpPort() : port;
}

async function takenTcpPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  closings.push(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe('a port that is taken', () => {
  it.each<[string, () => Promise<{ port: number; settings: Partial<ConfigInput> }>]>([
    [
      'for the page',
      async () => {
        const port = await takenTcpPort();
        return { port, settings: { web: { port } } };
      },
    ],
    [
      'for SIP',
      async () => {
        const port = await takenUdpPort();
        const server = { embedded: { udp: { port } } };
        return { port, settings: { sip: { domain: 'gateway.test', server } } };
      },
    ],
    [
      'for the browsers’ media',
      async () => {
        const port = await takenUdpPort();
        return { port, settings: { media: { relay: { workers: 1, browser: { port } } } } };
      },
    ],
  ])('%s ends the start with one sentence that names it', async (_what, taken) => {
    const { port, settings } = await taken();
    const child = start({ ...(await config()), ...settings });
    expect(await child.exit()).toBe(1);
    expect(child.stderr).toMatch(/^[A-Z].*\.\n$/);
    expect(child.stderr).toContain(String(port));
    expect(child.stderr + child.stdout).not.toMatch(/\n\s+at /);
    expect(child.stdout).not.toContain('ready:');
  });
});

interface Running {
  child: GatewayChild;
  carrier: GatewayCarrier;
  browser: GatewayBrowser;
  ok: PeerMessage;
  carrierInvite: PeerMessage;
}

/** A gateway in a process of its own with one call that is up. */
async function callInChild(settings: Partial<ConfigInput> = {}): Promise<Running> {
  const carrier = await GatewayCarrier.open();
  closings.push(() => carrier.close());
  const child = start({ ...(await config(carrier.port)), ...settings });
  const browser = await GatewayBrowser.open({ url: await child.url(), password: SECRET_WORD });
  closings.push(() => browser.close());
  const invite = await browser.invite('600', browserOffer());
  const carrierInvite = await carrier.next('INVITE');
  carrier.reply(carrierInvite, 200, { body: carrierAnswer() });
  const ok = await browser.answerTo(invite, 200);
  browser.callerRequest('ACK', ok, { sequence: 2 });
  await carrier.next('ACK');
  return { child, carrier, browser, ok, carrierInvite };
}

describe('SIGTERM', () => {
  it('refuses new calls, waits for those that are up, then ends with 0', async () => {
    const { child, carrier, browser, ok } = await callInChild();
    carrier.answerWhatEndsCalls();
    child.signal('SIGTERM');
    await expect.poll(() => child.stdout).toContain('no new calls');
    const health = await fetch(new URL('/health', await child.url()));
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({
      parts: { calls: { up: false, sentence: 'The gateway takes no new calls now.' } },
    });
    const late = await browser.invite('600', browserOffer());
    expect(await browser.refusalOf(late)).toMatchObject({ status: 503, code: 'CL_CALL_DRAINING' });
    const closed = browser.closedByGateway();
    browser.callerRequest('BYE', ok, { sequence: 3 });
    expect((await closed).code).toBe(1001);
    expect(await child.exit()).toBe(0);
    expect(child.cdrs().map(({ end }) => end.code)).toEqual(['CL_CALL_DRAINING', 'NORMAL']);
    expect(child.stderr).toBe('');
    expect(child.stdout).not.toContain(SECRET_WORD);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'and then %s ends the calls that are up, with BYE both ways',
    async (second) => {
      const { child, carrier, browser } = await callInChild();
      child.signal('SIGTERM');
      await expect.poll(() => child.stdout).toContain('no new calls');
      child.signal(second);
      carrier.reply(await carrier.next('BYE'), 200);
      browser.reply(await browser.next('BYE'), 200);
      expect(await child.exit()).toBe(0);
      expect(child.cdrs().map(({ end }) => end.code)).toEqual(['CL_CALL_SHUTDOWN']);
      expect(child.stderr).toBe('');
    },
  );

  it('ends the calls that are still up when the drain time is over', async () => {
    const { child, carrier, browser } = await callInChild({ drainSeconds: 1 });
    child.signal('SIGTERM');
    carrier.reply(await carrier.next('BYE'), 200);
    browser.reply(await browser.next('BYE'), 200);
    expect(await child.exit()).toBe(0);
    expect(child.cdrs().map(({ end }) => end.code)).toEqual(['CL_CALL_SHUTDOWN']);
  });

  it('of an idle gateway ends it at once', async () => {
    const child = start(await config());
    await child.url();
    child.signal('SIGTERM');
    expect(await child.exit()).toBe(0);
    expect(child.cdrs()).toEqual([]);
  });
});
