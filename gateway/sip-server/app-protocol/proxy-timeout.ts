const UNITS: Readonly<Record<string, number>> = { s: 1000, ms: 1 };
/** An hour: longer than any phone rings. */
const MAX_MS = 3_600_000;

/** `5s`, `500ms`; undefined for anything else, which means no limit of the application's own. */
export function proxyTimeout(text: string | undefined): number | undefined {
  const match = /^(\d{1,9})(s|ms)$/.exec(text ?? '');
  const ms = Number(match?.[1] ?? 0) * (UNITS[match?.[2] ?? ''] ?? 0);
  return ms > 0 ? Math.min(ms, MAX_MS) : undefined;
}
