import { readFileSync } from 'node:fs';
import type { SipMessage, SipRequest } from '../../../gateway/sip-server/message/sip-message.js';

/** What becomes of a message of a torture RFC. */
type Outcome =
  /** A well-formed request that the application gets as it came, and answers as the RFC asks of an endpoint. */
  | { by: 'application'; answer: number; headers?: readonly string[] }
  /** A well-formed request that the server itself answers, without asking an application. */
  | { by: 'server'; answer: number }
  /** A well-formed response that belongs to nothing: no answer, ever. */
  | { by: 'nobody' }
  /** Malformed. The answer is silence for a response, and for a request that says too little to be answered. */
  | { by: 'parser'; answer: number | 'silence'; why: RegExp };

export interface TortureCase {
  /** The RFC's name of the message: `<folder>/<name>.dat`. */
  name: string;
  section: string;
  outcome: Outcome;
  /** Asserts what the parsed message means. */
  check?: (message: SipMessage) => void;
}

const VECTORS = new URL('../../vectors/', import.meta.url);

/** @param path below test/vectors, without `.dat` */
export function readVector(path: string): Buffer {
  return readFileSync(new URL(`${path}.dat`, VECTORS));
}

export function asRequest(message: SipMessage): SipRequest {
  if (message.kind !== 'request') throw new Error('This is a response.');
  return message;
}
