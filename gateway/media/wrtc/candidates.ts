import { isIPv4 } from 'node:net';

/** Which of this machine's addresses browsers are told. */
export interface BrowserAddress {
  /** IP address; `0.0.0.0` for all that are not loopback. */
  host: string;
  /** Told instead (1:1 NAT). */
  advertised?: string | undefined;
}

const CANDIDATE = /^a=candidate:(\S+) 1 udp (\d+) (\S+) (\d+) typ host/i;

/** The SDP with those candidates only that browsers are meant to reach (RFC 8839 section 5.1). */
export function withOwnCandidates(sdp: string, address: BrowserAddress): string {
  let told = false;
  const lines = sdp.split('\r\n').flatMap((line): string[] => {
    if (!line.startsWith('a=candidate:')) return [line];
    const found = CANDIDATE.exec(line);
    if (found === null || !isWanted(found[3] ?? '', address.host)) return [];
    if (address.advertised === undefined) return [line];
    if (told) return [];
    told = true;
    return [line.replace(` ${found[3]} ${found[4]} `, ` ${address.advertised} ${found[4]} `)];
  });
  return lines.join('\r\n');
}

/** The SDP without the addresses that a peer names: its own checks reach us. */
export function withoutCandidates(sdp: string): string {
  const isCandidate = (line: string): boolean => /^a=(candidate:|end-of-candidates)/.test(line);
  return sdp
    .split('\r\n')
    .filter((line) => !isCandidate(line))
    .join('\r\n');
}

/** The SDP with the packet time that libwebrtc is to keep to: it reads a=ptime, but no a=maxptime. */
export function withPacketTime(sdp: string, ptimeMs: number | undefined): string {
  return ptimeMs === undefined ? sdp : sdp.replace(/^a=ptime:.*$/m, `a=ptime:${ptimeMs}`);
}

function isWanted(address: string, host: string): boolean {
  if (host !== '0.0.0.0') return address === host;
  return isIPv4(address) && !address.startsWith('127.');
}
