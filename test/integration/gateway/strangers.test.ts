import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayWorld, type UpCall } from '../../support/gateway-world.js';
import { RtpPeer, rtpPacket } from '../../support/media-rtp-peer.js';
import { WebrtcPeer } from '../../support/media-webrtc-peer.js';

let world: GatewayWorld;
let stranger: Socket;
let phone: WebrtcPeer;
let rtp: RtpPeer;
let call: UpCall;
/** Of the audio that flows both ways during each test. */
let pump: NodeJS.Timeout;

const FROM_BROWSER = { payloadType: 0, ssrc: 0x0b0b0b0b };
const FROM_CARRIER = { payloadType: 0, ssrc: 0x0c0c0c0c };
const FROM_STRANGER = 0xee;

beforeAll(async () => {
  world = await GatewayWorld.start();
  stranger = createSocket('udp4').bind(0, '127.0.0.1');
  await once(stranger, 'listening');
});

beforeEach(async () => {
  world.carrier.answerWhatEndsCalls();
  phone = new WebrtcPeer();
  rtp = await RtpPeer.open();
  const offer = await phone.offer();
  call = await world.connect({
    offer,
    answer: (sdp) => {
      rtp.follow(sdp);
      return rtp.sdp({ payloadTypes: '0' });
    },
  });
  phone.take(call.ok.body);
  await phone.opened();
  let sequence = 0;
  pump = setInterval(() => {
    sequence += 1;
    const packet = { sequence, timestamp: sequence * 160, payload: Buffer.alloc(160, 0x55) };
    phone.send({ ...packet, ...FROM_BROWSER });
    rtp.send({ ...packet, ...FROM_CARRIER });
  }, 20);
  await Promise.all([phone.rtp.waitFor(3), rtp.rtp.waitFor(3)]);
});

afterEach(() => {
  clearInterval(pump);
  phone.close();
  rtp.close();
});

afterAll(async () => {
  stranger.close();
  await world.close();
});

/** Sends to a UDP port of the gateway. */
function attack(port: number, packets: readonly Buffer[]): void {
  for (const packet of packets) stranger.send(packet, port, '127.0.0.1');
}

/** Audio still flows both ways, and none of it is the stranger's. */
async function expectAudio(): Promise<void> {
  phone.rtp.clear();
  rtp.rtp.clear();
  const heard = await Promise.all([phone.rtp.waitFor(10), rtp.rtp.waitFor(10)]);
  for (const { payload } of heard.flat()) expect(payload.includes(FROM_STRANGER)).toBe(false);
}

const RUBBISH = [Buffer.alloc(0), Buffer.from([0x80]), Buffer.alloc(1_400, 0xff)];
const RTP = Array.from({ length: 20 }, (_, index) =>
  rtpPacket({
    ...FROM_CARRIER,
    ...{ sequence: 40_000 + index, timestamp: index * 160 },
    payload: Buffer.alloc(160, FROM_STRANGER),
  }),
);
/** A binding request that names nobody's credentials (RFC 8489 section 5). */
const STUN = Buffer.concat([
  Buffer.from([0x00, 0x01, 0x00, 0x0c, 0x21, 0x12, 0xa4, 0x42]),
  Buffer.alloc(12, 7),
  Buffer.from([0x00, 0x06, 0x00, 0x07]),
  Buffer.from('ab:cdef\0'),
]);

function browserPort(): number {
  return Number(/^a=candidate:\S+ 1 udp \d+ \S+ (\d+)/im.exec(call.ok.body)?.[1]);
}

describe('during a call, a stranger', () => {
  it('that sends RTP to the carrier’s port is not heard, and counted', async () => {
    attack(rtp.remotePort, RTP);
    await expectAudio();
    await world.hangUp(call);
    const [cdr] = await world.settle(1);
    expect(cdr?.media?.callee.packetsRejected).toBe(RTP.length);
    expect(cdr?.end.code).toBe('NORMAL');
  });

  it('that sends RTCP BYE and rubbish to the carrier’s ports changes nothing', async () => {
    const bye = Buffer.from([0x81, 203, 0, 1, 0x0c, 0x0c, 0x0c, 0x0c]);
    attack(rtp.remotePort + 1, [bye, ...RUBBISH]);
    attack(rtp.remotePort, [bye, ...RUBBISH]);
    await expectAudio();
    await world.hangUp(call);
    const [cdr] = await world.settle(1);
    expect(cdr?.media?.callee.packetsRejected).toBeGreaterThanOrEqual(1);
  });

  it('that sends STUN, RTP and rubbish to the browsers’ port changes nothing', async () => {
    attack(browserPort(), [...Array<Buffer>(50).fill(STUN), ...RTP, ...RUBBISH]);
    await expectAudio();
    await world.hangUp(call);
    await world.settle(1);
  });
});

describe('the counters of a call', () => {
  it('tell both sides’ packets', async () => {
    await expectAudio();
    await world.hangUp(call);
    const [cdr] = await world.settle(1);
    for (const leg of ['caller', 'callee'] as const) {
      expect(cdr?.media?.[leg].packetsReceived).toBeGreaterThan(10);
      expect(cdr?.media?.[leg].packetsSent).toBeGreaterThan(10);
      expect(cdr?.media?.[leg].packetsRejected).toBe(0);
    }
  });
});
