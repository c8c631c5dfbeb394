import { expect } from 'vitest';
import {
  audio,
  closeOpened,
  openSession,
  placeCall,
  RTP_FORMATS,
  SessionEvents,
} from '../support/media-rig.js';
import type { Suite } from './engine-under-test.js';
import { carry, sentBy } from './speaker.js';

const RUN = { payloadType: 0, sequence: 1, timestamp: 0, ssrc: 5 };

export function lifecycleCases({ test, shared, create }: Suite): void {
  test('tells when each leg is connected, once', async () => {
    const call = await placeCall(shared().engine);
    await carry(shared(), audio(3, RUN), { from: call.carrier, to: call.browser });
    await call.events.connected.waitFor(2);
    expect(call.events.connected.items).toEqual(['caller', 'callee']);
  });

  test('counts both legs and returns the last counters at close', async () => {
    const call = await placeCall(shared().engine);
    await carry(shared(), audio(4, RUN), { from: call.carrier, to: call.browser });
    await carry(shared(), audio(3, { ...RUN, ssrc: 6 }), { from: call.browser, to: call.carrier });
    if (shared().decodes === true)
      await expect
        .poll(async () => (await call.session.statistics()).caller.packetsReceived)
        .toBe(sentBy(call.browser));
    const last = await call.session.close();
    expect([last.caller.packetsLost, last.callee.packetsRejected]).toEqual([0, 0]);
    const received = [last.caller.packetsReceived, last.callee.packetsReceived];
    const sent = [last.caller.packetsSent, last.callee.packetsSent];
    if (shared().decodes === true) {
      expect(received).toEqual([sentBy(call.browser), sentBy(call.carrier)]);
      expect(Math.min(...sent)).toBeGreaterThan(0);
    } else
      expect([received, sent]).toEqual([
        [3, 4],
        [4, 3],
      ]);
    expect(await call.session.close()).toEqual(last);
  });

  test('refuses everything after close', async () => {
    const call = await placeCall(shared().engine);
    await call.session.close();
    const expected = { code: 'CL_MEDIA_CLOSED' };
    const answer = call.carrier.sdp(RTP_FORMATS.pcmu);
    await expect(call.session.answerTo('caller', answer)).rejects.toMatchObject(expected);
    await expect(call.session.statistics()).rejects.toMatchObject(expected);
  });

  test('frees everything of a session that was never answered', async () => {
    await openSession(shared().engine);
    expect((await shared().engine.counts()).sessions).toBe(1);
  });

  test('ends a call whose media stopped, but not one on hold', async () => {
    // Longer than the tone takes that one leg sends while the others are silent.
    const timeoutMs = shared().decodes === true ? 3000 : 300;
    const { engine } = await create({ timeoutMs });
    const call = await placeCall(engine);
    const held = await placeCall(engine);
    for (const each of [call, held]) {
      await carry(shared(), audio(2, RUN), { from: each.carrier, to: each.browser });
      await carry(shared(), audio(2, { ...RUN, ssrc: 6 }), {
        from: each.browser,
        to: each.carrier,
      });
    }
    const policies = {
      from: { kind: 'webrtc', codecs: ['pcmu'], minToneMs: 40, minGapMs: 40, ptimeMs: 20 },
      to: { kind: 'rtp', codecs: ['pcmu'], minToneMs: 40, minGapMs: 40, ptimeMs: 20 },
    } as const;
    const inactive = held.browserOffer.replace('a=sendrecv', 'a=inactive');
    await held.session.offerTo('callee', inactive, policies);
    await held.session.answerTo(
      'caller',
      held.carrier.sdp({ ...RTP_FORMATS.pcmu, direction: 'inactive' }),
    );
    const [failure] = await call.events.failures.waitFor(1);
    expect(failure?.code).toBe('CL_MEDIA_TIMEOUT');
    expect(failure?.message).toMatch(/No media came from the (caller|callee) for (0.3|3) s/);
    expect(held.events.failures.items).toHaveLength(0);
    expect(call.events.failures.items).toHaveLength(1);
    await closeOpened();
    expect(await engine.counts()).toMatchObject({ sessions: 0, ports: 0 });
    await engine.close();
  });

  test('fails the sessions of a worker that dies, starts another, and goes on', async () => {
    const { engine, killWorker } = await create();
    const call = await placeCall(engine);
    killWorker?.();
    const [failure] = await call.events.failures.waitFor(1);
    expect(failure?.code).toBe('CL_MEDIA_WORKER_DIED');
    await expect(call.session.statistics()).rejects.toMatchObject({ code: 'CL_MEDIA_WORKER_DIED' });
    await expect.poll(async () => (await engine.counts()).workers, { timeout: 10_000 }).toBe(1);
    const next = await placeCall(engine);
    await carry(shared(), audio(2, RUN), { from: next.carrier, to: next.browser });
    expect(call.events.failures.items).toHaveLength(1);
    await engine.close();
  });

  test('refuses calls when it is closed', async () => {
    const { engine } = await create();
    await engine.close();
    await engine.close();
    const opened = engine.open({ callId: 'late', handlers: new SessionEvents().handlers });
    await expect(opened).rejects.toMatchObject({ code: 'CL_MEDIA_UNAVAILABLE', sipStatus: 503 });
  });
}
