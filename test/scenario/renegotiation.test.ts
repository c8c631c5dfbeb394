import { afterEach, describe, expect, it } from 'vitest';
import { CopperlineError } from '../../gateway/kernel/errors.js';
import type { Trunk } from '../../gateway/trunks/trunk.js';
import { CallWorld, testTrunk } from '../support/call-world.js';
import type { MemoryDialog } from '../support/memory-dialog.js';
import { BROWSER_OFFER, type BrowserCall } from '../support/memory-sip.js';

const CARRIER = 'v=0\r\no=carrier 1 1 IN IP4 192.0.2.1\r\n';
const changed = (version: number, streams: string): string =>
  `${CARRIER.replace('1 1', `1 ${version}`)}m=audio 4002 RTP/AVP 8 97\r\n${streams}`;
const HELD = `${BROWSER_OFFER}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=sendonly\r\n`;
const RESUMED = HELD.replace('sendonly', 'sendrecv');
const MUSIC = { kind: 'file', path: '/music.wav', repeat: true };

let world: CallWorld;
afterEach(() => world.expectClean());

async function connect(
  trunk: Partial<Trunk> = {},
): Promise<{ browser: BrowserCall; page: MemoryDialog; carrier: MemoryDialog }> {
  world = new CallWorld({ holdMusic: '/music.wav', trunks: [testTrunk('one', trunk)] });
  const { browser, carrier } = await world.connect();
  const [page, peer] = [browser.dialog, carrier.dialog];
  if (page === undefined || peer === undefined) throw new Error('the call is not up');
  return { browser, page, carrier: peer };
}

const agree = (sdp: string) => (): Promise<string> => Promise.resolve(sdp);

describe('an offer of the carrier', () => {
  it('that repeats the media, with a raised o= version, is a refresh: answered with what was agreed', async () => {
    const { page, carrier } = await connect();
    const first = await carrier.peerReoffer(CARRIER.replace('1 1', '1 2'));
    expect(first).toContain('o=gateway 1');
    expect(await carrier.peerReoffer(CARRIER.replace('1 1', '1 3'))).toBe(first);
    expect(page.reoffers).toEqual([]);
    page.hangUp();
  });

  it('that changes port and payload type is agreed with the browser and answered', async () => {
    const { page, carrier } = await connect();
    page.answerReoffer = agree('browser answer');
    const offer = changed(2, 'a=rtpmap:97 telephone-event/8000\r\n');
    expect(await carrier.peerReoffer(offer)).toContain('s=stable');
    expect(page.reoffers).toHaveLength(1);
    expect(page.reoffers[0]).toContain('telephone-event');
    const session = world.engine.sessions[0]!;
    expect(session.offers.at(-1)?.offer).toBe(offer);
    expect(session.offers.at(-1)?.policies).toMatchObject({
      ...{ from: { kind: 'rtp' }, to: { kind: 'webrtc' } },
    });
    expect(session.answers.at(-1)).toBe('browser answer');
    // The same again is a refresh, and what the browser is told again changes nothing for it.
    await carrier.peerReoffer(changed(3, 'a=rtpmap:97 telephone-event/8000\r\n'));
    await carrier.peerReoffer(CARRIER.replace('1 1', '1 4'));
    expect(page.reoffers).toHaveLength(2);
    page.hangUp();
  });

  it('that the browser refuses gets 488 with the sentence, and the call goes on', async () => {
    const { page, carrier } = await connect();
    await expect(carrier.peerReoffer(changed(2, ''))).rejects.toMatchObject({
      ...{ code: 'CL_CALL_REOFFER', sipStatus: 488 },
      sentence: 'The browser of alice does not take the change. No.',
    });
    expect(world.calls.list()[0]!.state).toBe('up');
    page.hangUp();
  });

  it('that meets an offer of the browser gets 491, and is taken when it comes again', async () => {
    const { page, carrier } = await connect();
    page.answerReoffer = () =>
      Promise.reject(
        new CopperlineError('CL_SIP_REQUEST_REFUSED', { sentence: 'Pending.', sipStatus: 491 }),
      );
    await expect(carrier.peerReoffer(changed(2, ''))).rejects.toMatchObject({ sipStatus: 491 });
    page.answerReoffer = agree('browser answer');
    expect(await carrier.peerReoffer(changed(2, ''))).toContain('s=stable');
    page.hangUp();
  });

  it('that the media engine cannot take gets its refusal; the browser hears nothing of it', async () => {
    const { page, carrier } = await connect();
    const sentence = 'No common codec.';
    world.engine.sessions[0]!.refuseOffer = new CopperlineError('CL_MEDIA_NO_COMMON_CODEC', {
      sentence,
    });
    await expect(carrier.peerReoffer(changed(2, ''))).rejects.toMatchObject({ sipStatus: 488 });
    expect(page.reoffers).toEqual([]);
    page.hangUp();
  });

  it('gets 491 while the browser is gone for a moment; a refresh is answered', async () => {
    const { browser, carrier } = await connect();
    browser.loseWebSocket();
    await expect(carrier.peerReoffer(changed(2, ''))).rejects.toMatchObject({ sipStatus: 491 });
    expect(await carrier.peerReoffer(CARRIER.replace('1 1', '1 2'))).toContain('o=gateway 1');
    carrier.hangUp();
  });

  it('ends the call when the browser does not know its dialog any more', async () => {
    const { page, carrier } = await connect();
    page.answerReoffer = () =>
      Promise.reject(
        new CopperlineError('CL_SIP_REQUEST_REFUSED', { sentence: 'Gone.', sipStatus: 481 }),
      );
    await expect(carrier.peerReoffer(changed(2, ''))).rejects.toMatchObject({ sipStatus: 487 });
    await world.settle();
    expect(world.lastRecord.end).toMatchObject({
      ...{ code: 'CL_CALL_LEG_LOST' },
      sentence: 'The browser of alice does not know the call any more (481).',
    });
  });
});

describe('a re-INVITE without SDP', () => {
  it('gets an offer made of what the browser takes; the same answer leaves the browser alone', async () => {
    const { page, carrier } = await connect();
    expect(await carrier.peerReoffer(undefined)).toContain('o=gateway 2');
    const raised = BROWSER_OFFER.replace('1 1', '1 2');
    expect(world.engine.sessions[0]!.offers.at(-1)?.offer).toBe(raised);
    carrier.peerAnswer(changed(2, ''));
    await world.settle();
    expect(world.engine.sessions[0]!.answers.at(-1)).toBe(changed(2, ''));
    expect(page.reoffers).toEqual([]);
    page.hangUp();
  });

  it('of the browser: what its answer changes is told the carrier', async () => {
    const { page, carrier } = await connect();
    carrier.answerReoffer = agree('carrier answer');
    await page.peerReoffer(undefined);
    page.peerAnswer(RESUMED);
    await world.settle();
    expect(carrier.reoffers).toHaveLength(1);
    expect(carrier.reoffers[0]).toContain('s=stable');
    page.hangUp();
  });

  it('whose ACK brings no answer, or comes for an offer that is past, changes nothing', async () => {
    const { page, carrier } = await connect();
    await carrier.peerReoffer(undefined);
    carrier.peerAnswer(undefined);
    await carrier.peerReoffer(undefined);
    page.answerReoffer = agree('browser answer');
    await carrier.peerReoffer(changed(2, ''));
    const before = world.engine.sessions[0]!.answers.length;
    carrier.peerAnswer('late');
    await world.settle();
    expect(world.engine.sessions[0]!.answers).toHaveLength(before);
    page.hangUp();
  });
});

describe('hold', () => {
  it('of the browser goes to the carrier, who hears music until it is resumed', async () => {
    const { page, carrier } = await connect();
    carrier.answerReoffer = agree('carrier answer');
    await page.peerReoffer(HELD);
    expect(carrier.reoffers[0]).toContain('a=sendonly');
    await page.peerReoffer(RESUMED);
    expect(carrier.reoffers[1]).toContain('a=sendrecv');
    expect(world.engine.sessions[0]!.sounds).toEqual([
      { to: 'callee', sound: MUSIC },
      { to: 'callee', sound: undefined },
    ]);
    page.hangUp();
  });

  it('of the browser stays with the gateway where the trunk says so', async () => {
    const { page, carrier } = await connect({ hold: 'local' });
    await page.peerReoffer(HELD);
    await page.peerReoffer(RESUMED);
    expect(carrier.reoffers).toEqual([]);
    expect(world.engine.sessions[0]!.sounds).toHaveLength(2);
    page.hangUp();
  });

  it('goes on without music that cannot be played', async () => {
    const { page, carrier } = await connect();
    carrier.answerReoffer = agree('carrier answer');
    world.engine.sessions[0]!.refuseSound = new CopperlineError('CL_MEDIA_SOUND_FILE', {
      sentence: 'No such file.',
    });
    expect(await page.peerReoffer(HELD)).toContain('s=stable');
    page.hangUp();
  });

  it.each(['a=sendonly\r\n', 'a=inactive\r\n'])(
    'of the carrier by %j goes to the browser; its music is its own',
    async (how) => {
      const { page, carrier } = await connect();
      page.answerReoffer = agree('browser answer');
      await carrier.peerReoffer(changed(2, how));
      await carrier.peerReoffer(changed(3, ''));
      expect(page.reoffers).toHaveLength(2);
      expect(world.engine.sessions[0]!.sounds).toEqual([]);
      page.hangUp();
    },
  );
});

describe('glare: an offer of ours that the peer answers with 491', () => {
  const pending = (): Promise<string> =>
    Promise.reject(
      new CopperlineError('CL_SIP_REQUEST_REFUSED', { sentence: 'Pending.', sipStatus: 491 }),
    );

  /** The browser asked for an offer, and its answer changes what the carrier has to be told. */
  async function tellCarrier(draw: number): Promise<{ page: MemoryDialog; carrier: MemoryDialog }> {
    world = new CallWorld({ random: () => draw });
    const both = await world.connect();
    const [page, carrier] = [both.browser.dialog!, both.carrier.dialog!];
    carrier.answerReoffer = pending;
    await page.peerReoffer(undefined);
    page.peerAnswer(RESUMED);
    await world.settle();
    expect(carrier.reoffers).toHaveLength(1);
    return { page, carrier };
  }

  it.each([
    [0, 2_100],
    [0.9999, 4_000],
  ])('is made again in our own dialog after the time drawn by %d: %i ms', async (draw, waitMs) => {
    const { page, carrier } = await tellCarrier(draw);
    world.clock.advance(waitMs - 10);
    await world.settle();
    expect(carrier.reoffers).toHaveLength(1);
    world.clock.advance(10);
    await world.settle();
    expect(carrier.reoffers).toHaveLength(2);
    carrier.answerReoffer = agree('carrier answer');
    world.clock.advance(waitMs);
    await world.settle();
    expect(carrier.reoffers).toHaveLength(3);
    world.clock.advance(60_000);
    await world.settle();
    expect(carrier.reoffers).toHaveLength(3);
    page.hangUp();
  });

  it.each([
    [0, 0],
    [0.9999, 2_000],
  ])(
    "is made again in the peer's dialog after the time drawn by %d: %i ms",
    async (draw, waitMs) => {
      world = new CallWorld({ random: () => draw });
      const both = await world.connect();
      const [page, carrier] = [both.browser.dialog!, both.carrier.dialog!];
      page.answerReoffer = agree('browser answer');
      await carrier.peerReoffer(changed(2, ''));
      page.answerReoffer = pending;
      await carrier.peerReoffer(undefined);
      carrier.peerAnswer(changed(3, ''));
      await world.settle();
      expect(page.reoffers).toHaveLength(2);
      page.answerReoffer = agree('browser answer');
      world.clock.advance(waitMs);
      await world.settle();
      expect(page.reoffers).toHaveLength(3);
      page.hangUp();
    },
  );

  it('is not needed after the offer that it met', async () => {
    const { page, carrier } = await tellCarrier(0);
    page.answerReoffer = agree('browser answer');
    await carrier.peerReoffer(changed(2, ''));
    world.clock.advance(4_000);
    await world.settle();
    expect(carrier.reoffers).toHaveLength(1);
    page.hangUp();
  });

  it('is given up with the call, and with a peer that says nothing else', async () => {
    const { page, carrier } = await tellCarrier(0);
    for (let time = 0; time < 20; time += 1) {
      world.clock.advance(2_100);
      await world.settle();
    }
    expect(carrier.reoffers).toHaveLength(8);
    page.hangUp();
    await world.expectClean();
    const again = await tellCarrier(0);
    again.page.hangUp();
    await world.settle();
    expect(world.clock.pending).toBe(0);
  });
});
