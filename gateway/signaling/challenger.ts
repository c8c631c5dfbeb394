/**
 * Where the answer to a digest challenge goes when not to `target` (the request-URI or the outbound proxy): a host name may
 * resolve to another server next time, which would not know the nonce, so it is the address that challenged. Undefined
 * when the target is an address itself, and over TLS, where the certificate is checked against the name.
 */
export function challengerOf(
  target: string,
  { source_address: address, source_port: port }: { source_address: string; source_port: number },
): string | undefined {
  if (/^sips?:(?:[^@]*@)?(?:\d{1,3}(?:\.\d{1,3}){3}|\[)/i.test(target)) return undefined;
  const transport = /;transport=(\w+)/i.exec(target)?.[1];
  if (/^sips:/i.test(target) || transport?.toLowerCase() === 'tls') return undefined;
  const host = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
  return `sip:${host}:${port}${transport === undefined ? '' : `;transport=${transport}`}`;
}
