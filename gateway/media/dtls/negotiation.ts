import type { SrtpSuiteName } from '../media-engine.js';
import { DtlsFailure, type AlertName } from './alerts.js';
import { ByteReader, uint16List, uint8, vector8 } from './bytes.js';
import { EXTENSION, type Extensions } from './hello-extensions.js';
import { acceptsNoCompression, type ClientHello, type ServerHello } from './hello-messages.js';
import { GROUP_ORDER, GROUPS } from './key-exchange.js';
import { DTLS_1_2 } from './record.js';
import { SIGNING_SCHEME, VERIFIED_SCHEMES } from './signatures.js';
import { answerOfSrtp, chooseSrtp, chosenSrtp, offerOfSrtp, readUseSrtp } from './srtp-profiles.js';

/** RFC 5289: by the certificate of the server, which is ours (ECDSA) or the peer's (either). */
export const SUITES = { ecdsa: 0xc02b, rsa: 0xc02f } as const;
/** RFC 5746 section 3.3. */
const RENEGOTIATION_SCSV = 0x00ff;
const MAJOR_VERSION = 0xfe;
const EMPTY = Buffer.alloc(0);
const UNCOMPRESSED_POINTS = vector8(uint8(0));
/** RFC 5746 section 3.4: of a first handshake. */
const NO_RENEGOTIATION = vector8();

export interface ServerChoice {
  srtp: SrtpSuiteName;
  group: number;
  extensions: Extensions;
}

/** What our hello offers. */
export function clientExtensions(): Extensions {
  return new Map([
    [EXTENSION.extendedMasterSecret, EMPTY],
    [EXTENSION.renegotiationInfo, NO_RENEGOTIATION],
    [EXTENSION.supportedGroups, uint16List(GROUP_ORDER)],
    [EXTENSION.ecPointFormats, UNCOMPRESSED_POINTS],
    [EXTENSION.signatureAlgorithms, uint16List(VERIFIED_SCHEMES)],
    [EXTENSION.useSrtp, offerOfSrtp()],
  ]);
}

/**
 * What we answer to a hello. Versions above 1.2, key shares and all that is unknown is skipped: a client that could do 1.3 takes 1.2.
 * @throws MalformedBytes; DtlsFailure with the first thing that we do not share
 */
export function answerHello(hello: ClientHello): ServerChoice {
  const { version, extensions } = hello;
  // RFC 6347 section 4.1: the numbers go down as the versions go up.
  if (version >> 8 !== MAJOR_VERSION || version > DTLS_1_2)
    throw refusal('protocol_version', 'The browser has no DTLS 1.2.');
  if (!hello.suites.includes(SUITES.ecdsa) || !acceptsNoCompression(hello.compressions))
    throw refusal('handshake_failure', 'The browser and we share no DTLS cipher suite.');
  requireExtendedMasterSecret(extensions);
  requireFirstHandshake(extensions);
  requireSigning(extensions);
  const group = sharedGroup(extensions);
  const srtp = sharedSrtp(extensions);
  // A server answers nothing that was not asked. RFC 5746 section 3.3: a client may ask by a cipher suite.
  const asked = ([type]: readonly [number, Buffer]): boolean =>
    extensions.has(type) ||
    (type === EXTENSION.renegotiationInfo && hello.suites.includes(RENEGOTIATION_SCSV));
  const answers: (readonly [number, Buffer])[] = [
    [EXTENSION.extendedMasterSecret, EMPTY],
    [EXTENSION.renegotiationInfo, NO_RENEGOTIATION],
    [EXTENSION.ecPointFormats, UNCOMPRESSED_POINTS],
    [EXTENSION.useSrtp, answerOfSrtp(srtp)],
  ];
  return { srtp, group, extensions: new Map(answers.filter(asked)) };
}

/** What the server has chosen of our offer. @throws MalformedBytes, DtlsFailure */
export function acceptHello(hello: ServerHello): SrtpSuiteName {
  const { extensions } = hello;
  if (hello.version !== DTLS_1_2) throw refusal('protocol_version', 'The browser has no DTLS 1.2.');
  const suites: readonly number[] = Object.values(SUITES);
  if (!suites.includes(hello.suite) || hello.compression !== 0)
    throw refusal('illegal_parameter', 'The browser chose a DTLS cipher suite that we lack.');
  const offered = clientExtensions();
  for (const type of extensions.keys())
    if (!offered.has(type))
      throw refusal(
        'unsupported_extension',
        `The browser answered the DTLS extension ${type}, which we did not send.`,
      );
  requireExtendedMasterSecret(extensions);
  requireFirstHandshake(extensions);
  requireUncompressedPoints(extensions);
  return acceptedSrtp(extensions);
}

/** RFC 7627 section 5.4: without it no keys may be exported, and they are all that we want of DTLS. So no handshake without it. */
function requireExtendedMasterSecret(extensions: Extensions): void {
  const content = extensions.get(EXTENSION.extendedMasterSecret);
  if (content === undefined)
    throw refusal(
      'handshake_failure',
      'The browser has no extended master secret (RFC 7627), without which DTLS keys are not safe for SRTP.',
    );
  new ByteReader(content).end();
}

/** RFC 5746 sections 3.4 and 3.6. A peer that does not know it cannot renegotiate with us either. */
function requireFirstHandshake(extensions: Extensions): void {
  const content = extensions.get(EXTENSION.renegotiationInfo);
  if (content !== undefined && !content.equals(NO_RENEGOTIATION))
    throw refusal('handshake_failure', 'The browser wants to renegotiate a DTLS that is new.');
}

/** RFC 5246 section 7.4.1.4.1: without the extension, SHA-1 was all that a client knew. */
function requireSigning(extensions: Extensions): void {
  const content = extensions.get(EXTENSION.signatureAlgorithms);
  if (content === undefined || !wholeList(content).includes(SIGNING_SCHEME))
    throw refusal(
      'handshake_failure',
      'The browser takes no DTLS signature by ECDSA with SHA-256, the kind of our certificate.',
    );
}

/** RFC 8422 section 4: a client without the extension takes any curve; P-256 is the one that all have. */
function sharedGroup(extensions: Extensions): number {
  requireUncompressedPoints(extensions);
  const content = extensions.get(EXTENSION.supportedGroups);
  if (content === undefined) return GROUPS.secp256r1;
  const offered = wholeList(content);
  const group = GROUP_ORDER.find((ours) => offered.includes(ours));
  if (group === undefined)
    throw refusal(
      'handshake_failure',
      'The browser and we share no curve for DTLS: we have P-256 and X25519.',
    );
  return group;
}

/** RFC 8422 section 5.1.2. */
function requireUncompressedPoints(extensions: Extensions): void {
  const content = extensions.get(EXTENSION.ecPointFormats);
  if (content === undefined) return;
  const reader = new ByteReader(content);
  const formats = reader.vector8();
  reader.end();
  if (!formats.includes(0))
    throw refusal('illegal_parameter', 'The browser takes no uncompressed points in DTLS.');
}

function sharedSrtp(extensions: Extensions): SrtpSuiteName {
  const suite = chooseSrtp(useSrtp(extensions).profiles);
  if (suite === undefined)
    throw refusal('handshake_failure', 'The browser and we share no SRTP profile.');
  return suite;
}

/** RFC 5764 section 4.1.1: one profile of those offered, and the MKI that was offered: none. */
function acceptedSrtp(extensions: Extensions): SrtpSuiteName {
  const { profiles, mki } = useSrtp(extensions);
  const suite = chosenSrtp(profiles);
  if (suite === undefined || mki.length > 0)
    throw refusal('illegal_parameter', 'The browser chose an SRTP profile that we did not offer.');
  return suite;
}

function useSrtp(extensions: Extensions): { profiles: number[]; mki: Buffer } {
  const content = extensions.get(EXTENSION.useSrtp);
  if (content === undefined)
    throw refusal(
      'handshake_failure',
      "The browser's DTLS hello names no SRTP profile (use_srtp, RFC 5764).",
    );
  return readUseSrtp(content);
}

function wholeList(content: Buffer): number[] {
  const reader = new ByteReader(content);
  const list = reader.uint16List();
  reader.end();
  return list;
}

function refusal(alert: AlertName, sentence: string): DtlsFailure {
  return new DtlsFailure(alert, sentence);
}
