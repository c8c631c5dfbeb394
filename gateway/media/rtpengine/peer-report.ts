/** One RTCP packet of a leg, as rtpengine tells it (`--homer`): HEP3 with the report as JSON. */
export interface PeerReport {
  callId: string;
  /** Of the daemon, where it arrived. */
  port: number;
  /** When it arrived, by the daemon's clock, ms since 1970. */
  atMs: number;
  /** From the sender report: packets that the leg has sent. */
  sent: { ssrc: number; packets: number } | undefined;
  blocks: readonly StreamReport[];
}

/** What the leg says of a stream that it hears (RFC 3550 section 6.4.1). */
export interface StreamReport {
  ssrc: number;
  highestSequence: number;
  /** 24 bit, signed. */
  lost: number;
  /** In units of the stream's clock. */
  jitter: number;
  /** LSR and DLSR; 0 when the leg has had no sender report. */
  lastSenderReport: number;
  delay: number;
}

/** Numbers of HEP3's chunks of the vendor 0. */
const CHUNK = { port: 0x08, seconds: 0x09, microseconds: 0x0a, payload: 0x0f, callId: 0x11 };
const HEADER_BYTES = 6;
const CHUNK_HEADER_BYTES = 6;

/** Undefined for anything else, however broken. A call id holds a random part, so nobody can guess one. */
export function readPeerReport(datagram: Buffer): PeerReport | undefined {
  const chunks = readChunks(datagram);
  const [port, seconds, microseconds] = [CHUNK.port, CHUNK.seconds, CHUNK.microseconds].map(
    (type) => unsigned(chunks.get(type)),
  );
  const payload = chunks.get(CHUNK.payload);
  const callId = chunks.get(CHUNK.callId)?.toString('latin1');
  if (port === undefined || seconds === undefined || microseconds === undefined) return undefined;
  if (payload === undefined || callId === undefined) return undefined;
  const told = readObject(payload);
  if (told === undefined) return undefined;
  const sender = objectOf(told['sender_information']);
  const packets = whole(sender?.['packets']);
  const ssrc = whole(told['ssrc']);
  const atMs = seconds * 1000 + microseconds / 1000;
  const sent = ssrc === undefined || packets === undefined ? undefined : { ssrc, packets };
  return { callId, port, atMs, sent, blocks: readBlocks(told['report_blocks']) };
}

function readChunks(datagram: Buffer): Map<number, Buffer> {
  const chunks = new Map<number, Buffer>();
  if (datagram.toString('latin1', 0, 4) !== 'HEP3') return chunks;
  let at = HEADER_BYTES;
  while (at + CHUNK_HEADER_BYTES <= datagram.length) {
    const length = datagram.readUInt16BE(at + 4);
    if (length < CHUNK_HEADER_BYTES || at + length > datagram.length) break;
    const isCommon = datagram.readUInt16BE(at) === 0;
    const content = datagram.subarray(at + CHUNK_HEADER_BYTES, at + length);
    if (isCommon) chunks.set(datagram.readUInt16BE(at + 2), content);
    at += length;
  }
  return chunks;
}

function unsigned(bytes: Buffer | undefined): number | undefined {
  if (bytes === undefined || bytes.length === 0 || bytes.length > 4) return undefined;
  return bytes.readUIntBE(0, bytes.length);
}

function readBlocks(value: unknown): StreamReport[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown): StreamReport[] => {
    const block = objectOf(entry);
    const [ssrc, highestSequence, lost, jitter, lastSenderReport, delay] = [
      ...['source_ssrc', 'highest_seq_no', 'packets_lost', 'ia_jitter', 'lsr', 'dlsr'],
    ].map((key) => whole(block?.[key]));
    if (ssrc === undefined || highestSequence === undefined || lost === undefined) return [];
    if (jitter === undefined || lastSenderReport === undefined || delay === undefined) return [];
    return [{ ssrc, highestSequence, lost: (lost << 8) >> 8, jitter, lastSenderReport, delay }];
  });
}

function readObject(payload: Buffer): Record<string, unknown> | undefined {
  try {
    return objectOf(JSON.parse(payload.toString('utf8')));
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Of RTCP: 32 bits at most. */
function whole(value: unknown): number | undefined {
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined;
  return value >= 0 && value <= 0xffff_ffff ? value : undefined;
}
