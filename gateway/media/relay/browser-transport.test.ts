import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BareBrowser } from '../../../test/support/bare-browser.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import {
  Inbox,
  readRtp,
  rtpPacket,
  type ReceivedRtp,
} from '../../../test/support/media-rtp-peer.js';
import type { CopperlineError } from '../../kernel/errors.js';
import type { Rejection } from '../media-engine.js';
import { BrowserEnd } from './browser-end.js';
import { BrowserPort } from './browser-port.js';
import { BrowserTransport } from './browser-transport.js';
import { Rejections } from './rejections.js';

const AUDIO = { payloadType: 0, timestamp: 0, ssrc: 5, payload: Buffer.alloc(160, 7) };

let clock: ManualClock;
let port: BrowserPort;
const opened: { close(): void }[] = [];
beforeEach(async () => {
  clock = new ManualClock();
  const options = { host: '127.0.0.1', port: 0, certificateMaxAgeMs: 1000 };
  port = await BrowserPort.open(options, clock);
});
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
  expect([port.owners, port.routes.size, clock.pending], 'nothing is left').toEqual([0, 0, 0]);
  port.close();
});

/** A transport with its browser, and what it told its owner. */
class Side {
  readonly connected = new Inbox<true>();
  readonly failures: CopperlineError[] = [];
  readonly rtp = new Inbox<ReceivedRtp>();
  readonly rtcp = new Inbox<Buffer>();
  readonly told: Rejection[] = [];
  readonly rejections = new Rejections('caller', (rejection) => this.told.push(rejection));
  readonly end = new BrowserEnd({ port, clock, certificate: port.certificates.another() });
  transport: BrowserTransport | undefined;

  constructor(readonly browser: BareBrowser) {
    opened.push(browser, { close: () => this.transport?.close() });
  }

  /** The browser has our SDP; we do not have its own yet. */
  tell(role: 'client' | 'server' | 'none' = 'server'): void {
    this.end.announce();
    const { fingerprint } = this.end.certificate;
    this.browser.follow({ port: port.port, ...this.end.credentials, fingerprint }, role);
  }

  begin(setup: 'active' | 'passive' = 'active'): void {
    this.transport = new BrowserTransport({
      ...{ end: this.end, clock, setup, remote: this.browser.remote },
      rejections: this.rejections,
      handlers: {
        onRtp: (packet) => {
          this.rtp.push(readRtp(packet));
        },
        onRtcp: (packet) => {
          this.rtcp.push(packet);
        },
        onConnected: () => {
          this.connected.push(true);
        },
        onFailed: (error) => {
          this.failures.push(error);
        },
      },
    });
    this.transport.begin();
  }

  send(sequence: number): void {
    const packet = rtpPacket({ ...AUDIO, ssrc: 9, sequence });
    this.transport?.sendRtp(packet, 0, packet.length);
  }

  /** The browser hears of it; its own packet is heard. */
  async talks(sequence: number): Promise<void> {
    const [sent, heard] = [this.browser.rtp.items.length, this.rtp.items.length];
    this.send(sequence);
    this.browser.send({ ...AUDIO, sequence });
    await this.browser.rtp.waitFor(sent + 1);
    await this.rtp.waitFor(heard + 1);
  }
}

async function newSide(ufrag?: string): Promise<Side> {
  return new Side(await BareBrowser.open(ufrag));
}

async function connectedSide(ufrag?: string): Promise<Side> {
  const side = await newSide(ufrag);
  side.tell();
  side.begin();
  await side.browser.check({ nominate: true });
  await side.connected.waitFor(1);
  await side.browser.connected;
  return side;
}

describe('BrowserTransport', () => {
  it('says hello with the answer to the first check, before any nomination', async () => {
    const side = await newSide();
    side.tell('none');
    side.begin();
    await side.browser.check();
    const [hello] = await side.browser.dtls.waitFor(1);
    expect(hello?.subarray(0, 1)).toEqual(Buffer.of(22));
    expect(hello?.readUInt8(13)).toBe(1);
    // A browser that was not ready for it hears it again when it nominates, not after the timer of DTLS.
    await side.browser.check({ nominate: true });
    const [, again] = await side.browser.dtls.waitFor(2);
    expect(again).toEqual(hello);
  });

  it.each(['active', 'passive'] as const)(
    'comes up when we are %s, and carries media',
    async (setup) => {
      const side = await newSide();
      side.tell(setup === 'active' ? 'server' : 'client');
      side.begin(setup);
      await side.browser.check();
      if (setup === 'passive') side.browser.startDtls();
      await side.connected.waitFor(1);
      await side.browser.connected;
      await side.talks(1);
      const report = Buffer.from('80c9000100000005', 'hex');
      side.browser.sendRtcp(report);
      side.transport?.sendRtcp(report);
      await side.rtcp.waitFor(1);
      await side.browser.rtcp.waitFor(1);
      expect([side.failures, side.told]).toEqual([[], []]);
    },
  );

  it('begins with checks and a hello that overtook the answer of the browser', async () => {
    const side = await newSide();
    side.tell('client');
    await side.browser.check({ nominate: true });
    side.browser.startDtls();
    await side.browser.check();
    side.begin('passive');
    await side.connected.waitFor(1);
    await side.browser.connected;
    await side.talks(1);
  });

  it('goes on with a browser whose NAT gave it another port, from its next check on', async () => {
    const side = await connectedSide();
    await side.talks(1);
    const before = side.browser.port;
    await side.browser.move();
    expect(side.browser.port).not.toBe(before);
    // From where ICE has validated nothing nobody is heard.
    side.browser.send({ ...AUDIO, sequence: 2 });
    await expect.poll(() => port.unclaimed).toBe(1);
    await side.browser.check({ nominate: true });
    await side.talks(3);
    expect(side.rtp.items.map(({ sequence }) => sequence)).toEqual([1, 3]);
    expect([side.failures, side.told]).toEqual([[], []]);
  });

  it('follows the media of a browser that never nominates again', async () => {
    const side = await connectedSide();
    await side.browser.move();
    await side.browser.check();
    for (let sequence = 1; sequence <= 10; sequence += 1) side.browser.send({ ...AUDIO, sequence });
    await side.rtp.waitFor(10);
    await side.talks(11);
  });

  it('does not mix up two calls of one address', async () => {
    const first = await connectedSide('one');
    await first.talks(1);
    // Another browser on the port that the first one had: it is gone, and we do not know yet.
    const left = first.browser.port;
    await first.browser.move();
    const second = await newSide('two');
    await second.browser.move(left);
    second.tell();
    second.begin();
    await second.browser.check({ nominate: true });
    await second.connected.waitFor(1);
    await second.browser.connected;
    await second.talks(1);
    await first.browser.check({ nominate: true });
    await first.talks(2);
    await second.talks(2);
    expect([first.rtp.items.length, second.rtp.items.length]).toEqual([2, 2]);
    expect([first.told, second.told, first.failures, second.failures]).toEqual([[], [], [], []]);
  });

  it('counts what is not protected by its keys, or comes twice, and names it once', async () => {
    const side = await connectedSide();
    await side.talks(1);
    const foreign = rtpPacket({ ...AUDIO, sequence: 2 });
    for (const packet of [foreign, foreign.subarray(0, 1), foreign.subarray(0, 11)])
      side.browser.sendRaw(packet);
    side.browser.sendRaw(Buffer.from('80c9000100000005', 'hex'));
    await expect.poll(() => side.rejections.count).toBe(4);
    expect(side.told).toEqual([
      {
        leg: 'caller',
        cause: 'unauthentic',
        sentence: `A packet from 127.0.0.1:${side.browser.port} is not protected by the keys of its DTLS connection, or came twice.`,
      },
    ]);
    await side.talks(3);
    expect(side.rtp.items).toHaveLength(2);
  });

  it('is lost when the browser has not checked for 30 s', async () => {
    const side = await connectedSide();
    for (let passed = 0; passed < 120; passed += 5) {
      clock.advance(5000);
      await side.browser.check();
    }
    clock.advance(29_999);
    // What has no integrity is no consent.
    side.browser.sendRaw(side.browser.makeCheck({ pwd: 'a guess' }));
    await expect.poll(() => port.strangers).toBe(1);
    expect(side.failures).toEqual([]);
    clock.advance(1);
    expect(side.failures).toMatchObject([
      {
        code: 'CL_MEDIA_TRANSPORT_FAILED',
        sentence: 'The ICE and DTLS connection with the browser was lost.',
      },
    ]);
    clock.advance(100_000);
    expect(side.failures).toHaveLength(1);
  });

  it('could not be set up when no browser comes within 30 s', async () => {
    const side = await newSide();
    side.tell();
    side.begin();
    clock.advance(29_999);
    expect(side.failures).toEqual([]);
    clock.advance(1);
    expect(side.failures).toMatchObject([
      {
        code: 'CL_MEDIA_TRANSPORT_FAILED',
        sentence: 'The ICE and DTLS connection with the browser could not be set up.',
      },
    ]);
  });

  it('could not be set up when the browser checks and then says no DTLS', async () => {
    const side = await newSide();
    side.tell('none');
    side.begin();
    await side.browser.check({ nominate: true });
    for (let passed = 0; passed < 31; passed += 1) clock.advance(1000);
    expect(side.failures.map(({ code }) => code)).toEqual(['CL_MEDIA_TRANSPORT_FAILED']);
    expect(side.connected.items).toEqual([]);
  });

  it('ends with a browser that is gone before DTLS, and sends nothing any more', async () => {
    const side = await newSide();
    side.tell('none');
    side.begin();
    await side.browser.check();
    side.transport?.close();
    side.transport?.close();
    side.send(1);
    side.transport?.sendRtcp(Buffer.alloc(8));
    side.browser.sendRaw(side.browser.makeCheck());
    await expect.poll(() => port.strangers).toBe(1);
    expect([port.owners, port.routes.size, clock.pending]).toEqual([0, 0, 0]);
  });

  it('leaves nothing behind, a thousand times', async () => {
    const browser = await BareBrowser.open();
    opened.push(browser);
    for (let round = 0; round < 1000; round += 1) {
      const side = new Side(browser);
      side.tell('none');
      side.begin();
      if (round % 3 > 0) await browser.check({ nominate: round % 3 === 1 });
      side.transport?.close();
      opened.length = 1;
    }
    expect([port.owners, port.routes.size, clock.pending]).toEqual([0, 0, 0]);
  });
});
