import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BareBrowser } from '../../../test/support/bare-browser.js';
import {
  AUDIO,
  BrowserSide,
  connectedSide,
  newSide,
  SidePlace,
} from '../../../test/support/browser-side.js';
import { rtpPacket } from '../../../test/support/media-rtp-peer.js';

let place: SidePlace;
beforeEach(async () => {
  place = await SidePlace.open();
});
afterEach(() => {
  expect(place.close(), 'nothing is left').toEqual([0, 0, 0]);
});

describe('BrowserTransport', () => {
  it('says hello with the answer to the first check, before any nomination', async () => {
    const side = await newSide(place);
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
      const side = await newSide(place);
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
    const side = await newSide(place);
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
    const side = await connectedSide(place);
    await side.talks(1);
    const before = side.browser.port;
    await side.browser.move();
    expect(side.browser.port).not.toBe(before);
    // From where ICE has validated nothing nobody is heard.
    side.browser.send({ ...AUDIO, sequence: 2 });
    await expect.poll(() => place.port.unclaimed).toBe(1);
    await side.browser.check({ nominate: true });
    await side.talks(3);
    expect(side.rtp.items.map(({ sequence }) => sequence)).toEqual([1, 3]);
    expect([side.failures, side.told]).toEqual([[], []]);
  });

  it('follows the DTLS of a browser whose NAT gave it another port before it was connected', async () => {
    const side = await newSide(place);
    side.tell('client');
    side.begin('passive');
    await side.browser.check({ nominate: true });
    await side.browser.move();
    await side.browser.check();
    side.browser.startDtls();
    await side.connected.waitFor(1);
    await side.browser.connected;
    await side.talks(1);
  });

  it('follows the media of a browser that never nominates again', async () => {
    const side = await connectedSide(place);
    await side.browser.move();
    await side.browser.check();
    for (let sequence = 1; sequence <= 10; sequence += 1) side.browser.send({ ...AUDIO, sequence });
    await side.rtp.waitFor(10);
    await side.talks(11);
  });

  it('does not mix up two calls of one address', async () => {
    const first = await connectedSide(place, 'one');
    await first.talks(1);
    // Another browser on the port that the first one had: it is gone, and we do not know yet.
    const left = first.browser.port;
    await first.browser.move();
    const second = await newSide(place, 'two');
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

  it('leaves the handshake of another at its address to that one, also when it is asked first', async () => {
    const second = await newSide(place, 'two');
    second.tell('none');
    second.begin();
    await second.browser.check();
    await second.browser.dtls.waitFor(1);
    const first = await connectedSide(place, 'one');
    // Checked from there after the other: its route is the first.
    const { port: at } = second.browser;
    await second.browser.move();
    await first.browser.move(at);
    await first.browser.check({ nominate: true });
    await first.talks(1);
    await first.browser.move();
    await second.browser.move(at);
    second.tell();
    await second.browser.check({ nominate: true });
    await second.connected.waitFor(1);
    await second.browser.connected;
    await second.talks(1);
    expect([first.failures, second.failures]).toEqual([[], []]);
  });

  it('counts what is not protected by its keys, or comes twice, and names it once', async () => {
    const side = await connectedSide(place);
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

  it('ends with a browser that is gone before DTLS, and sends nothing any more', async () => {
    const side = await newSide(place);
    side.tell('none');
    side.begin();
    await side.browser.check();
    side.transport?.close();
    side.transport?.close();
    side.send(1);
    side.transport?.sendRtcp(Buffer.alloc(8));
    side.browser.sendRaw(side.browser.makeCheck());
    await expect.poll(() => place.port.strangers).toBe(1);
    expect(place.held).toEqual([0, 0, 0]);
  });

  it('leaves nothing behind, a thousand times', async () => {
    const browser = await BareBrowser.open();
    place.opened.push(browser);
    for (let round = 0; round < 1000; round += 1) {
      const side = new BrowserSide(browser, place);
      side.tell('none');
      side.begin();
      if (round % 3 > 0) await browser.check({ nominate: round % 3 === 1 });
      side.transport?.close();
      place.opened.length = 1;
    }
    expect(place.held).toEqual([0, 0, 0]);
  });
});
