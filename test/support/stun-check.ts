import { createHmac, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A connectivity check as a test bends it (RFC 8445 section 7.2); written without the gateway's STUN. */
export interface CheckToSend {
  /** `ours:theirs` from the gateway's point of view. */
  username?: string;
  pwd: string;
  nominate?: boolean;
  role?: 'controlling' | 'controlled' | 'none';
  priority?: boolean;
  /** Attributes before MESSAGE-INTEGRITY, and behind it. */
  extra?: readonly StunAttribute[];
  behind?: readonly StunAttribute[];
  integrity?: boolean;
  fingerprint?: boolean;
  transaction?: Buffer;
  type?: number;
}

type StunAttribute = readonly [type: number, value: Buffer];

export function stunCheck(check: CheckToSend): Buffer {
  const { pwd } = check;
  const transaction = check.transaction ?? randomBytes(12);
  const head = Buffer.alloc(20);
  head.writeUInt16BE(check.type ?? 0x0001, 0);
  head.writeUInt32BE(0x2112a442, 4);
  transaction.copy(head, 8);
  let packet = withAttributes(head, ownAttributes(check));
  if (check.integrity !== false) {
    packet.writeUInt16BE(packet.length + 24 - 20, 2);
    const mac = createHmac('sha1', pwd).update(packet).digest();
    packet = withAttributes(packet, [[0x0008, mac]]);
  }
  packet = withAttributes(packet, check.behind ?? []);
  if (check.fingerprint === false) return packet;
  packet.writeUInt16BE(packet.length + 8 - 20, 2);
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE((crc32(packet) ^ 0x5354554e) >>> 0);
  return withAttributes(packet, [[0x8028, crc]]);
}

function ownAttributes({
  username,
  role = 'controlling',
  nominate = false,
  priority = true,
  extra = [],
}: CheckToSend): StunAttribute[] {
  const attributes: StunAttribute[] = [];
  if (username !== undefined) attributes.push([0x0006, Buffer.from(username)]);
  if (nominate) attributes.push([0x0025, Buffer.alloc(0)]);
  if (role !== 'none') attributes.push([role === 'controlling' ? 0x802a : 0x8029, randomBytes(8)]);
  if (priority) attributes.push([0x0024, Buffer.from('6e7f1eff', 'hex')]);
  return [...attributes, ...extra];
}

/** The first value of each attribute of a STUN message. */
export function stunAttributes(packet: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= packet.length;) {
    const [type, length] = [packet.readUInt16BE(at), packet.readUInt16BE(at + 2)];
    if (!found.has(type)) found.set(type, packet.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return found;
}

/** The number of an error answer; undefined of a success. */
export function stunErrorCode(packet: Buffer): number | undefined {
  const value = stunAttributes(packet).get(0x0009);
  return value === undefined ? undefined : value.readUInt8(2) * 100 + value.readUInt8(3);
}

function withAttributes(packet: Buffer, attributes: readonly StunAttribute[]): Buffer {
  const all = attributes.map(([type, value]) => {
    const whole = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
    whole.writeUInt16BE(type, 0);
    whole.writeUInt16BE(value.length, 2);
    value.copy(whole, 4);
    return whole;
  });
  const longer = Buffer.concat([packet, ...all]);
  longer.writeUInt16BE(longer.length - 20, 2);
  return longer;
}
