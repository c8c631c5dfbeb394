import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { audioCases } from './media-audio.contract.js';
import { brokenCases } from './media-broken.contract.js';
import { codecChoiceCases } from './media-codec-choice.contract.js';
import { digitCases } from './media-digits.contract.js';
import { inbandCases } from './media-inband.contract.js';
import { lifecycleCases } from './media-lifecycle.contract.js';
import { muxCases } from './media-mux.contract.js';
import { noiseCases } from './media-noise.contract.js';
import { offerAnswerCases } from './media-offer-answer.contract.js';
import { offerAloneCases } from './media-offer-alone.contract.js';
import { qualityCases } from './media-quality.contract.js';
import { renewalCases } from './media-renewal.contract.js';
import { sdpCases } from './media-sdp.contract.js';
import { sentDigitCases } from './media-sent-digits.contract.js';
import { silenceCases } from './media-silence.contract.js';
import { soundCases } from './media-sounds.contract.js';
import { srtpCases } from './media-srtp.contract.js';
import { strangerCases } from './media-strangers.contract.js';
import { transcodingCases } from './media-transcoding.contract.js';
import {
  casesWithout,
  lesserCasesWithout,
  type CreateEngine,
  type EngineGap,
  type EngineUnderTest,
  type Suite,
} from './engine-under-test.js';

/**
 * What every media engine has to do, told by its packets. A gap is a case that the engine cannot pass,
 * with the reason; everything else must.
 */
export function describeMediaEngine(
  name: string,
  create: CreateEngine,
  gaps: readonly EngineGap[] = [],
): void {
  describe(`media engine: ${name}`, () => {
    let current: EngineUnderTest | undefined;
    const suite: Suite = {
      test: casesWithout(gaps),
      lesser: lesserCasesWithout(gaps),
      create,
      shared: () => {
        if (current === undefined) throw new Error('no engine outside of a case');
        return current;
      },
    };
    beforeAll(async () => {
      current = await create();
    });
    afterEach(async () => {
      const counts = await current?.engine.counts();
      expect(counts, 'every case leaves nothing open').toMatchObject({ sessions: 0, ports: 0 });
    });
    afterAll(async () => {
      await current?.engine.close();
    });
    describe('audio', () => {
      audioCases(suite);
    });
    describe('transcoding', () => {
      transcodingCases(suite);
      codecChoiceCases(suite);
    });
    describe('offer and answer', () => {
      offerAnswerCases(suite);
    });
    describe('an offer before the caller made one', () => {
      offerAloneCases(suite);
    });
    describe('renewal of a leg', () => {
      renewalCases(suite);
    });
    describe('digits', () => {
      digitCases(suite);
      sentDigitCases(suite);
      inbandCases(suite);
    });
    describe('sounds', () => {
      soundCases(suite);
    });
    describe('SRTP', () => {
      srtpCases(suite);
    });
    describe('RTCP on the port of RTP', () => {
      muxCases(suite);
    });
    describe('comfort noise', () => {
      noiseCases(suite);
    });
    describe('quality', () => {
      qualityCases(suite);
    });
    describe('hostile and broken packets', () => {
      strangerCases(suite);
      brokenCases(suite);
    });
    describe('an end that is not heard', () => {
      silenceCases(suite);
    });
    describe('bad SDP', () => {
      sdpCases(suite);
    });
    describe('life and death', () => {
      lifecycleCases(suite);
    });
  });
}
