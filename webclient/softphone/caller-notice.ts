/** Tells of a call in a window that nobody looks at, where the person allowed that. Returns how to take it back. */
export function showNotification(title: string, onClick: () => void): () => void {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted')
    return () => undefined;
  try {
    const notification = new Notification(title, {
      tag: 'copperline-call',
      requireInteraction: true,
    });
    notification.onclick = () => {
      globalThis.focus();
      onClick();
      notification.close();
    };
    return () => {
      notification.close();
    };
  } catch {
    // Some mobile browsers allow notifications from service workers only.
    return () => undefined;
  }
}

/** Asks once; must be called from a click. */
export async function askToNotify(): Promise<void> {
  if ('Notification' in globalThis && Notification.permission === 'default')
    await Notification.requestPermission().catch(() => undefined);
}

/** True while the browser would keep a ringing page silent. */
export function ringingIsBlocked(): boolean {
  const { userActivation } = navigator as { userActivation?: UserActivation };
  return userActivation !== undefined && !userActivation.hasBeenActive;
}
