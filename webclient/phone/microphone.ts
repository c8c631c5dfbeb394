import { failureFromMicrophone, failureOf, PhoneError } from './failure.js';

/**
 * Opens the microphone.
 * @throws PhoneError with a sentence that says what to do.
 */
export async function openMicrophone(constraints: MediaTrackConstraints): Promise<MediaStream> {
  if (!globalThis.isSecureContext) throw new PhoneError(failureOf('insecure-page'));
  // Typed as always there, but missing in embedded browsers and in frames that forbid it.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) throw new PhoneError(failureOf('browser-unsupported'));
  try {
    return await devices.getUserMedia({ audio: constraints, video: false });
  } catch (thrown) {
    throw new PhoneError(failureFromMicrophone(thrown), thrown);
  }
}
