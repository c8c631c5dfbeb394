import { failureFromMicrophone, failureOf, PhoneError } from './failure.js';
import type { Timers } from './timers.js';

/** How long a person may take to answer the browser's question. */
export interface Patience {
  ms: number;
  timers: Timers;
}

/**
 * Opens the microphone.
 * @param patience without it the browser's question is waited for as long as it stands
 * @throws PhoneError with a sentence that says what to do.
 */
export async function openMicrophone(
  constraints: MediaTrackConstraints,
  patience?: Patience,
): Promise<MediaStream> {
  if (!globalThis.isSecureContext) throw new PhoneError(failureOf('insecure-page'));
  // Typed as always there, but missing in embedded browsers and in frames that forbid it.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) throw new PhoneError(failureOf('browser-unsupported'));
  const opened = devices.getUserMedia({ audio: constraints, video: false });
  try {
    return await (patience === undefined ? opened : inTime(opened, patience));
  } catch (thrown) {
    throw thrown instanceof PhoneError
      ? thrown
      : new PhoneError(failureFromMicrophone(thrown), thrown);
  }
}

/** A question that nobody answers stands for ever; an answer that comes too late must not leave the microphone open. */
function inTime(opened: Promise<MediaStream>, { ms, timers }: Patience): Promise<MediaStream> {
  return new Promise((resolve, reject) => {
    let late = false;
    const cancel = timers.after(ms, () => {
      late = true;
      reject(new PhoneError(failureOf('microphone-unanswered')));
    });
    opened.then(
      (stream) => {
        cancel();
        if (late) for (const track of stream.getTracks()) track.stop();
        else resolve(stream);
      },
      (thrown: unknown) => {
        cancel();
        reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
      },
    );
  });
}
