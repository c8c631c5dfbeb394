export interface CSeq {
  /** 0 to 2^31-1 (RFC 3261 section 8.1.1.5). */
  number: number;
  /** Case-sensitive. */
  method: string;
}

const CSEQ = /^(\d{1,20})[ \t]+([A-Za-z0-9\-.!%*_+`'~]+)$/;

/** Undefined when the value is no CSeq or its number is 2^31 or more. */
export function parseCSeq(value: string): CSeq | undefined {
  const match = CSEQ.exec(value);
  if (match === null) return undefined;
  const number = Number(match[1]);
  return number < 2 ** 31 ? { number, method: match[2] ?? '' } : undefined;
}

export function formatCSeq(cseq: CSeq): string {
  return `${cseq.number} ${cseq.method}`;
}
