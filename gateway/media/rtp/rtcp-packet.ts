import type { ReceptionReport } from './reception.js';

/** RTCP packet types, RFC 3550 section 12.1. */
const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const REPORT_BLOCK_BYTES = 24;
const SDES_CNAME = 1;
/** Seconds from 1900 (NTP) to 1970 (Unix). */
const NTP_EPOCH = 2_208_988_800;

interface SenderInfo {
  /** Wall clock, ms since 1970. */
  now: number;
  rtpTimestamp: number;
  packets: number;
  octets: number;
}

export interface ReportToSend {
  ssrc: number;
  cname: string;
  /** Present when we sent since the last report: then it is a sender report. */
  sender: SenderInfo | undefined;
  reception: ReceptionReport | undefined;
  /** Middle 32 bits of the peer's last SR, 0 when none came (RFC 3550 section 6.4.1). */
  lastSenderReport: number;
  /** Since that SR, in 1/65536 s. */
  delaySinceLastSenderReport: number;
}

/** The middle 32 bits of the NTP timestamp of a wall clock time. */
export function ntpMiddle(nowMs: number): number {
  const seconds = Math.floor(nowMs / 1000) + NTP_EPOCH;
  const fraction = Math.floor(((nowMs % 1000) / 1000) * 65_536);
  return (((seconds & 0xffff) << 16) | fraction) >>> 0;
}

/** A compound packet: SR or RR, then SDES with the CNAME (RFC 3550 section 6.1). */
export function writeReport(report: ReportToSend): Buffer {
  const { sender, reception } = report;
  const blocks = reception === undefined ? 0 : 1;
  const reportBytes = 8 + (sender === undefined ? 0 : 20) + blocks * REPORT_BLOCK_BYTES;
  const sdesBytes = 8 + Math.ceil((2 + report.cname.length + 1) / 4) * 4;
  const packet = Buffer.alloc(reportBytes + sdesBytes);
  packet[0] = 0x80 | blocks;
  packet[1] = sender === undefined ? RECEIVER_REPORT : SENDER_REPORT;
  packet.writeUInt16BE(reportBytes / 4 - 1, 2);
  packet.writeUInt32BE(report.ssrc >>> 0, 4);
  let offset = 8;
  if (sender !== undefined) {
    writeSenderInfo(packet, sender);
    offset += 20;
  }
  if (reception !== undefined) writeBlock(packet, offset, report);
  writeDescription(packet, reportBytes, report);
  return packet;
}

function writeSenderInfo(packet: Buffer, sender: SenderInfo): void {
  const seconds = Math.floor(sender.now / 1000) + NTP_EPOCH;
  packet.writeUInt32BE(seconds >>> 0, 8);
  packet.writeUInt32BE(Math.floor(((sender.now % 1000) / 1000) * 0x1_0000_0000) >>> 0, 12);
  packet.writeUInt32BE(sender.rtpTimestamp >>> 0, 16);
  packet.writeUInt32BE(sender.packets >>> 0, 20);
  packet.writeUInt32BE(sender.octets >>> 0, 24);
}

function writeBlock(packet: Buffer, offset: number, report: ReportToSend): void {
  const { reception } = report;
  if (reception === undefined) return;
  packet.writeUInt32BE(reception.ssrc >>> 0, offset);
  packet[offset + 4] = reception.fractionLost;
  packet.writeIntBE(reception.cumulativeLost, offset + 5, 3);
  packet.writeUInt32BE(reception.highestSequence, offset + 8);
  packet.writeUInt32BE(reception.jitter >>> 0, offset + 12);
  packet.writeUInt32BE(report.lastSenderReport >>> 0, offset + 16);
  packet.writeUInt32BE(report.delaySinceLastSenderReport >>> 0, offset + 20);
}

function writeDescription(packet: Buffer, offset: number, report: ReportToSend): void {
  packet[offset] = 0x81;
  packet[offset + 1] = SOURCE_DESCRIPTION;
  packet.writeUInt16BE((packet.length - offset) / 4 - 1, offset + 2);
  packet.writeUInt32BE(report.ssrc >>> 0, offset + 4);
  packet[offset + 8] = SDES_CNAME;
  packet[offset + 9] = report.cname.length;
  packet.write(report.cname, offset + 10, 'latin1');
}

/** Called for each report found in a compound packet. */
export interface RtcpVisitor {
  senderReport(ssrc: number, ntpMiddleBits: number): void;
  /** About one of our streams or anybody's. */
  reportBlock(block: ReportBlock): void;
}

/** What a peer says of a stream that it receives (RFC 3550 section 6.4.1). */
export interface ReportBlock {
  ssrc: number;
  /** 24 bit, signed. */
  cumulativeLost: number;
  highestSequence: number;
  /** In timestamp units. */
  jitter: number;
  lastSenderReport: number;
  /** Since that report, in 1/65536 s. */
  delay: number;
}

/**
 * Walks a compound RTCP packet. Types that we do not use (NACK, PLI, REMB, BYE, APP, XR) are stepped over.
 * @returns false when it is not RTCP or is cut off
 */
export function readRtcp(packet: Buffer, visitor: RtcpVisitor): boolean {
  let offset = 0;
  if (packet.length < 8) return false;
  while (offset + 4 <= packet.length) {
    const first = packet[offset] ?? 0;
    const length = (packet.readUInt16BE(offset + 2) + 1) * 4;
    if (first >> 6 !== 2 || offset + length > packet.length) return false;
    readOne(packet.subarray(offset, offset + length), visitor);
    offset += length;
  }
  return offset === packet.length;
}

function readOne(packet: Buffer, visitor: RtcpVisitor): void {
  const type = packet[1] ?? 0;
  if (type !== SENDER_REPORT && type !== RECEIVER_REPORT) return;
  let offset = 8;
  if (type === SENDER_REPORT) {
    if (packet.length < 28) return;
    visitor.senderReport(packet.readUInt32BE(4), packet.readUInt32BE(10));
    offset = 28;
  }
  const count = (packet[0] ?? 0) & 0x1f;
  for (let block = 0; block < count; block += 1) {
    if (offset + REPORT_BLOCK_BYTES > packet.length) return;
    visitor.reportBlock({
      ssrc: packet.readUInt32BE(offset),
      cumulativeLost: packet.readIntBE(offset + 5, 3),
      highestSequence: packet.readUInt32BE(offset + 8),
      jitter: packet.readUInt32BE(offset + 12),
      lastSenderReport: packet.readUInt32BE(offset + 16),
      delay: packet.readUInt32BE(offset + 20),
    });
    offset += REPORT_BLOCK_BYTES;
  }
}
