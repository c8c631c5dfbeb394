const KEY = 'copperline.instance';

/**
 * The `+sip.instance` (RFC 5626 section 4.1) of this tab: the same after a reload, by which a server finds the page again to
 * which a running call belongs. Another tab has another one. It is no secret.
 */
export function tabInstanceId(): string {
  try {
    const kept = sessionStorage.getItem(KEY);
    if (kept !== null && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(kept)) return kept;
    const fresh = crypto.randomUUID();
    sessionStorage.setItem(KEY, fresh);
    return fresh;
  } catch {
    // Storage may be forbidden: then a reload is a new device, and its call ends after a while.
    return newUuid();
  }
}

/** randomUUID() exists in secure pages only. */
function newUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`];
  return [...parts, `a${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}
