import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { RtpEndpoint } from './rtp-endpoint.js';
import { emptyRtpPacket, readRtp, sequenceDelta, timestampDelta, writeRtp } from './rtp-packet.js';

const HOST = '127.0.0.1';
const packet = {
  payloadType: 8,
  marker: true,
  sequence: 65_535,
  timestamp: 0xffff_ff00,
  ssrc: 0xdead_beef,
  payload: Buffer.from([1, 2, 3]),
};

const open: { close: () => unknown }[] = [];

async function peer(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, HOST);
  await once(socket, 'listening');
  open.push(socket);
  return socket;
}

async function endpoint(): Promise<RtpEndpoint> {
  const opened = await RtpEndpoint.open(HOST);
  open.push(opened);
  return opened;
}

afterEach(async () => {
  for (const item of open.splice(0)) await item.close();
});

describe('RTP packets', () => {
  it('survive writing and reading', () => {
    const read = emptyRtpPacket();
    expect(readRtp(writeRtp(packet), read)).toBe(true);
    expect(read).toEqual(packet);
  });

  it('are read without CSRCs, header extension and padding', () => {
    const header = writeRtp({ ...packet, payload: Buffer.alloc(0) });
    header[0] = 0x80 | 0x20 | 0x10 | 2;
    const rest = Buffer.from('000000010000000200010001aaaaaaaa0708090002', 'hex');
    const read = emptyRtpPacket();
    expect(readRtp(Buffer.concat([header, rest]), read)).toBe(true);
    expect(read.payload.toString('hex')).toBe('070809');
  });

  it.each([
    ['nothing', ''],
    ['a STUN request', '000100002112a442000102030405060708090a0b'],
    ['RTCP', '80c80006000000010000000000000000'],
    ['an extension that is cut off', '90000000000000000000000100010005aabb'],
    ['more padding than payload', 'a00000000000000000000001aabbccff'],
    ['more CSRCs than bytes', '8f0000000000000000000001aabbccff'],
  ])('refuses %s', (_name, hex) => {
    expect(readRtp(Buffer.from(hex, 'hex'), emptyRtpPacket())).toBe(false);
  });

  it('count across the wrap', () => {
    expect(sequenceDelta(1, 65_535)).toBe(2);
    expect(sequenceDelta(65_535, 1)).toBe(-2);
    expect(timestampDelta(0x10, 0xffff_fff0)).toBe(0x20);
    expect(timestampDelta(0xffff_fff0, 0x10)).toBe(-0x20);
  });
});

describe('the RTP endpoint', () => {
  it('has an even port', async () => {
    for (let n = 0; n < 8; n += 1) expect((await endpoint()).port % 2).toBe(0);
  });

  it('sends to the SDP address, then to where the peer really is, and to nobody else', async () => {
    const [announced, real, stranger] = [await peer(), await peer(), await peer()];
    const subject = await endpoint();
    subject.setRemote({ host: HOST, port: announced.address().port });
    subject.send(writeRtp(packet));
    await once(announced, 'message');

    const heard: number[] = [];
    const first = new Promise<void>((resolve) => {
      subject.onPacket(({ payloadType }) => {
        heard.push(payloadType);
        resolve();
      });
    });
    real.send(writeRtp(packet), subject.port, HOST);
    await first;
    stranger.send(writeRtp({ ...packet, payloadType: 0 }), subject.port, HOST);
    const again = new Promise<void>((resolve) => {
      subject.onPacket(({ payloadType }) => {
        heard.push(payloadType);
        if (payloadType === 9) resolve();
      });
    });
    real.send(writeRtp({ ...packet, payloadType: 9 }), subject.port, HOST);
    await again;
    expect(heard).toEqual([8, 9]);

    subject.send(writeRtp(packet));
    await once(real, 'message');
    expect(subject.counts).toEqual({ received: 2, sent: 2, ignored: 1 });
  });

  it('is silent without a remote and after close', async () => {
    const subject = await endpoint();
    subject.send(writeRtp(packet));
    await subject.close();
    await subject.close();
    subject.send(writeRtp(packet));
    expect(subject.counts.sent).toBe(0);
  });

  it('says why it cannot open', async () => {
    await expect(RtpEndpoint.open('192.0.2.1')).rejects.toMatchObject({
      code: 'CL_DEMO_NO_RTP_PORT',
    });
  });
});
