import type { MediaDescription } from 'sdp-transform';
import { keyMaterialBytes, SRTP_SUITES, type SrtpKey } from '../srtp/srtp-suite.js';
import type { SrtpSuiteName } from '../media-engine.js';
import { text } from './sdp-text.js';

/** One `a=crypto` line (RFC 4568 section 4) that we can use: the key under which its writer sends. Secret. */
export interface CryptoLine {
  tag: number;
  key: SrtpKey;
}

/** RFC 4568 section 6.1: only these change nothing about the packets that we would have to follow. */
const HARMLESS_PARAMETERS = /^(?:WSH=\d+|KDR=0|-.*)$/;
/** `inline:` with key and salt, perhaps a lifetime, and no MKI: that would be in every packet. */
const INLINE = /^inline:([A-Za-z0-9+/]+={0,2})(?:\|(?:2\^)?\d+)?$/;

/** The usable lines, in the peer's order of preference; others are left out (RFC 4568 section 7.1.2). */
export function parseCryptoLines(audio: MediaDescription): CryptoLine[] {
  return (audio.crypto ?? []).flatMap((line) => {
    const [tag, name] = [line.id, text(line.suite) ?? ''];
    const inline = INLINE.exec((text(line.config) ?? '').trim())?.[1];
    const parameters = (text(line.sessionConfig) ?? '').split(' ').filter((word) => word !== '');
    const harmless = parameters.every((word) => HARMLESS_PARAMETERS.test(word));
    if (!isSuite(name) || inline === undefined || !harmless || !Number.isInteger(tag)) return [];
    const material = Buffer.from(inline, 'base64');
    return material.length === keyMaterialBytes(name)
      ? [{ tag, key: { suite: name, material } }]
      : [];
  });
}

/** The value of our own a=crypto. */
export function writeCryptoLine({ tag, key }: CryptoLine): string {
  return `${tag} ${key.suite} inline:${key.material.toString('base64')}`;
}

function isSuite(name: string): name is SrtpSuiteName {
  return Object.hasOwn(SRTP_SUITES, name);
}
