import type { CheckContext, PreCallReport } from './pre-call-types.js';

/** Opens a WebSocket of its own, as the phone does, and closes it again. */
export function checkWebSocket(
  server: string,
  { timers, patienceMs, signal }: CheckContext,
): Promise<PreCallReport['webSocket']> {
  const begun = timers.now();
  return new Promise((resolve) => {
    let socket: WebSocket | undefined;
    const end = (opened: boolean): void => {
      cancel();
      signal.removeEventListener('abort', abort);
      socket?.close();
      resolve(
        opened
          ? { verdict: 'good', finding: 'open', openedMs: timers.now() - begun }
          : { verdict: 'bad', finding: 'closed' },
      );
    };
    const abort = (): void => {
      end(false);
    };
    const cancel = timers.after(patienceMs, abort);
    signal.addEventListener('abort', abort);
    try {
      socket = new WebSocket(server, 'sip');
      socket.addEventListener('open', () => {
        end(true);
      });
      socket.addEventListener('close', abort);
    } catch {
      // Not an address of a WebSocket, or ws: from a page by https:.
      end(false);
    }
  });
}
