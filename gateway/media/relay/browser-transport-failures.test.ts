import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AUDIO, connectedSide, newSide, SidePlace } from '../../../test/support/browser-side.js';
import { rtpPacket } from '../../../test/support/media-rtp-peer.js';

let place: SidePlace;
beforeEach(async () => {
  place = await SidePlace.open();
});
afterEach(() => {
  expect(place.close(), 'nothing is left').toEqual([0, 0, 0]);
});

describe('a connection with a browser', () => {
  it('is lost when the browser has not checked for 30 s', async () => {
    const side = await connectedSide(place);
    for (let passed = 0; passed < 120; passed += 5) {
      place.clock.advance(5000);
      await side.browser.check();
    }
    place.clock.advance(29_999);
    // What has no integrity is no consent.
    side.browser.sendRaw(side.browser.makeCheck({ pwd: 'a guess' }));
    await expect.poll(() => place.port.strangers).toBe(1);
    expect(side.failures).toEqual([]);
    place.clock.advance(1);
    expect(side.failures).toMatchObject([
      {
        code: 'CL_MEDIA_TRANSPORT_FAILED',
        sentence:
          'The connection with the browser was lost: neither an ICE check nor media came for 30 s.',
      },
    ]);
    place.clock.advance(100_000);
    expect(side.failures).toHaveLength(1);
  });

  it('lives by its media with a peer that checks no more once it is connected', async () => {
    const side = await connectedSide(place);
    for (let sequence = 1; sequence <= 5; sequence += 1) {
      place.clock.advance(29_999);
      await side.talks(sequence);
    }
    // What anybody could have sent is no sign of life.
    place.clock.advance(30_000);
    side.browser.sendRaw(rtpPacket({ ...AUDIO, sequence: 6 }));
    await expect.poll(() => side.rejections.count).toBe(1);
    expect(side.failures).toEqual([]);
    place.clock.advance(30_000);
    expect(side.failures.map(({ code }) => code)).toEqual(['CL_MEDIA_TRANSPORT_FAILED']);
  });

  it('could not be set up when no browser comes within 30 s', async () => {
    const side = await newSide(place);
    side.tell();
    side.begin();
    place.clock.advance(29_999);
    expect(side.failures).toEqual([]);
    place.clock.advance(1);
    expect(side.failures).toMatchObject([
      {
        code: 'CL_MEDIA_TRANSPORT_FAILED',
        sentence: `No ICE check of the browser reached our UDP port ${place.port.port} within 30 s.`,
      },
    ]);
  });

  it('could not be set up when the browser checks and then says no DTLS', async () => {
    const side = await newSide(place);
    side.tell('none');
    side.begin();
    await side.browser.check({ nominate: true });
    for (let passed = 0; passed < 31; passed += 1) place.clock.advance(1000);
    expect(side.failures.map(({ code, sentence }) => [code, sentence])).toEqual([
      [
        'CL_MEDIA_TRANSPORT_FAILED',
        "The browser's ICE checks reach us, but it did not begin DTLS within 30 s.",
      ],
    ]);
    expect(side.connected.items).toEqual([]);
  });

  it('could not be set up when the browser begins DTLS and is gone', async () => {
    const side = await newSide(place);
    side.tell('client');
    side.begin('passive');
    await side.browser.check({ nominate: true });
    side.browser.sendRaw(Buffer.from('16fefd00000000000000000000', 'hex'));
    await side.browser.check();
    place.clock.advance(30_000);
    expect(side.failures.map(({ sentence }) => sentence)).toEqual([
      "The browser's ICE checks reach us, but it did not finish DTLS within 30 s.",
    ]);
  });
});
