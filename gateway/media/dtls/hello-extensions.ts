import { DtlsFailure } from './alerts.js';
import { ByteReader, uint16, vector16 } from './bytes.js';

/** The extensions that we send or look at; all others are skipped (RFC 5246 section 7.4.1.4). */
export const EXTENSION = {
  supportedGroups: 10,
  ecPointFormats: 11,
  signatureAlgorithms: 13,
  useSrtp: 14,
  extendedMasterSecret: 23,
  renegotiationInfo: 0xff01,
} as const;

export type Extensions = ReadonlyMap<number, Buffer>;

/** @throws MalformedBytes; DtlsFailure for one that comes twice (RFC 5246 section 7.4.1.4) */
export function readExtensions(reader: ByteReader): Extensions {
  const extensions = new Map<number, Buffer>();
  // Hellos of old implementations end before the list.
  if (reader.left === 0) return extensions;
  const list = new ByteReader(reader.vector16());
  while (list.left > 0) {
    const type = list.uint16();
    if (extensions.has(type))
      throw new DtlsFailure(
        'illegal_parameter',
        `The browser's DTLS hello holds the extension ${type} twice.`,
      );
    extensions.set(type, list.vector16());
  }
  return extensions;
}

export function writeExtensions(extensions: Extensions): Buffer {
  return vector16(
    ...[...extensions].flatMap(([type, content]) => [uint16(type), vector16(content)]),
  );
}
