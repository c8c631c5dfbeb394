import { toDigits } from './digits.js';

/** What a far end says about the digits that it received. */
export const DTMF_REPORT = 'application/vnd.copperline.dtmf-report+json';

/** The digits of such a report, in the order of their arrival; empty when it makes no sense. */
export function digitsInReport(body: string): string {
  try {
    const report = JSON.parse(body) as { digits?: unknown } | null;
    if (!Array.isArray(report?.digits)) return '';
    return report.digits
      .map((entry: unknown) => (entry as { digit?: unknown } | null)?.digit)
      .map((digit) => (typeof digit === 'string' && digit.length === 1 ? toDigits(digit) : ''))
      .join('');
  } catch {
    return '';
  }
}
