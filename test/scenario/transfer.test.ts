import { afterEach, describe, expect, it } from 'vitest';
import { CopperlineError } from '../../gateway/kernel/errors.js';
import type { Trunk } from '../../gateway/trunks/trunk.js';
import { CallWorld, testTrunk } from '../support/call-world.js';
import type { MemoryDialog } from '../support/memory-dialog.js';
import type { BrowserCall } from '../support/memory-sip.js';

const NEW_SDP = 'v=0\r\no=new 1 1 IN IP4 192.0.2.7\r\n';

let world: CallWorld;
afterEach(() => world.expectClean());

interface Up {
  browser: BrowserCall;
  page: MemoryDialog;
  carrier: MemoryDialog;
}

async function up(): Promise<Up> {
  const { browser, carrier } = await world.connect();
  const [page, peer] = [browser.dialog, carrier.dialog];
  if (page === undefined || peer === undefined) throw new Error('the call is not up');
  peer.answerReoffer = () => Promise.resolve('remaining party');
  return { browser, page, carrier: peer };
}

function connect(trunk: Partial<Trunk> = {}): Promise<Up> {
  world = new CallWorld({ trunks: [testTrunk('one', trunk)] });
  return up();
}

describe('a blind transfer by the browser', () => {
  it('calls the number with the rights of the user, bridges it, and hangs up the browser', async () => {
    const { page, carrier } = await connect();
    const refer = page.peerRefer('+4930999');
    await world.settle();
    expect(refer.accepted).toBe(true);
    const target = world.lastCarrierCall();
    expect(target.request.uri).toContain('+4930999');
    expect(world.engine.sessions[0]!.sounds.at(-1)).toMatchObject({
      ...{ to: 'callee', sound: { tone: 'ringback', country: 'DE' } },
    });
    target.ring();
    target.answer(NEW_SDP);
    await world.settle();
    expect(carrier.reoffers).toHaveLength(1);
    expect(refer.reports).toEqual([180, 200]);
    expect(page.byeReceived?.sentence).toBe('The call was transferred to the carrier "one".');
    expect(world.engine.sessions.map(({ open }) => open)).toEqual([false, true]);
    expect(world.engine.sessions[1]!.offers[0]!.policies).toMatchObject({
      ...{ from: { kind: 'rtp' }, to: { kind: 'rtp' } },
    });
    carrier.hangUp();
    await world.settle();
    expect(target.dialog!.byeReceived).toBeDefined();
    expect(world.lastRecord).toMatchObject({
      ...{ user: 'alice', number: '+49301234', end: { by: 'carrier', code: 'NORMAL' } },
      transfers: [{ to: '+4930999', by: 'browser of alice' }],
    });
  });

  it('lets the remaining party hear the ringback of its own country', async () => {
    const { page } = await connect({ country: 'US' });
    page.peerRefer('+4930999');
    await world.settle();
    expect(world.engine.sessions[0]!.sounds).toMatchObject([
      { to: 'callee', sound: { tone: 'ringback', country: 'US' } },
    ]);
    page.hangUp();
    world.lastCarrierCall().refuse(486);
    await world.settle();
  });

  it('goes on when the browser hangs up at once, also when its WebSocket is lost afterwards', async () => {
    const { browser, page, carrier } = await connect();
    page.peerRefer('+4930999');
    await world.settle();
    page.hangUp();
    await world.settle();
    expect(carrier.open).toBe(true);
    const target = world.lastCarrierCall();
    target.answer(NEW_SDP);
    await world.settle();
    browser.loseWebSocket();
    await world.settle();
    expect([carrier.open, target.dialog!.open]).toEqual([true, true]);
    target.dialog!.hangUp();
    await world.settle();
    expect(carrier.byeReceived).toBeDefined();
  });

  it.each([
    ['is refused by the callee', '+4930999', 486],
    ['is forbidden by the dialplan', '9001234', 403],
    ['has no route', 'nowhere', 404],
    ['is a user who is signed in nowhere', 'bob', 480],
  ])('that %s gives the call back', async (...[, number, status]) => {
    const { page, carrier } = await connect();
    const refer = page.peerRefer(number);
    await world.settle();
    if (status === 486) world.lastCarrierCall().refuse(486);
    await world.settle();
    expect(refer.reports).toEqual([status]);
    expect([page.open, carrier.open]).toEqual([true, true]);
    expect(world.engine.sessions[0]!.open).toBe(true);
    page.hangUp();
    await world.settle();
    expect(world.lastRecord).toMatchObject({ transfers: [], end: { code: 'NORMAL' } });
  });

  it('that fails when the browser is gone already ends the call with the reason', async () => {
    const { page, carrier } = await connect();
    page.peerRefer('+4930999');
    await world.settle();
    page.hangUp();
    world.lastCarrierCall().refuse(486);
    await world.settle();
    expect(carrier.byeReceived).toBeDefined();
    expect(world.lastRecord.end).toMatchObject({ code: 'CL_CALL_TRANSFER', sipStatus: 486 });
  });

  it('that the remaining party does not follow hangs up the new one and gives the call back', async () => {
    const { page, carrier } = await connect();
    carrier.answerReoffer = () =>
      Promise.reject(new CopperlineError('CL_SIP_REQUEST_REFUSED', { sentence: 'No.' }));
    const refer = page.peerRefer('+4930999');
    await world.settle();
    const target = world.lastCarrierCall();
    target.answer(NEW_SDP);
    await world.settle();
    expect(target.dialog!.byeReceived).toBeDefined();
    expect(refer.reports.at(-1)).toBe(500);
    expect([page.open, carrier.open]).toEqual([true, true]);
    page.hangUp();
  });

  it('is cancelled when the remaining party hangs up', async () => {
    const { page, carrier } = await connect();
    page.peerRefer('+4930999');
    await world.settle();
    carrier.hangUp();
    await world.settle();
    expect(world.lastCarrierCall().cancelReceived).toBeDefined();
    expect(page.byeReceived).toBeDefined();
  });

  it('is one at a time, and five in all', async () => {
    const { page, carrier } = await connect({ transfer: 'follow' });
    page.peerRefer('+4930999');
    expect(page.peerRefer('+4930888').refused?.sentence).toContain('under way');
    await world.settle();
    let [holder, number] = [page, 0];
    for (; number < 5; number++) {
      if (number > 0) holder.peerRefer('+4930999');
      await world.settle();
      const next = world.lastCarrierCall().answer(NEW_SDP);
      await world.settle();
      holder = next;
    }
    expect(holder.peerRefer('+4930999').refused).toMatchObject({
      ...{ status: 603, sentence: 'The call was transferred 5 times already.' },
    });
    carrier.hangUp();
  });
});

describe('REFER of a carrier', () => {
  it('is refused unless its trunk may transfer', async () => {
    const { page, carrier } = await connect();
    expect(carrier.peerRefer('+4930999').refused).toEqual({
      ...{ status: 603, code: 'CL_CALL_TRANSFER' },
      sentence: 'The carrier "one" may not transfer calls.',
    });
    page.hangUp();
  });

  it('is followed where the trunk says so', async () => {
    const { page, carrier } = await connect({ transfer: 'follow' });
    page.answerReoffer = () => Promise.resolve('browser answer');
    carrier.peerRefer('+4930999');
    await world.settle();
    world.lastCarrierCall().answer(NEW_SDP);
    await world.settle();
    expect(page.reoffers).toHaveLength(1);
    expect(carrier.byeReceived).toBeDefined();
    page.hangUp();
    await world.settle();
    expect(world.lastRecord.transfers).toEqual([{ to: '+4930999', by: 'carrier "one"' }]);
  });
});

describe('an attended transfer', () => {
  const replacing = ({ callId, tags }: MemoryDialog) => ({
    ...{ callId, toTag: tags.local, fromTag: tags.remote },
  });

  it('joins the parties of two calls and ends both for the browser', async () => {
    const first = await connect();
    const second = await up();
    second.carrier.answerReoffer = () => Promise.resolve('offer of the other');
    const refer = first.page.peerRefer('+49301234', replacing(second.page));
    await world.settle();
    expect(second.carrier.reoffers).toEqual([undefined]);
    expect(second.carrier.acknowledged).toHaveLength(1);
    expect(first.carrier.reoffers).toHaveLength(1);
    expect(refer.reports).toEqual([200]);
    expect([first.page.open, second.page.open]).toEqual([false, false]);
    expect([first.carrier.open, second.carrier.open]).toEqual([true, true]);
    expect(world.lastRecord.end.code).toBe('TRANSFERRED');
    first.carrier.hangUp();
    await world.settle();
    expect(second.carrier.byeReceived).toBeDefined();
    expect(world.lastRecord.transfers).toEqual([{ to: '+49301234', by: 'browser of alice' }]);
  });

  it('fails for a dialog that is unknown, or of somebody else, and gives the call back', async () => {
    const first = await connect();
    const bob = world.endpoint.browserDials('+49301234', { user: 'bob' });
    await world.settle();
    world.lastCarrierCall().answer();
    await world.settle();
    for (const replaces of [{ callId: 'x', toTag: 'y', fromTag: 'z' }, replacing(bob.dialog!)]) {
      const refer = first.page.peerRefer('+49301234', replaces);
      await world.settle();
      expect(refer.reports).toEqual([603]);
    }
    first.page.hangUp();
    bob.dialog!.hangUp();
  });

  it('leaves both calls as they were when the other party does not come along', async () => {
    const first = await connect();
    const second = await up();
    second.carrier.answerReoffer = () =>
      Promise.reject(new CopperlineError('CL_SIP_REQUEST_REFUSED', { sentence: 'No.' }));
    first.page.peerRefer('+49301234', replacing(second.page));
    await world.settle();
    for (const { page, carrier } of [first, second]) {
      expect([page.open, carrier.open]).toEqual([true, true]);
      page.hangUp();
    }
  });
});
