import { X509Certificate } from 'node:crypto';
import { selfSignedCertificate } from '../../../gateway/media/dtls/self-signed-certificate.js';
import { serve } from '../child-rpc.js';
import { FreePorts } from '../free-ports.js';
import { Histogram } from '../histogram.js';
import { payloads, type BenchCodec } from './bench-codec.js';
import { BrowserPeer, type PeerIdentity } from './browser-peer.js';

/** All browsers of the benchmark, in a process of their own. */
const PACKET_TIME_MS = 20;

const { certificate, privateKey, fingerprint } = selfSignedCertificate(Date.now());
const identity: PeerIdentity = {
  certificatePem: new X509Certificate(certificate).toString(),
  keyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  fingerprint,
};
const ports = new FreePorts();
const roundTrips = new Histogram();
const made = { pcmu: payloads('pcmu'), opus: payloads('opus') };
let peers: BrowserPeer[] = [];
let sending: NodeJS.Timeout | undefined;

function startSending(): void {
  const began = performance.now();
  let turn = 0;
  // Calls take turns evenly within the packet time, as calls that began at random do.
  sending = setInterval(() => {
    const due = Math.floor(((performance.now() - began) * peers.length) / PACKET_TIME_MS);
    for (; turn < due; turn += 1) peers[turn % peers.length]?.send();
  }, 1);
}

function stopSending(): void {
  clearInterval(sending);
  sending = undefined;
}

export interface GeneratorResult {
  sent: number;
  received: number;
  roundTripP50Ms: number;
  roundTripP99Ms: number;
}

serve({
  offer: async (codec: BenchCodec): Promise<string> => {
    const port = await ports.take();
    const peer = new BrowserPeer(peers.length, {
      ...{ port, identity, roundTrips, codec },
      payloads: made[codec],
    });
    peers.push(peer);
    return peer.offer();
  },
  answer: ({ index, sdp }: { index: number; sdp: string }): Promise<void> | undefined =>
    peers[index]?.answer(sdp),
  heard: ({ index, sdp }: { index: number; sdp: string }): Promise<void> | undefined =>
    peers[index]?.heard(sdp),
  talk: (index: number): Promise<void> | undefined => peers[index]?.talk(),
  start: () => {
    startSending();
  },
  reset: (epoch: number) => {
    for (const peer of peers) peer.reset(epoch);
    roundTrips.reset();
  },
  stop: () => {
    stopSending();
  },
  result: (): GeneratorResult => ({
    sent: peers.reduce((sum, { counts }) => sum + counts.sent, 0),
    received: peers.reduce((sum, { counts }) => sum + counts.received, 0),
    roundTripP50Ms: roundTrips.quantile(0.5),
    roundTripP99Ms: roundTrips.quantile(0.99),
  }),
  close: () => {
    stopSending();
    for (const peer of peers) peer.close();
    peers = [];
  },
});
