import type { LegName } from '../media/media-engine.js';
import type { Call } from './call.js';
import { endCall } from './end-call.js';
import { browserLost } from './end-reasons.js';

/**
 * Watches the WebSocket of a leg of a call that is up, when a browser speaks on it. When it closes, the call is `detached`
 * and the other leg is kept for the grace period; then the call ends.
 */
export function watchBrowser(call: Call, leg: LegName, graceMs: number): void {
  const party = leg === 'caller' ? call.caller : call.callee;
  if (party?.kind !== 'browser' || party.flow === undefined) return;
  const { closed } = party.flow;
  const onClosed = (): void => {
    if (call.isOver || !call.is('up') || call.partyOn(leg) !== party) return;
    call.log.info({ leg, graceMs }, 'the WebSocket of the browser was lost');
    if (graceMs <= 0) {
      endCall(call, browserLost(0));
      return;
    }
    call.transition('detached');
    call.setTimer(() => {
      if (call.is('detached')) endCall(call, browserLost(graceMs));
    }, graceMs);
  };
  closed.addEventListener('abort', onClosed, { signal: call.over.signal });
  if (closed.aborted) onClosed();
}
