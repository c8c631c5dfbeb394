import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { BareBrowser } from '../../../test/support/bare-browser.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { rtpPacket } from '../../../test/support/media-rtp-peer.js';
import { BrowserEnd } from './browser-end.js';
import { BrowserPort } from './browser-port.js';

const OPTIONS = { host: '127.0.0.1', port: 0, certificateMaxAgeMs: 1000 };

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

async function openPort(): Promise<BrowserPort> {
  const port = await BrowserPort.open(OPTIONS, new ManualClock());
  opened.push(port);
  return port;
}

function newEnd(port: BrowserPort): BrowserEnd {
  const certificate = port.certificates.current();
  return new BrowserEnd({ port, clock: new ManualClock(), certificate });
}

async function browserOf(port: BrowserPort, end: BrowserEnd): Promise<BareBrowser> {
  const browser = await BareBrowser.open();
  opened.push(browser);
  const { fingerprint } = end.certificate;
  browser.follow({ port: port.port, ...end.credentials, fingerprint }, 'none');
  return browser;
}

/** All that came before has been looked at. */
const caughtUp = (browser: BareBrowser): Promise<Buffer> => browser.check();

describe('BrowserPort', () => {
  it('says why a port cannot be had', async () => {
    const taken = createSocket('udp4');
    taken.bind(0, OPTIONS.host);
    await once(taken, 'listening');
    const { port } = taken.address();
    const refused = BrowserPort.open({ ...OPTIONS, port }, new ManualClock());
    await expect(refused).rejects.toMatchObject({ code: 'CL_START_PORT_IN_USE' });
    await expect(refused).rejects.toThrow(`127.0.0.1:${port}, cannot be used: bind EADDRINUSE`);
    taken.close();
  });

  it('takes what is sent after it was closed for lost, and closes once', async () => {
    const port = await openPort();
    port.close();
    port.close();
    port.send(Buffer.of(0), { address: '127.0.0.1', port: 9 });
  });

  it('survives what cannot be sent', async () => {
    const port = await openPort();
    const end = newEnd(port);
    end.announce();
    port.send(Buffer.alloc(70_000), { address: '127.0.0.1', port: 9 });
    port.send(Buffer.of(0), { address: '255.255.255.255', port: 9 });
    await caughtUp(await browserOf(port, end));
  });

  it('answers the checks of a browser that was told, until it is released', async () => {
    const port = await openPort();
    const end = newEnd(port);
    const browser = await browserOf(port, end);
    browser.sendRaw(browser.makeCheck());
    await expect.poll(() => port.strangers).toBe(1);
    end.announce();
    end.announce();
    await browser.check();
    expect([port.owners, port.routes.size]).toEqual([1, 1]);
    end.release();
    end.release();
    browser.sendRaw(browser.makeCheck());
    await expect.poll(() => port.strangers).toBe(2);
    expect(browser.stun.items).toHaveLength(1);
    expect([port.owners, port.routes.size]).toEqual([0, 0]);
  });

  it('keeps the DTLS that overtakes the answer of a browser, within limits', async () => {
    const port = await openPort();
    const end = newEnd(port);
    end.announce();
    const browser = await browserOf(port, end);
    await browser.check();
    const hello = (size: number, byte: number): Buffer => Buffer.alloc(size, byte).fill(22, 0, 1);
    const kept = [hello(100, 1), hello(5000, 2), hello(11_000, 3)];
    for (const datagram of [...kept, hello(1000, 4)]) browser.sendRaw(datagram);
    await caughtUp(browser);
    const heard: Buffer[] = [];
    const user = {
      onDtls: (datagram: Buffer) => heard.push(datagram) > 0,
      onMedia: () => false,
      onUnwanted: () => undefined,
      onTarget: () => void heard.push(Buffer.of(0)),
    };
    end.use(user, 'theirs');
    expect(heard).toEqual([Buffer.of(0), ...kept]);
    browser.sendRaw(hello(10, 5));
    await expect.poll(() => heard.length).toBe(5);
  });

  it('keeps nothing of a browser that had our credentials and is another one', async () => {
    const port = await openPort();
    const end = newEnd(port);
    end.announce();
    const browser = await browserOf(port, end);
    await browser.check();
    browser.sendRaw(Buffer.from('16fefd', 'hex'));
    await caughtUp(browser);
    const targets: unknown[] = [];
    const user = {
      onDtls: (datagram: unknown) => targets.push(datagram) > 0,
      ...{ onMedia: () => false, onUnwanted: () => undefined },
      onTarget: (path: unknown) => void targets.push(path),
    };
    end.use(user, 'another');
    expect([targets, port.routes.size]).toEqual([[], 0]);
  });

  it('lets nothing through from an address that ICE has not validated', async () => {
    const port = await openPort();
    const end = newEnd(port);
    end.announce();
    const [browser, stranger] = [await browserOf(port, end), await browserOf(port, end)];
    await browser.check();
    const heard: string[] = [];
    end.use(
      {
        onDtls: () => heard.push('dtls') > 0,
        onMedia: () => heard.push('media') > 0,
        ...{ onUnwanted: () => undefined, onTarget: () => undefined },
      },
      'theirs',
    );
    const media = rtpPacket({
      ...{ payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5, payload: Buffer.alloc(160) },
    });
    // Neither DTLS nor media from there, and of the kinds of RFC 7983 that have no place here from nobody.
    for (const packet of [media, Buffer.from('16fefd', 'hex'), Buffer.of(0x80)])
      stranger.sendRaw(packet);
    const foreign = [Buffer.alloc(0), Buffer.of(4), Buffer.of(19), Buffer.of(64), Buffer.of(255)];
    for (const packet of foreign) browser.sendRaw(packet);
    await expect.poll(() => port.unclaimed).toBe(8);
    for (const packet of [media, Buffer.from('16fefd', 'hex')]) browser.sendRaw(packet);
    await expect.poll(() => heard).toEqual(['media', 'dtls']);
    expect(stranger.stun.items).toEqual([]);
  });

  it('counts ten thousand checks of strangers, answers none, and goes on answering its browser', async () => {
    const port = await openPort();
    const end = newEnd(port);
    end.announce();
    const [browser, stranger] = [await browserOf(port, end), await browserOf(port, end)];
    const { ufrag } = end.credentials;
    const checks = [
      stranger.makeCheck({ username: `nobody:${ufrag}` }),
      stranger.makeCheck({ pwd: 'a guess' }),
      stranger.makeCheck({ integrity: false }),
      stranger.makeCheck().subarray(0, 40),
      stranger.makeCheck({ type: 0x0101 }),
    ];
    // In bursts that the socket's buffer holds.
    for (let burst = 0; burst < 200; burst += 1) {
      for (let index = 0; index < 50; index += 1) stranger.sendRaw(checks[index % checks.length]!);
      await caughtUp(browser);
    }
    await expect.poll(() => port.strangers).toBe(10_000);
    expect(stranger.stun.items).toEqual([]);
    expect([port.owners, port.routes.size]).toEqual([1, 1]);
  });
});
