import type { BrowserFlow } from '../signaling/browser-flows.js';
import type { Call } from './call.js';
import { endCall } from './end-call.js';
import { browserLost } from './end-reasons.js';

/**
 * Watches the WebSocket of a call that is up. When it closes, the call is `detached` and the carrier's
 * leg is kept for the grace period; then the call ends.
 */
export function watchBrowser(call: Call, flow: BrowserFlow, graceMs: number): void {
  const onClosed = (): void => {
    if (call.isOver || !call.is('up')) return;
    call.log.info({ graceMs }, 'the WebSocket of the browser was lost');
    if (graceMs <= 0) {
      endCall(call, browserLost(0));
      return;
    }
    call.transition('detached');
    call.setTimer(() => {
      if (call.is('detached')) endCall(call, browserLost(graceMs));
    }, graceMs);
  };
  flow.closed.addEventListener('abort', onClosed, { signal: call.over.signal });
  if (flow.closed.aborted) onClosed();
}
