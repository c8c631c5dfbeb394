import { CounterTransform } from './counter-transform.js';
import { GcmTransform } from './gcm-transform.js';
import { deriveSessionKeys } from './session-keys.js';
import type { PacketTransform } from './packet-transform.js';
import { SRTP_SUITES, type SrtpKey } from './srtp-suite.js';

export function createTransform(key: SrtpKey): PacketTransform {
  const { kind, tagBytes } = SRTP_SUITES[key.suite];
  const keys = { rtp: deriveSessionKeys(key, 'rtp'), rtcp: deriveSessionKeys(key, 'rtcp') };
  return kind === 'gcm' ? new GcmTransform(keys) : new CounterTransform(keys, tagBytes);
}
