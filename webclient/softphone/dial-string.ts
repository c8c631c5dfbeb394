/**
 * A typed or pasted number, reduced to what can be dialled: `+1 (202) 555-0143` becomes `+12025550143`, `tel:600`
 * becomes `600`. A plus counts only at the front; a `(0)` after a country code is the national prefix and is dropped.
 */
export function cleanNumber(text: string): string {
  const trimmed = text.trim().replace(/^(?:tel|sips?):/i, '');
  const address = trimmed.split('@')[0] ?? '';
  const national = address.startsWith('+') ? address.replace(/\(0\)/, '') : address;
  const digits = national.toUpperCase().replace(/[^0-9*#A-D]/g, '');
  return national.startsWith('+') ? `+${digits}` : digits;
}
