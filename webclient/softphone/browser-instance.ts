const KEY = 'copperline.device';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The `+sip.instance` (RFC 5626 section 4.1) of this browser. One tab at a time is the phone, so all tabs are one device to the
 * server: a call goes on in the tab that takes over, or that is opened after the other one was closed by mistake. Undefined where
 * tabs cannot agree on one phone: there, each is a device of its own. It is no secret.
 */
export function browserInstanceId(): string | undefined {
  if ((navigator as { locks?: unknown }).locks === undefined) return undefined;
  try {
    const kept = localStorage.getItem(KEY);
    if (kept !== null && UUID.test(kept)) return kept;
    const fresh = crypto.randomUUID();
    localStorage.setItem(KEY, fresh);
    return fresh;
  } catch {
    // Storage is forbidden: then the SDK's own of this tab.
    return undefined;
  }
}
