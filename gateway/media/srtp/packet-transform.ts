/** Where the parts of a packet lie, and which packet of its stream it is. Reused, so that no packet allocates one. */
export interface PacketPlace {
  /** Bytes before the encrypted part. */
  header: number;
  /** Behind the encrypted part: what follows is the tag, and with RTCP the index. */
  end: number;
  ssrc: number;
  /** Rollover counter and sequence number of RTP (RFC 3711 section 3.3.1). */
  rollover: number;
  sequence: number;
  /** Of RTCP: the index of 31 bits. */
  rtcpIndex: number;
}

/**
 * What a suite does to packets, in place. What is sealed has room for the tag behind `end`, and for the index of RTCP behind or
 * before that, as the suite has it.
 */
export interface PacketTransform {
  /** Bytes that a packet grows by. */
  readonly rtpGrowth: number;
  readonly rtcpGrowth: number;
  sealRtp(packet: Buffer, place: PacketPlace): void;
  /** False when the packet is not authentic; it is as it was then. */
  openRtp(packet: Buffer, place: PacketPlace): boolean;
  sealRtcp(packet: Buffer, place: PacketPlace): void;
  openRtcp(packet: Buffer, place: PacketPlace): boolean;
}

/** What UDP over IPv4 carries. */
export const MAX_PACKET_BYTES = 65_507;
/** The top bit of the word with the index of SRTCP: the packet is encrypted (RFC 3711 section 3.4). */
export const ENCRYPTED_FLAG = 0x8000_0000;
export const RTCP_INDEX_BYTES = 4;
/** RFC 3711 section 3.4: the first header and the sender's SSRC stay readable. */
export const RTCP_HEADER_BYTES = 8;
