import { failureOf, PhoneError } from './failure.js';
import { openMicrophone } from './microphone.js';
import type { CheckContext, PreCallReport } from './pre-call-types.js';

/** The browser's question may stand for so long. */
const QUESTION_MS = 60_000;
/** How long it is listened for a sound. A room is never as silent as a microphone that is switched off. */
const LISTEN_MS = 1_500;
const EVERY_MS = 100;

/** Opens the microphone, and listens whether anything comes from it. */
export async function checkMicrophone(
  constraints: MediaTrackConstraints,
  { timers, signal }: CheckContext,
): Promise<PreCallReport['microphone']> {
  try {
    const stream = await openMicrophone(constraints, { ms: QUESTION_MS, timers });
    try {
      const label = stream.getAudioTracks()[0]?.label ?? '';
      const silent = await isSilent(stream, { timers, signal });
      return silent
        ? { verdict: 'limited', finding: 'silent', label }
        : { verdict: 'good', finding: 'works', label };
    } finally {
      for (const track of stream.getTracks()) track.stop();
    }
  } catch (thrown) {
    const failure = thrown instanceof PhoneError ? thrown.failure : failureOf('media-failed');
    return { verdict: 'bad', finding: 'failed', label: '', failure };
  }
}

/** True when every sample is zero for as long as it is listened. */
async function isSilent(
  stream: MediaStream,
  { timers, signal }: Pick<CheckContext, 'timers' | 'signal'>,
): Promise<boolean> {
  const context = new AudioContext();
  try {
    const analyser = new AnalyserNode(context, { fftSize: 8192 });
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    for (let listened = 0; listened < LISTEN_MS && !signal.aborted; listened += EVERY_MS) {
      await new Promise<void>((resolve) => timers.after(EVERY_MS, resolve));
      analyser.getFloatTimeDomainData(samples);
      if (samples.some((sample) => sample !== 0)) return false;
    }
    // Without a click on the page the browser may not let us listen, which says nothing about the microphone.
    return context.state === 'running';
  } finally {
    await context.close();
  }
}
