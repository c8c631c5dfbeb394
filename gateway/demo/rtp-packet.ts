/** The fields of an RTP header (RFC 3550 section 5.1). One object is reused for every packet of a stream. */
export interface RtpPacket {
  payloadType: number;
  marker: boolean;
  sequence: number;
  /** Unsigned 32 bits. */
  timestamp: number;
  ssrc: number;
  payload: Buffer;
}

const HEADER_BYTES = 12;
const NOTHING = Buffer.alloc(0);

export function emptyRtpPacket(): RtpPacket {
  return { payloadType: 0, marker: false, sequence: 0, timestamp: 0, ssrc: 0, payload: NOTHING };
}

/** Reads a datagram into `into`, whose payload is then a view of it; false when it is not RTP version 2. */
export function readRtp(datagram: Buffer, into: RtpPacket): boolean {
  if (datagram.length < HEADER_BYTES) return false;
  const first = datagram.readUInt8(0);
  if (first >> 6 !== 2) return false;
  const second = datagram.readUInt8(1);
  // RFC 5761 section 4: 72-76 with the marker bit are RTCP packet types (200-204).
  if (second >= 192 && second <= 223) return false;
  const start = payloadStart(datagram, first);
  const end =
    datagram.length - ((first & 0x20) !== 0 ? datagram.readUInt8(datagram.length - 1) : 0);
  if (start > end) return false;
  into.payloadType = second & 0x7f;
  into.marker = (second & 0x80) !== 0;
  into.sequence = datagram.readUInt16BE(2);
  into.timestamp = datagram.readUInt32BE(4);
  into.ssrc = datagram.readUInt32BE(8);
  into.payload = datagram.subarray(start, end);
  return true;
}

function payloadStart(datagram: Buffer, first: number): number {
  const csrcEnd = HEADER_BYTES + (first & 0x0f) * 4;
  if ((first & 0x10) === 0) return csrcEnd;
  if (csrcEnd + 4 > datagram.length) return datagram.length + 1;
  return csrcEnd + 4 + datagram.readUInt16BE(csrcEnd + 2) * 4;
}

/** A new datagram: header without CSRC, extension or padding, then the payload. */
export function writeRtp(packet: RtpPacket): Buffer {
  const datagram = Buffer.allocUnsafe(HEADER_BYTES + packet.payload.length);
  datagram.writeUInt8(0x80, 0);
  datagram.writeUInt8((packet.marker ? 0x80 : 0) | packet.payloadType, 1);
  datagram.writeUInt16BE(packet.sequence & 0xffff, 2);
  datagram.writeUInt32BE(packet.timestamp >>> 0, 4);
  datagram.writeUInt32BE(packet.ssrc >>> 0, 8);
  packet.payload.copy(datagram, HEADER_BYTES);
  return datagram;
}

/** `a - b` of two 32-bit timestamps, as a signed number that is right across the wrap. */
export function timestampDelta(a: number, b: number): number {
  return (a - b) | 0;
}

/** `a - b` of two 16-bit sequence numbers, signed, right across the wrap. */
export function sequenceDelta(a: number, b: number): number {
  return ((a - b) << 16) >> 16;
}
