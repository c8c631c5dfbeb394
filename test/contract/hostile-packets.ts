import { createHmac } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Call } from '../support/media-rig.js';

/** A socket that nobody knows. */
export async function stranger(): Promise<Socket> {
  const socket = createSocket('udp4');
  // Another address than the peer's, so that it is a stranger and not the peer's NAT.
  socket.bind(0, '127.0.0.2');
  await once(socket, 'listening');
  return socket;
}

/** Resolves when the packet has left. */
export function sendFrom(socket: Socket, packet: Buffer, port: number): Promise<void> {
  return new Promise((resolve) => {
    socket.send(packet, port, '127.0.0.1', () => {
      resolve();
    });
  });
}

/** RFC 8489: a binding request for a user, with an integrity made from a guessed password. */
export function bindingRequest(username: string): Buffer {
  const value = Buffer.from(username);
  const padded = Math.ceil(value.length / 4) * 4;
  const request = Buffer.alloc(48 + padded);
  request.writeUInt16BE(0x0001, 0);
  request.writeUInt16BE(28 + padded, 2);
  request.writeUInt32BE(0x2112a442, 4);
  request.fill(0x5a, 8, 20);
  request.writeUInt16BE(0x0006, 20);
  request.writeUInt16BE(value.length, 22);
  value.copy(request, 24);
  request.writeUInt32BE(0x00080014, 24 + padded);
  const signed = request.subarray(0, 24 + padded);
  createHmac('sha1', 'a guess')
    .update(signed)
    .digest()
    .copy(request, 28 + padded);
  return request;
}

export async function rejectedBy(call: Call, leg: 'caller' | 'callee'): Promise<number> {
  return (await call.session.statistics())[leg].packetsRejected;
}

export const GARBAGE: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.of(0x80),
  Buffer.from('hello, is anybody there?'),
  Buffer.alloc(1500, 0xff),
  // Version 1; a truncated header; CSRCs, an extension and padding beyond the end.
  Buffer.from('400000010000000000000001aabb', 'hex'),
  Buffer.from('80000001000000', 'hex'),
  Buffer.from('8f0000010000000000000001', 'hex'),
  Buffer.from('900000010000000000000001bede00ff', 'hex'),
  Buffer.from('a00000010000000000000001000000ff', 'hex'),
];

export const BAD_RTCP: readonly Buffer[] = [
  Buffer.from('80', 'hex'),
  Buffer.from('81c900ff00000005', 'hex'),
  Buffer.from('9fc8000600000005000000000000000000000000000000000000000000000000', 'hex'),
  Buffer.from('41c9000100000005', 'hex'),
  Buffer.alloc(300, 0xff),
];

/** Feedback that browsers send: PLI, NACK, REMB-like APP, BYE. All well formed, none for us to act on. */
export const FOREIGN_RTCP: readonly Buffer[] = [
  Buffer.from('81ce00020000000100000002', 'hex'),
  Buffer.from('81cd0003000000010000000200010000', 'hex'),
  Buffer.from('8fce000400000001000000000000000052454d42', 'hex'),
  Buffer.from('81cb000100000001', 'hex'),
];
