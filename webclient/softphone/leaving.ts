/**
 * Tells whether the page goes away for good or is loaded again: calls that are up survive a reload, since the server offers them to the
 * page that comes back. Browsers do not say so in advance: only the keys for it and a reload by the page itself are known here. The
 * reload button looks like leaving, and ends calls.
 */
export function onLeaving(actions: { reload: () => void; leave: () => void }): void {
  let reloading = false;
  // HTML section 7.2.6.10.4: not fired for what the browser's own buttons do.
  const { navigation } = globalThis as { navigation?: EventTarget };
  navigation?.addEventListener('navigate', (event) => {
    reloading = (event as Event & { navigationType?: string }).navigationType === 'reload';
  });
  globalThis.addEventListener('keydown', ({ key, ctrlKey, metaKey }) => {
    reloading = key === 'F5' || ((ctrlKey || metaKey) && key.toLowerCase() === 'r');
  });
  // Not `beforeunload`: that one also fires when the person then stays.
  globalThis.addEventListener('pagehide', () => {
    if (reloading) actions.reload();
    else actions.leave();
  });
}
