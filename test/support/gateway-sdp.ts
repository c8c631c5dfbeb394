/** What a test bends in a browser's offer. */
type Bend = (lines: string[]) => string[];

const OFFER = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 9 0 8 110 126',
  'c=IN IP4 0.0.0.0',
  'a=mid:0',
  'a=sendrecv',
  'a=rtcp-mux',
  'a=ice-ufrag:Qz3b',
  'a=ice-pwd:kq2mU1vWc7T0sR9yX4nB6dEf',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, (_, index) => (index + 16).toString(16).toUpperCase()).join(':')}`,
  'a=setup:actpass',
  'a=rtpmap:111 opus/48000/2',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:110 telephone-event/48000',
  'a=rtpmap:126 telephone-event/8000',
];

/** The offer of a browser whose media never comes: enough for signalling. */
export function browserOffer(bend: Bend = (lines) => lines): string {
  return `${bend(OFFER).join('\r\n')}\r\n`;
}

/** Without the lines that begin so. */
export function without(...beginnings: string[]): Bend {
  return (lines) =>
    lines.filter((line) => !beginnings.some((beginning) => line.startsWith(beginning)));
}

/** What a carrier answers. */
export function carrierAnswer(payloadType = 8, port = 30_000): string {
  return [
    'v=0',
    'o=carrier 1 1 IN IP4 127.0.0.1',
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP ${payloadType}`,
    '',
  ].join('\r\n');
}
