import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RelayEngine } from '../../../gateway/media/workers/relay-engine.js';
import { candidatePort, throughCandidate } from '../../support/candidate-sdp.js';
import { outsideAddress } from '../../support/dtmf/pressed-call.js';
import { PressingBrowser } from '../../support/dtmf/pressing-browser.js';
import { findFirefox } from '../../support/firefox.js';
import { LossyForwarder } from '../../support/lossy-forwarder.js';
import {
  closeOpened,
  openCarrier,
  openSession,
  policy,
  RTP_FORMATS,
  SessionEvents,
} from '../../support/media-rig.js';
import { openRelay } from '../../support/relay-on-loopback.js';

describe.skipIf(findFirefox() === undefined)('a real Firefox calls through the relay', () => {
  let firefox: PressingBrowser;
  let engine: RelayEngine;

  beforeAll(async () => {
    engine = await openRelay({ timeoutMs: 30_000 });
    firefox = await PressingBrowser.start('firefox');
  });

  afterEach(closeOpened);

  afterAll(async () => {
    expect(await engine.counts()).toMatchObject({ sessions: 0, ports: 0 });
    await firefox.close();
    await engine.close();
  });

  it('talks on when a NAT gives it another port, although it nominates nothing again', async () => {
    const events = new SessionEvents();
    const session = await openSession(engine, events);
    const carrier = await openCarrier();
    const policies = { from: policy('webrtc', ['pcmu']), to: policy('rtp', ['pcmu']) };
    const { call, sdp } = await firefox.offer();
    carrier.follow(await session.offerTo('callee', sdp, policies));
    const answer = await session.answerTo('caller', carrier.sdp(RTP_FORMATS.pcmu));
    const host = outsideAddress();
    const way = await LossyForwarder.open({ host, target: candidatePort(answer), seed: 1 });
    try {
      await firefox.connect(call, throughCandidate(answer, `${host} ${way.port}`));
      carrier.echo = true;
      await carrier.rtp.waitFor(50);
      way.forget();
      const [heard, told] = [carrier.rtp.items.length, way.passedBack];
      // It asks for consent every 5 s or so.
      await carrier.rtp.waitFor(heard + 100);
      await expect.poll(() => way.passedBack).toBeGreaterThan(told + 100);
      expect(events.failures.items).toEqual([]);
    } finally {
      await firefox.hangUp(call);
      way.close();
    }
  });
});
