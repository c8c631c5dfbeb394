import { afterEach, describe, expect, it } from 'vitest';
import { CopperlineError } from '../../gateway/kernel/errors.js';
import type { CodecName } from '../../gateway/media/media-engine.js';
import { CallWorld, testTrunk, type WorldOptions } from '../support/call-world.js';
import type { BrowserCall, CarrierCall } from '../support/memory-sip.js';

const SUPPORTED = { 'P-Early-Media': 'supported' };
const EARLY_MEDIA = 'v=0\r\no=carrier 1 1 IN IP4 192.0.2.1\r\n';

let world: CallWorld;
afterEach(() => world.expectClean());

/** A browser's call that reached a carrier who speaks these. */
async function dialled(
  codecs: readonly CodecName[],
  headers: Record<string, string> = SUPPORTED,
  options: WorldOptions = {},
): Promise<{ browser: BrowserCall; carrier: CarrierCall }> {
  world = new CallWorld({ trunks: [testTrunk('one', { codecs })], ...options });
  const browser = world.endpoint.browserDials('+49301234', { headers });
  await world.settle();
  return { browser, carrier: world.lastCarrierCall() };
}

/** Status, whether SDP came with it, and P-Early-Media of each provisional response. */
function told(browser: BrowserCall): [number, boolean, string | undefined][] {
  return browser.provisional.map(({ status, sdp }, index) => [
    status,
    sdp !== undefined,
    browser.earlyMedia[index],
  ]);
}

const session = () => world.engine.sessions[0]!;

describe('a caller that knows silent early media', () => {
  it('gets its answer with the first 180, in the codec of the carrier, and the same one with the 200', async () => {
    const { browser, carrier } = await dialled(['pcma', 'pcmu'], { 'P-Early-Media': 'Supported' });
    carrier.ring(180);
    carrier.ring(180);
    await world.settle();
    expect(told(browser)).toEqual([
      [180, true, 'inactive'],
      [180, false, undefined],
    ]);
    expect(session().alonePolicies.map(({ kind, codecs }) => [kind, codecs])).toEqual([
      ['webrtc', ['pcma']],
    ]);
    carrier.answer();
    await world.settle();
    expect(browser.answer).toBe(browser.provisional[0]!.sdp);
    browser.dialog!.hangUp();
    await world.settle();
    expect(world.lastRecord.times).not.toHaveProperty('earlyMediaMs');
  });

  it('is told when something is to be heard, with the SDP that it has', async () => {
    const { browser, carrier } = await dialled(['pcma']);
    carrier.ring(180);
    carrier.ring(183, EARLY_MEDIA);
    carrier.ring(183, EARLY_MEDIA);
    await world.settle();
    expect(told(browser)).toEqual([
      [180, true, 'inactive'],
      [183, true, 'sendrecv'],
      [183, false, undefined],
    ]);
    expect(browser.provisional[1]!.sdp).toBe(browser.provisional[0]!.sdp);
    browser.cancel();
  });

  it('keeps the early media that it hears when the carrier rings after it', async () => {
    const { browser, carrier } = await dialled(['pcma']);
    carrier.ring(183, EARLY_MEDIA);
    carrier.ring(180);
    await world.settle();
    expect(told(browser)).toEqual([
      [183, true, 'sendrecv'],
      [180, false, undefined],
    ]);
    browser.cancel();
  });

  it('waits for the answer when that decides on its codec', async () => {
    const { browser, carrier } = await dialled(['opus', 'pcma']);
    carrier.ring(180);
    await world.settle();
    expect(told(browser)).toEqual([[180, false, undefined]]);
    expect(session().answeredAlone).toEqual([]);
    browser.cancel();
  });

  it('is answered in Opus where the trunk asks for Opus to browsers', async () => {
    const trunks = [
      testTrunk('one', { codecs: ['g722', 'pcma'], media: 'opus-to-browser' as const }),
    ];
    const { browser, carrier } = await dialled([], SUPPORTED, { trunks });
    carrier.ring(180);
    await world.settle();
    expect(session().alonePolicies.map(({ codecs }) => codecs)).toEqual([['opus']]);
    browser.cancel();
  });

  it('hears of the ringing all the same when the engine cannot answer it', async () => {
    const { browser, carrier } = await dialled(['pcma']);
    const sentence = 'The engine cannot answer a leg alone.';
    session().refuseAlone = new CopperlineError('CL_MEDIA_UNSUPPORTED', { sentence });
    carrier.ring(180);
    carrier.answer();
    await world.settle();
    expect(told(browser)).toEqual([[180, false, undefined]]);
    expect(browser.dialog?.open).toBe(true);
    browser.dialog!.hangUp();
  });

  it('hangs up while it rings', async () => {
    const { browser, carrier } = await dialled(['pcma']);
    carrier.ring(180);
    browser.cancel();
    await world.settle();
    expect(session().open).toBe(false);
    expect(world.lastRecord.end.code).toBe('CANCELLED');
  });
});

describe('any other caller', () => {
  it.each([{}, { 'P-Early-Media': 'sendrecv' }])('gets a 180 without SDP: %o', async (headers) => {
    const { browser, carrier } = await dialled(['pcma'], headers);
    carrier.ring(180);
    await world.settle();
    expect(told(browser)).toEqual([[180, false, undefined]]);
    browser.cancel();
  });
});
