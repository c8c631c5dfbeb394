import { randomBytes } from 'node:crypto';
import { Histogram } from '../histogram.js';
import { DiallingBrowser } from './dialling-browser.js';
import { GatewayProcess } from './gateway-process.js';
import { RingingCarrier } from './ringing-carrier.js';

export interface DialResult {
  dials: number;
  /** From the browser's first INVITE, over the digest challenge, to the 180 it receives. */
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
}

const ACCOUNT = {
  domain: 'bench.example',
  username: 'bench',
  password: randomBytes(12).toString('hex'),
};
/** Dials before those that count: a gateway dials its first call once only. */
const WARM_UP_DIALS = 5;

/** One browser dials call after call through the whole gateway to a carrier that rings at once. */
export async function dialRun(dials: number): Promise<DialResult> {
  const carrier = new RingingCarrier();
  const { gateway, url } = await GatewayProcess.start(ACCOUNT, await carrier.start());
  const browser = new DiallingBrowser(url, ACCOUNT);
  try {
    await browser.connect();
    await browser.register();
    for (let dial = 0; dial < WARM_UP_DIALS; dial += 1)
      await browser.dial('+493087654321', webrtcOffer());
    const times = new Histogram();
    for (let dial = 0; dial < dials; dial += 1)
      times.add(await browser.dial('+493087654321', webrtcOffer()));
    return {
      dials,
      p50Ms: times.quantile(0.5),
      p95Ms: times.quantile(0.95),
      maxMs: times.quantile(1),
    };
  } finally {
    browser.close();
    await gateway.stop();
    await carrier.stop();
  }
}

/** What a browser offers, in short; nobody listens at its candidate, since the call is never answered. */
function webrtcOffer(): string {
  const fingerprint = Array.from(randomBytes(32), (byte) => byte.toString(16).padStart(2, '0'));
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111 0 8 110 126',
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=rtpmap:111 opus/48000/2',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:110 telephone-event/48000',
    'a=rtpmap:126 telephone-event/8000',
    'a=setup:actpass',
    `a=ice-ufrag:${randomBytes(4).toString('hex')}`,
    `a=ice-pwd:${randomBytes(16).toString('hex')}`,
    `a=fingerprint:sha-256 ${fingerprint.join(':').toUpperCase()}`,
    'a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host',
    '',
  ].join('\r\n');
}
