import type { SoftphoneModel } from './softphone-model.js';

/** True when the key belongs to a control that the person is using. */
function isBusyTarget(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return true;
  const presses = event.key === 'Enter' || event.key === ' ';
  return (
    presses &&
    (target instanceof HTMLButtonElement ||
      (target instanceof HTMLElement && target.tagName === 'SUMMARY'))
  );
}

/** The whole page is a keypad: digits dial or are sent, Enter calls, Escape hangs up, Backspace deletes. */
export function listenToKeyboard(model: SoftphoneModel): void {
  globalThis.addEventListener('keydown', (event) => {
    if (!model.signedIn || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      escape(model);
      return;
    }
    if (isBusyTarget(event)) return;
    if (handle(model, event)) event.preventDefault();
  });
}

function escape(model: SoftphoneModel): void {
  if (model.desk.ringing !== undefined) model.decline();
  else if (model.desk.adding) model.addCall(false);
  else if (model.inCall) model.hangUp();
  else model.setNumber('');
}

function handle(model: SoftphoneModel, event: KeyboardEvent): boolean {
  const calling = model.inCall;
  const key = event.key.toUpperCase();
  if (
    /^[0-9*#]$/.test(key) ||
    (key === '+' && !calling) ||
    (/^[A-D]$/.test(key) && model.lettersShown)
  ) {
    // A held key repeats on the screen, but an IVR must hear it once.
    if (!event.repeat || !calling) model.press(key);
    return true;
  }
  if (calling) return false;
  if (event.key === 'Enter') model.dial();
  else if (event.key === 'Backspace') model.backspace();
  else return false;
  return true;
}
