import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BareBrowser } from '../../../test/support/bare-browser.js';
import { ManualClock } from '../../../test/support/manual-clock.js';
import { Inbox } from '../../../test/support/media-rtp-peer.js';
import { ALL_CODECS, policy, RTP_FORMATS } from '../../../test/support/media-rig.js';
import type { LegName } from '../media-engine.js';
import { RelayHost } from './relay-host.js';

const HOST = '127.0.0.1';
const POLICIES = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcmu']) };
const CARRIER = [
  ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
  `m=audio 9 RTP/AVP ${RTP_FORMATS.pcmu.payloadTypes}`,
  ...['a=rtpmap:0 PCMU/8000', ...RTP_FORMATS.pcmu.lines, ''],
].join('\r\n');

let clock: ManualClock;
let host: RelayHost;
const browsers: BareBrowser[] = [];
const connected = new Inbox<LegName>();

beforeEach(async () => {
  clock = new ManualClock();
  connected.clear();
  const browser = { host: HOST, port: 0, certificateMaxAgeMs: 1e9 };
  const carrier = { host: HOST, ports: undefined, start: 0 };
  host = await RelayHost.start({ browser, carrier, timeoutMs: 1e9 }, clock);
});
afterEach(() => {
  host.shutDown();
  for (const browser of browsers.splice(0)) browser.close();
});

function offerOf({ ufrag, pwd, certificate }: BareBrowser): string {
  return [
    ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0'],
    ...['m=audio 9 UDP/TLS/RTP/SAVPF 0', 'c=IN IP4 0.0.0.0', 'a=rtcp-mux', 'a=setup:actpass'],
    ...[`a=ice-ufrag:${ufrag}`, `a=ice-pwd:${pwd.replaceAll(' ', '+')}`],
    ...[`a=fingerprint:${certificate.fingerprint}`, ''],
  ].join('\r\n');
}

/** A call of a browser whose DTLS is as told. */
async function call(id: number, dtls: 'server' | 'none'): Promise<BareBrowser> {
  const browser = await BareBrowser.open(`call${id}`);
  browsers.push(browser);
  host.open(id, {
    callId: `call ${id}`,
    handlers: {
      onConnected: (leg) => {
        connected.push(leg);
      },
      ...{ onDigit: () => undefined, onFailed: () => undefined },
    },
  });
  await host.offerTo(id, 'callee', { sdp: offerOf(browser), policies: POLICIES });
  const answer = await host.answerTo(id, 'caller', CARRIER);
  const value = (name: string): string =>
    new RegExp(`^a=${name}:(.*?)\r$`, 'm').exec(answer)?.[1] ?? '';
  const credentials = { ufrag: value('ice-ufrag'), pwd: value('ice-pwd') };
  const end = { port: host.browserPort, ...credentials, fingerprint: value('fingerprint') };
  browser.follow(end, dtls);
  return browser;
}

describe('RelayHost', () => {
  it('ends with a call at each stage, and leaves no timer', async () => {
    await call(1, 'none');
    await (await call(2, 'none')).check();
    const hello = await call(3, 'none');
    await hello.check({ nominate: true });
    await hello.dtls.waitFor(1);
    const talking = await call(4, 'server');
    await talking.check({ nominate: true });
    await talking.connected;
    await connected.waitFor(1);
    expect(host.counts()).toMatchObject({ sessions: 4, ports: 8 });
    expect(clock.pending).toBeGreaterThan(0);
    host.shutDown();
    expect(clock.pending).toBe(0);
    expect(host.counts()).toMatchObject({ sessions: 0, ports: 0 });
  });

  it('counts what came from strangers, and to nobody', async () => {
    const browser = await call(1, 'none');
    browser.sendRaw(browser.makeCheck({ pwd: 'a guess' }));
    browser.sendRaw(Buffer.of(0x80));
    await browser.check();
    expect(host.counts().foreign).toEqual({ strangers: 1, unclaimed: 1 });
  });
});
