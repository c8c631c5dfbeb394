import { afterEach, expect, it } from 'vitest';
import { silentLog, type Log } from '../../../gateway/kernel/log.js';
import type { SipServerOptions } from '../../../gateway/sip-server/server-options.js';
import { ManualClock } from '../../support/manual-clock.js';
import { UdpPeer } from '../../support/sip/udp-peer.js';
import { SipServerHarness } from '../../support/sip-server-harness.js';

/** RFC 5626 section 4.4.2: a phone behind a NAT keeps its way to us open by STUN on the SIP port. */
const TRANSACTION = 'b7e7a701bc34d686fa87dfae';
/** What an answer with an IPv4 address has: a header, and XOR-MAPPED-ADDRESS. */
const ANSWER_BYTES = 32;

let harness: SipServerHarness;
let phone: UdpPeer;
let sipPort: number;

async function start(trusted: string[], settings: Partial<SipServerOptions> = {}): Promise<void> {
  harness = await SipServerHarness.start(new ManualClock(), { guard: { trusted }, ...settings });
  sipPort = Number(harness.server.contacts[0]?.split(':').at(-1));
  phone = await UdpPeer.open();
}
afterEach(async () => {
  expect(phone.unread).toBe(0);
  await phone.close();
  await harness.close();
});

const request = (attributes = ''): Buffer => {
  const length = (attributes.length / 2).toString(16).padStart(4, '0');
  return Buffer.from(`0001${length}2112a442${TRANSACTION}${attributes}`, 'hex');
};
const bind = (bytes = request()): Promise<void> => phone.send(bytes, sipPort);

/** The port that the answer says the request came from. */
async function mappedPort(): Promise<number> {
  const answer = Buffer.from(await phone.next(), 'latin1');
  expect(answer).toHaveLength(ANSWER_BYTES);
  expect(answer.toString('hex', 0, 20)).toBe(`0101000c2112a442${TRANSACTION}`);
  return answer.readUInt16BE(26) ^ 0x2112;
}

it('is answered on the SIP port, beside SIP, and is no malformed message', async () => {
  await start(['127.0.0.0/8']);
  await bind();
  expect(await mappedPort()).toBe(phone.port);
  const headers =
    `Via: SIP/2.0/UDP 127.0.0.1:${phone.port};branch=z9hG4bKs1\r\nFrom: <sip:a@b>;tag=1\r\n` +
    'To: <sip:c@d>\r\nCall-ID: s1\r\nCSeq: 1 OPTIONS\r\n';
  await phone.send(`OPTIONS sip:x SIP/2.0\r\n${headers}\r\n`, sipPort);
  expect(await phone.next()).toMatch(/^SIP\/2\.0 /);
  await bind();
  expect(await mappedPort()).toBe(phone.port);
});

it('is no more than its source has sent, unless that is trusted', async () => {
  await start([]);
  // 20 bytes that would be answered by 32.
  await bind();
  await bind();
  expect(await mappedPort()).toBe(phone.port);
  // 60 bytes came, 32 went.
  await bind();
  await bind(request('8022000c' + '20'.repeat(12)));
  expect(await mappedPort()).toBe(phone.port);
});

it('counts towards the rate of its source, which is banned for a flood', async () => {
  let banned: (line: unknown) => void = () => undefined;
  const ban = new Promise((resolve) => {
    banned = resolve;
  });
  await start([], {
    guard: { trusted: [], requestsPerSecond: 1, burst: 3, excessBeforeBan: 2 },
    log: { ...silentLog, warn: banned } as unknown as Log,
  });
  const padded = request('80220010' + '20'.repeat(16));
  for (let index = 0; index < 3; index++) {
    await bind(padded);
    await mappedPort();
  }
  for (let index = 0; index < 4; index++) await bind(padded);
  expect(await ban).toEqual({ source: '127.0.0.1', seconds: 60 });
});
