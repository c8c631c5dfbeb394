/** Port of the first candidate of an SDP. */
export function candidatePort(answer: string): number {
  return Number(/^a=candidate:\S+ 1 udp \d+ \S+ (\d+)/im.exec(answer)?.[1]);
}

/** The answer with one candidate, at this address and port. */
export function throughCandidate(answer: string, addressAndPort: string): string {
  const candidate = `a=candidate:1 1 udp 2130706431 ${addressAndPort} typ host`;
  const lines = answer.split('\r\n');
  const first = lines.findIndex((line) => line.startsWith('a=candidate:'));
  return lines
    .map((line, index) => (index === first ? candidate : line))
    .filter((line) => line === candidate || !line.startsWith('a=candidate:'))
    .join('\r\n');
}
