import { type Session, type URI } from 'sip.js';
import { failureFromResponse, failureOf, PhoneError } from './failure.js';

/**
 * Asks the other end, by REFER (RFC 3515), to talk to somebody else from now on: a number, or, with Replaces (RFC 3891), the party of
 * another call of ours. Resolves when the server says that it is done, and rejects with a PhoneError when it was refused or failed;
 * the call goes on then.
 */
export function requestTransfer(
  session: Session,
  target: URI | Session,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: PhoneError): void => {
      reject(error);
    };
    // Who transferred is hung up; some servers do not send the last NOTIFY before.
    signal.addEventListener('abort', () => {
      resolve();
    });
    const refer = session.refer(target, {
      onNotify: (notification) => {
        const { request } = notification;
        void notification.accept().catch(() => undefined);
        const progress = readSipFragment(request.body);
        if (progress === undefined || progress.status < 200) return;
        if (progress.status < 300) {
          resolve();
          return;
        }
        const { status, phrase } = progress;
        const failure = failureFromResponse(status, request.getHeaders('reason'));
        // The gateway's sentence is the reason phrase; plain phrases such as "Busy Here" are shorter than ours.
        const own = /\s\S+\s/.test(phrase) && phrase.endsWith('.');
        fail(new PhoneError(own ? { ...failure, sentence: phrase, fromServer: true } : failure));
      },
      requestDelegate: {
        onReject: ({ message }) => {
          fail(
            new PhoneError(
              failureFromResponse(message.statusCode ?? 500, message.getHeaders('reason')),
            ),
          );
        },
      },
    });
    refer.catch((thrown: unknown) => {
      fail(new PhoneError(failureOf('server-error'), thrown));
    });
  });
}

/** The status line of a message/sipfrag body (RFC 3420). */
export function readSipFragment(body: string): { status: number; phrase: string } | undefined {
  const match = /^SIP\/2\.0 (\d{3})(?: ([^\r\n]*))?/.exec(body);
  if (match?.[1] === undefined) return undefined;
  return { status: Number(match[1]), phrase: (match[2] ?? '').trim() };
}
