import { CopperlineError } from '../../kernel/errors.js';
import type { BencodeDictionary } from './bencode.js';

/** @throws CopperlineError CL_MEDIA_RTPENGINE_REFUSED */
export function sdpOf(reply: BencodeDictionary): string {
  const { sdp } = reply;
  if (typeof sdp === 'string') return sdp;
  throw new CopperlineError('CL_MEDIA_RTPENGINE_REFUSED', {
    sentence: 'The rtpengine of this call answered without an SDP.',
  });
}

export function closed(): CopperlineError {
  return new CopperlineError('CL_MEDIA_CLOSED', { sentence: 'The media session is closed.' });
}

export function unsupported(what: string): CopperlineError {
  const sentence = `The media engine rtpengine cannot ${what}.`;
  return new CopperlineError('CL_MEDIA_UNSUPPORTED', { sentence });
}
