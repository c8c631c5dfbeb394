import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BareBrowser, type GatewayEnd } from '../../../test/support/bare-browser.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { Inbox } from '../../../test/support/media-rtp-peer.js';
import { ALL_CODECS, policy, RTP_FORMATS } from '../../../test/support/media-rig.js';
import { stunErrorCode } from '../../../test/support/stun-check.js';
import type { CopperlineError } from '../../kernel/errors.js';
import type { LegName } from '../media-engine.js';
import { SoundFiles } from '../sounds/sound-files.js';
import { BrowserPort } from './browser-port.js';
import { RelaySession } from './relay-session.js';
import { UdpPortPairs } from './udp-port-pair.js';

const HOST = '127.0.0.1';
const CARRIER = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  `m=audio 9 RTP/AVP ${RTP_FORMATS.pcmu.payloadTypes}`,
  ...['a=rtpmap:0 PCMU/8000', ...RTP_FORMATS.pcmu.lines],
  '',
].join('\r\n');
const TO_BROWSER = { from: policy('rtp', ['pcmu']), to: policy('webrtc', ALL_CODECS) };
const FROM_BROWSER = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcmu']) };

let clock: ManualClock;
let port: BrowserPort;
let pairs: UdpPortPairs;
let session: RelaySession;
const connected = new Inbox<LegName>();
const failures: CopperlineError[] = [];
const browsers: BareBrowser[] = [];

beforeEach(async () => {
  clock = new ManualClock();
  port = await BrowserPort.open({ host: HOST, port: 0, certificateMaxAgeMs: 1e9 }, clock);
  pairs = new UdpPortPairs({ host: HOST, range: undefined, start: 0, clock });
  connected.clear();
  failures.length = 0;
  session = newSession();
});

afterEach(() => {
  session.close();
  for (const browser of browsers.splice(0)) browser.close();
  pairs.close();
  expect([port.owners, port.routes.size, clock.pending], 'nothing is left').toEqual([0, 0, 0]);
  port.close();
});

function newSession(): RelaySession {
  return new RelaySession({
    callId: 'test',
    resources: {
      ...{ clock, browserPort: port, carrierPorts: pairs, carrierAddress: HOST },
      soundFiles: new SoundFiles(),
    },
    timeoutMs: 1e9,
    handlers: {
      onConnected: (leg) => {
        connected.push(leg);
      },
      onDigit: () => undefined,
      onFailed: (error) => {
        failures.push(error);
      },
    },
  });
}

async function newBrowser(ufrag: string): Promise<BareBrowser> {
  const browser = await BareBrowser.open(ufrag);
  browsers.push(browser);
  return browser;
}

function sdpOf({ ufrag, pwd, certificate }: BareBrowser, setup: 'actpass' | 'passive'): string {
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 0',
    'c=IN IP4 0.0.0.0',
    ...['a=mid:0', 'a=sendrecv', 'a=rtcp-mux', 'a=rtpmap:0 PCMU/8000'],
    ...[`a=ice-ufrag:${ufrag}`, `a=ice-pwd:${pwd.replaceAll(' ', '+')}`],
    ...[`a=fingerprint:${certificate.fingerprint}`, `a=setup:${setup}`, ''],
  ].join('\r\n');
}

function endIn(sdp: string): GatewayEnd {
  const value = (name: string): string =>
    new RegExp(`^a=${name}:(.*?)\r$`, 'm').exec(sdp)?.[1] ?? '';
  return {
    ...{ port: port.port, ufrag: value('ice-ufrag'), pwd: value('ice-pwd') },
    fingerprint: value('fingerprint'),
  };
}

async function calledBy(browser: BareBrowser): Promise<string> {
  await session.offerTo('callee', sdpOf(browser, 'actpass'), FROM_BROWSER);
  return session.answerTo('caller', CARRIER);
}

async function up(browser: BareBrowser, told: string): Promise<void> {
  browser.follow(endIn(told));
  await browser.check({ nominate: true });
  await browser.connected;
}

describe('a browser that is called', () => {
  it('has its checks answered before its own SDP is here, and is connected by it', async () => {
    const browser = await newBrowser('early');
    const offer = await session.offerTo('callee', CARRIER, TO_BROWSER);
    browser.follow(endIn(offer));
    await browser.check({ nominate: true });
    expect(connected.items).toEqual([]);
    await session.answerTo('caller', sdpOf(browser, 'passive'));
    await browser.connected;
    await connected.waitFor(1);
  });

  it('and answers a re-offer with another end of its own has that one in place of the first', async () => {
    const [first, second] = [await newBrowser('first'), await newBrowser('second')];
    const offer = await session.offerTo('callee', CARRIER, TO_BROWSER);
    await session.answerTo('caller', sdpOf(first, 'passive'));
    await up(first, offer);
    const again = await session.offerTo(
      'callee',
      CARRIER.replace('o=- 1 1', 'o=- 1 2'),
      TO_BROWSER,
    );
    expect(endIn(again)).toEqual(endIn(offer));
    await session.answerTo('caller', sdpOf(second, 'passive'));
    await up(second, again);
    expect([port.owners, port.routes.size]).toEqual([1, 1]);
    first.sendRaw(first.makeCheck());
    await first.stun.waitFor(2);
    expect(stunErrorCode(first.stun.items[1]!)).toBe(401);
  });

  it('is forgotten when it never answers, with each route that is tried, and with the call', async () => {
    for (let route = 0; route < 3; route += 1) {
      const offer = await session.offerTo('callee', CARRIER, TO_BROWSER);
      const browser = await newBrowser('never');
      browser.follow(endIn(offer), 'none');
      await browser.check();
      expect([port.owners, port.routes.size]).toEqual([1, 1]);
    }
    session.close();
    expect([port.owners, port.routes.size]).toEqual([0, 0]);
  });
});

describe('a peer that is ICE-lite as we are', () => {
  const lite = (sdp: string): string => sdp.replace('t=0 0', 't=0 0\r\na=ice-lite');
  const refusal = {
    code: 'CL_MEDIA_SDP_NO_ICE',
    sentence: expect.stringContaining('a=ice-lite') as string,
  };

  it('is refused before anybody is called', async () => {
    const offer = lite(sdpOf(await newBrowser('lite'), 'actpass'));
    await expect(session.offerTo('callee', offer, FROM_BROWSER)).rejects.toMatchObject(refusal);
    await expect(session.answerAlone('caller', offer, FROM_BROWSER.from)).rejects.toMatchObject(
      refusal,
    );
    expect([port.owners, port.routes.size]).toEqual([0, 0]);
  });

  it('is refused as an answer, and as one that comes anew', async () => {
    await session.offerTo('callee', CARRIER, TO_BROWSER);
    const peer = await newBrowser('lite');
    const answer = session.answerTo('caller', lite(sdpOf(peer, 'passive')));
    await expect(answer).rejects.toMatchObject(refusal);
    const text = await session.answerTo('caller', sdpOf(peer, 'passive'));
    expect(text).toContain('m=audio');
    expect(() => session.renewal.takeOffer('callee', lite(sdpOf(peer, 'actpass')))).toThrow(
      expect.objectContaining(refusal) as Error,
    );
  });
});

describe('a browser that comes anew', () => {
  it('has one end of ours besides the standing one, however often it is offered or restarts', async () => {
    const browser = await newBrowser('first');
    await up(browser, await calledBy(browser));
    for (let time = 0; time < 5; time += 1) {
      session.renewal.offer('caller');
      expect(port.owners).toBe(2);
    }
    for (let time = 0; time < 5; time += 1) {
      const restarted = await newBrowser(`again${time}`);
      const answer = session.renewal.takeOffer('caller', sdpOf(restarted, 'actpass'));
      expect(port.owners).toBe(3);
      if (time === 4) await up(restarted, answer);
    }
    await expect.poll(() => port.owners).toBe(2);
    expect(failures).toEqual([]);
  });

  it('on the same port takes the place of the transport that it had', async () => {
    const browser = await newBrowser('first');
    await up(browser, await calledBy(browser));
    const [before, restarted] = [browser.port, await newBrowser('second')];
    await browser.move();
    await restarted.move(before);
    await up(restarted, session.renewal.takeOffer('caller', sdpOf(restarted, 'actpass')));
    await expect.poll(() => [port.owners, port.routes.size]).toEqual([1, 1]);
  });

  it('and never comes up is given up after 30 s, while the first goes on', async () => {
    const browser = await newBrowser('first');
    await up(browser, await calledBy(browser));
    const lost = await newBrowser('lost');
    session.renewal.takeOffer('caller', sdpOf(lost, 'actpass'));
    clock.advance(15_000);
    await browser.check();
    clock.advance(15_000);
    expect([port.owners, failures]).toEqual([1, []]);
    clock.advance(15_000);
    expect(failures.map(({ sentence }) => sentence)).toEqual([
      'The connection with the browser was lost: neither an ICE check nor media came for 30 s.',
    ]);
  });
});
