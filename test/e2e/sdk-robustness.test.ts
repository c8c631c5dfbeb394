import { afterEach, describe, expect, it } from 'vitest';
import { BrowserMediaPeer } from '../support/browser-media-peer.js';
import { browserStage } from '../support/browser-stage.js';
import { LossyForwarder } from '../support/lossy-forwarder.js';
import type { ScriptedInvite } from '../support/scripted-sip-server.js';
import { SdkPage, type SdkPageOptions } from '../support/sdk-page.js';

const stage = browserStage();
let sdk: SdkPage;
const peers: BrowserMediaPeer[] = [];

afterEach(async () => {
  await sdk.close();
  for (const peer of peers.splice(0)) peer.close();
});
async function open(options: Partial<SdkPageOptions> = {}): Promise<SdkPage> {
  sdk = await SdkPage.open({ ...stage, ...options });
  return sdk;
}

/** Answers with a far end that sends back what it gets. */
async function answer(invite: ScriptedInvite): Promise<void> {
  const { peer, sdp } = await BrowserMediaPeer.answer(invite.message.body, 'PCMU/8000');
  peers.push(peer);
  invite.reply({ status: 200, body: sdp });
}

const received = (): Promise<number> =>
  sdk.page.evaluate<number>(`call.peerConnection.getStats().then((stats) =>
    [...stats.values()].find(({ type }) => type === 'inbound-rtp')?.packetsReceived ?? 0)`);

/** Audio comes back, more than there was. */
async function audioFlows(): Promise<void> {
  const before = await received();
  await expect.poll(received, { timeout: 60_000 }).toBeGreaterThan(before + 10);
}

describe('the SDK with a SIP server that is not ours', () => {
  it('registers, calls, hears, sends digits in order, and hangs up', async () => {
    await open({ onInvite: answer });
    await sdk.register();
    await sdk.call('in-call');
    await audioFlows();
    await sdk.page.evaluate("call.sendDigits('159#')");
    await expect.poll(() => peers[0]?.text, { timeout: 30_000 }).toBe('159#');
    const bye = sdk.sip.next('BYE');
    await sdk.page.evaluate('call.hangUp()');
    await bye;
    expect(await sdk.page.evaluate('phone.calls.length')).toBe(0);
    const goodbye = sdk.sip.next('REGISTER');
    await sdk.page.evaluate('phone.disconnect()');
    expect((await goodbye).header('contact')).toContain('expires=0');
  });

  it('says that the password is wrong, and asks once', async () => {
    await open({ options: "{ password: 'wrong' }" });
    await sdk.page.evaluate('phone.connect()');
    await sdk.until("phone.registration.name === 'refused'");
    expect(await sdk.page.evaluate('phone.registration')).toMatchObject({
      final: true,
      failure: {
        kind: 'wrong-credentials',
        sentence: 'The user name or the password is wrong.',
      },
    });
    expect(sdk.sip.methods).toEqual(['REGISTER', 'REGISTER']);
  });
});

/** Time that a test moves: what waits is run by `fire()`. */
const MANUAL_TIMERS = `{ timers: {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = { ms, callback };
    delays.push(ms);
    waiting.add(timer);
    return () => waiting.delete(timer);
  },
} }`;
const RECORDS = `
  globalThis.delays = [];
  globalThis.waiting = new Set();
  globalThis.fire = () => { for (const timer of [...waiting]) { waiting.delete(timer); timer.callback(); } };
`;

describe('a network that comes and goes', () => {
  it('is tried again after growing, jittered delays, and at once when the browser is online', async () => {
    await open({ init: RECORDS, options: MANUAL_TIMERS });
    await sdk.register();
    await sdk.page.evaluate('delays.length = 0');
    sdk.relay.refusing = true;
    sdk.relay.cut();
    await sdk.until("phone.connection.name === 'waiting'");
    for (const failures of [2, 3, 4]) {
      await sdk.page.evaluate('fire()');
      await sdk.until(`delays.length === ${failures} && phone.connection.name === 'waiting'`);
    }
    const delays = await sdk.page.evaluate<number[]>('delays');
    for (const [index, delay] of delays.entries()) {
      expect(delay).toBeGreaterThanOrEqual(500 * 2 ** index);
      expect(delay).toBeLessThanOrEqual(1000 * 2 ** index);
    }
    const again = sdk.sip.next('REGISTER');
    sdk.relay.refusing = false;
    // Of the browser's own events: it was offline, and is no more.
    await sdk.context.setOffline(true);
    await sdk.context.setOffline(false);
    // The timer of the last delay has not fired, and never will.
    await again;
    await sdk.until("phone.registration.name === 'registered'");
  });

  it('that is gone without a word is noticed when the browser tells of another one', async () => {
    await open();
    await sdk.register();
    const connections = sdk.sip.connections;
    sdk.relay.freeze();
    await sdk.page.evaluate("globalThis.dispatchEvent(new Event('online'))");
    await sdk.until("events.some(({ name }) => name === 'waiting')");
    await sdk.until("phone.registration.name === 'registered'");
    expect(sdk.sip.connections).toBe(connections + 1);
  });

  it('is no reason for another WebSocket when the server still answers', async () => {
    await open();
    await sdk.register();
    const refresh = sdk.sip.next('REGISTER');
    await sdk.page.evaluate("globalThis.dispatchEvent(new Event('online'))");
    await refresh;
    await sdk.until("events.filter(({ name }) => name === 'registered').length === 2");
    expect(sdk.sip.connections).toBe(1);
  });
});

/** The far end behind a forwarder whose packets can be dropped: the way of the first answer. */
async function answerThrough(invite: ScriptedInvite): Promise<LossyForwarder> {
  const { peer, sdp } = await BrowserMediaPeer.answer(invite.message.body, 'PCMU/8000');
  peers.push(peer);
  const target = Number(/^a=candidate:\S+ 1 UDP \d+ \S+ (\d+) typ host/im.exec(sdp)?.[1]);
  const forwarder = await LossyForwarder.open({ host: '127.0.0.1', target, seed: 1 });
  const lines = sdp.split('\r\n').filter((line) => !line.startsWith('a=candidate'));
  lines.splice(-1, 0, `a=candidate:1 1 UDP 2122317823 127.0.0.1 ${forwarder.port} typ host`);
  invite.reply({ status: 200, body: lines.join('\r\n') });
  return forwarder;
}

const passwordOf = (sdp: string): string | undefined => /^a=ice-pwd:(\S+)/m.exec(sdp)?.[1];

describe('a call whose network changes', () => {
  it.each([
    ['the WebSocket lives on', false],
    ['the WebSocket is dead, and nobody says so', true],
  ])('goes on by an ICE restart; %s', async (_name, frozen) => {
    const invites: ScriptedInvite[] = [];
    let forwarder: LossyForwarder | undefined;
    await open({
      onInvite: async (invite) => {
        invites.push(invite);
        if (invites.length === 1) forwarder = await answerThrough(invite);
        else await answer(invite);
      },
    });
    try {
      await sdk.register();
      await sdk.call('in-call');
      await audioFlows();
      const connections = sdk.sip.connections;
      if (forwarder !== undefined) forwarder.loss = 1;
      if (frozen) sdk.relay.freeze();
      await expect.poll(() => invites.length, { timeout: 60_000 }).toBe(2);
      const [first, second] = invites.map(({ message }) => message);
      expect(second?.header('call-id')).toBe(first?.header('call-id'));
      expect(passwordOf(second?.body ?? '')).not.toBe(passwordOf(first?.body ?? ''));
      await audioFlows();
      expect(sdk.sip.connections - connections).toBe(frozen ? 1 : 0);
      expect(await sdk.page.evaluate('call.state.name')).toBe('in-call');
      const bye = sdk.sip.next('BYE');
      await sdk.page.evaluate('call.hangUp()');
      await bye;
    } finally {
      forwarder?.close();
    }
  });
});

/** Keeps what was opened in `opened`; `microphone` says what happens: a promise to wait for first. */
const WATCHED_MICROPHONE = `{
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  globalThis.opened = [];
  globalThis.microphone = () => Promise.resolve();
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    await microphone();
    const stream = await open(constraints);
    opened.push(stream.getTracks()[0]);
    return stream;
  };
}`;

describe('a microphone', () => {
  it('that is unplugged gives way to another, or to the next that is plugged in', async () => {
    await open({ onInvite: answer, init: WATCHED_MICROPHONE });
    await sdk.register();
    await sdk.call('in-call');
    await audioFlows();
    const unplug = "opened.at(-1).dispatchEvent(new Event('ended'))";
    const sent = 'call.peerConnection.getSenders()[0].track === opened.at(-1)';

    await sdk.page.evaluate(unplug);
    await sdk.until(`microphones.length === 1 && opened.length === 2 && ${sent}`);
    expect(await sdk.page.evaluate('microphones')).toMatchObject([{ name: 'replaced' }]);

    await sdk.page.evaluate(
      "globalThis.microphone = () => Promise.reject(new DOMException('no', 'NotFoundError'))",
    );
    await sdk.page.evaluate(unplug);
    await sdk.until('microphones.length === 2');
    expect(await sdk.page.evaluate('microphones.at(-1)')).toMatchObject({
      name: 'lost',
      failure: { kind: 'microphone-missing' },
    });
    expect(await sdk.page.evaluate('call.state.name')).toBe('in-call');

    await sdk.page.evaluate(`{
      globalThis.microphone = () => Promise.resolve();
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    }`);
    await sdk.until(`microphones.length === 3 && opened.length === 3 && ${sent}`);
    expect(await sdk.page.evaluate('microphones.at(-1).name')).toBe('replaced');
    await audioFlows();
    expect(await sdk.page.evaluate('opened.map(({ readyState }) => readyState)')).toEqual([
      'ended',
      'ended',
      'live',
    ]);
  });

  it('that nobody allows ends the call with a sentence, and is closed when it is allowed too late', async () => {
    await open({
      init: WATCHED_MICROPHONE,
      options: '{ microphonePatienceMs: 200 }',
    });
    await sdk.register();
    await sdk.page.evaluate(
      'globalThis.microphone = () => new Promise((resolve) => (globalThis.allow = resolve))',
    );
    await sdk.call('ended');
    expect(await sdk.page.evaluate('call.state.end.failure')).toMatchObject({
      kind: 'microphone-unanswered',
      sentence: expect.stringContaining('nobody answered') as string,
    });
    expect(sdk.sip.methods).not.toContain('INVITE');
    await sdk.page.evaluate('allow()');
    await sdk.until("opened.length === 1 && opened[0].readyState === 'ended'");
  });
});
