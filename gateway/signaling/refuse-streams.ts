/** An answer that refuses every stream of an offer: port 0 (RFC 3264 section 6). Nothing else of the offer is read. */
export function refuseStreams(offer: string): string {
  const lines = ['v=0', 'o=- 0 0 IN IP4 0.0.0.0', 's=-', 'c=IN IP4 0.0.0.0', 't=0 0'];
  for (const [, media = '', rest = ''] of offer.matchAll(/^m=(\S+) \d+(?:\/\d+)? ([^\r\n]*)/gm))
    lines.push(`m=${media} 0 ${rest}`);
  return `${lines.join('\r\n')}\r\n`;
}
