import { printable } from '../signaling/sip-text.js';

/** What an INVITE said, as far as carriers refuse calls for it. */
export interface SentInvite {
  /** User part of the request-URI, as written for the trunk. */
  number: string;
  numberFormat: string;
  /** User part of From. */
  fromUser: string;
  /** SDP. */
  offer: string;
}

/** What the carrier answered. */
interface Answer {
  status: number;
  warningHeader?: string | undefined;
  /** Of a 488: what the carrier would take. */
  sdp?: string | undefined;
}

/** Text of a peer goes into sentences no longer than this. */
const LONGEST_TEXT = 160;

/** The end of a sentence about a refusal: what was sent that the carrier may not like; empty when it is of no use. Pure. */
export function decidingFact(refusal: Answer, sent: SentInvite): string {
  switch (refusal.status) {
    case 400:
    case 404:
    case 410:
    case 484:
    case 604:
      return `; it was asked for ${sent.number} (numberFormat ${sent.numberFormat})`;
    case 403:
    case 603:
    case 606:
      return `; the call came from the From user ${sent.fromUser} and asked for ${sent.number}`;
    case 415:
    case 488:
      return media(refusal, sent);
    default:
      return '';
  }
}

function media({ warningHeader, sdp }: Answer, { offer }: SentInvite): string {
  const wanted = sdp === undefined ? '' : `, and it would take ${codecList(sdp)}`;
  const warning =
    warningHeader === undefined
      ? ''
      : `, Warning: ${printable(warningHeader).slice(0, LONGEST_TEXT)}`;
  return `; it was offered ${codecList(offer)}${wanted}${warning}`;
}

/** RFC 3551 table 4, for SDP that leaves the rtpmap of static types out. */
const STATIC: Readonly<Record<string, string>> = {
  '0': 'PCMU/8000',
  '3': 'GSM/8000',
  '8': 'PCMA/8000',
  '9': 'G722/8000',
  '13': 'CN/8000',
  '18': 'G729/8000',
};
const MAX_CODECS = 12;

/** `PCMA/8000, telephone-event/8000`, by the first audio line of an SDP. */
function codecList(sdp: string): string {
  const line = /^m=audio \d+ (\S+)((?: \d{1,3})+)/m.exec(sdp);
  if (line === null) return 'no audio';
  const [, protocol = '', types = ''] = line;
  const names = types
    .trim()
    .split(' ')
    .slice(0, MAX_CODECS)
    .map((type) => nameOf(sdp, type));
  return `${names.join(', ')} over ${printable(protocol).slice(0, 40)}`;
}

function nameOf(sdp: string, type: string): string {
  const named = new RegExp(`^a=rtpmap:${type} ([\\w./-]{1,40})`, 'm').exec(sdp)?.[1];
  return named ?? STATIC[type] ?? `type ${type}`;
}
