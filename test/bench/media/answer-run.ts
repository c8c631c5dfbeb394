import { Child } from '../child-rpc.js';
import type { BenchEngine } from './bench-engine.js';
import { carrierAnswer } from './media-run.js';

export interface AnswerTimes {
  engine: string;
  calls: number;
  p50Ms: number;
  p95Ms: number;
  maxMs: number;
}

/**
 * From the carrier's answer, as the engine gets it, until the browser has heard the carrier's echo of what it said: ICE, DTLS and both
 * directions of audio. One call after the other.
 * @param ringing the browser was answered while the carrier rang, so that its ICE and DTLS are over
 */
export async function answerRun(
  engine: BenchEngine,
  { calls, ringing }: { calls: number; ringing: BenchEngine['ringing'] },
): Promise<AnswerTimes> {
  const browsers = new Child('./media/browser-generator.ts');
  const carrier = new Child('./media/carrier-echo.ts');
  const times: number[] = [];
  try {
    await engine.start();
    const answer = carrierAnswer(Number(await carrier.call('port')));
    for (let index = 0; index <= calls; index += 1) {
      const browserOffer = String(await browsers.call('offer', 'pcmu'));
      const fresh = { id: `answer-${index}`, codec: 'pcmu', browserOffer } as const;
      const call = { ...fresh, carrierAnswer: answer };
      if (ringing !== undefined)
        await browsers.call('answer', { index, sdp: await ringing.ring(call) });
      const began = performance.now();
      if (ringing === undefined)
        await browsers.call('heard', { index, sdp: await engine.openCall(call) });
      else {
        await ringing.pickUp(call);
        await browsers.call('talk', index);
      }
      // What is loaded with the first call is not what callers wait for.
      if (index > 0) times.push(performance.now() - began);
    }
  } finally {
    await browsers.stop();
    await engine.closeCalls();
    await engine.stop();
    await carrier.stop();
  }
  times.sort((one, other) => one - other);
  const at = (fraction: number): number =>
    times[Math.min(times.length - 1, Math.floor(fraction * times.length))] ?? Number.NaN;
  const name = ringing === undefined ? engine.name : `${engine.name}, rang`;
  return { engine: name, calls, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
}
