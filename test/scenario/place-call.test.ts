import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CopperlineError } from '../../gateway/kernel/errors.js';
import { createLog } from '../../gateway/kernel/log.js';
import { CallWorld } from '../support/call-world.js';
import { SCRIPTED_STATISTICS } from '../support/scripted-engine.js';

let world: CallWorld;
beforeEach(() => {
  world = new CallWorld();
});
afterEach(() => world.expectClean());

const CARRIER_SDP = 'v=0\r\no=carrier 1 1 IN IP4 192.0.2.1\r\n';

describe('a browser calls the phone network', () => {
  it('answers: 180 goes through, the 200 carries the engine’s answer, the record has the times', async () => {
    const { browser, carrier } = await world.dial();
    expect(carrier.request.uri).toBe('sip:+49301234@one.example;transport=udp');
    expect(carrier.request.from).toEqual({
      uri: 'sip:+4930111@one.example',
      displayName: 'Name of alice',
    });
    expect(carrier.request.offer).toContain('o=gateway 1');
    expect(world.engine.sessions[0]!.offers[0]!.policies.to.codecs).toEqual(['pcma', 'pcmu']);
    world.clock.advance(300);
    carrier.ring();
    await world.settle();
    expect(browser.provisional).toEqual([{ status: 180, sdp: undefined }]);
    world.clock.advance(2000);
    carrier.answer(CARRIER_SDP);
    await world.settle();
    expect(browser.answer).toContain('s=stable');
    expect(world.engine.sessions[0]!.answers).toEqual([CARRIER_SDP]);
    expect(world.calls.list()[0]!.state).toBe('up');
    world.clock.advance(5000);
    browser.dialog!.hangUp();
    await world.settle();
    expect(carrier.dialog!.byeReceived).toEqual(
      expect.objectContaining({ sipStatus: 200, sentence: 'The browser hung up.' }),
    );
    expect(world.lastRecord).toMatchObject({
      ...{ number: '+49301234', rule: 'everything', trunk: 'one', state: 'ended' },
      times: { dialledMs: 0, ringingMs: 300, answeredMs: 2300, upMs: 2300, endedMs: 7300 },
      end: { by: 'browser', code: 'NORMAL', bucket: 'ok' },
      media: SCRIPTED_STATISTICS,
    });
  });

  it('ends when the carrier hangs up, and says why', async () => {
    const { browser, carrier } = await world.connect();
    carrier.dialog!.hangUp('Q.850;cause=16;text="Normal call clearing"');
    await world.settle();
    expect(browser.dialog!.byeReceived?.sentence).toBe(
      'The carrier hung up (Normal call clearing).',
    );
    expect(world.lastRecord.end).toMatchObject({ by: 'carrier', code: 'NORMAL' });
  });

  it('counts the first hang-up when both sides hang up at once', async () => {
    const { browser, carrier } = await world.connect();
    carrier.dialog!.hangUp();
    browser.dialog!.hangUp();
    await world.settle();
    expect(world.lastRecord.end.by).toBe('carrier');
    expect(carrier.dialog!.byeReceived).toBeUndefined();
  });

  it('answers the browser once for early media and keeps that answer at the 200', async () => {
    const { browser, carrier } = await world.dial();
    carrier.ring(183, `${CARRIER_SDP}m=early`);
    carrier.ring(180);
    carrier.ring(183, `${CARRIER_SDP}m=fork`);
    await world.settle();
    expect(browser.provisional.map(({ status, sdp }) => [status, sdp !== undefined])).toEqual([
      [183, true],
      [180, false],
      [183, false],
    ]);
    carrier.answer(CARRIER_SDP);
    await world.settle();
    expect(browser.answer).toBe(browser.provisional[0]!.sdp);
    expect(world.engine.sessions[0]!.answers).toHaveLength(3);
    expect(world.calls.list()[0]!.times.earlyMediaMs).toBe(0);
    browser.dialog!.hangUp();
  });

  it('relays the refusal after an early-media announcement', async () => {
    const { browser, carrier } = await world.dial();
    carrier.ring(183, CARRIER_SDP);
    await world.settle();
    carrier.refuse(404, { reason: 'Not Found' });
    await world.settle();
    expect(browser.refused).toEqual({
      ...{ status: 404, code: 'NOT_FOUND' },
      sentence:
        'The carrier "one" says that the number does not exist (404 Not Found); it was asked for +49301234 (numberFormat e164).',
    });
  });

  it('goes on without early media when the carrier’s 183 cannot be read', async () => {
    const { browser, carrier } = await world.dial();
    const session = world.engine.sessions[0]!;
    session.refuseAnswer = new CopperlineError('CL_INTERNAL', { sentence: 'Garbage.' });
    carrier.ring(183, 'garbage');
    await world.settle();
    expect(browser.provisional).toEqual([{ status: 183, sdp: undefined }]);
    session.refuseAnswer = undefined;
    carrier.answer(CARRIER_SDP);
    await world.settle();
    expect(browser.dialog?.open).toBe(true);
    browser.dialog!.hangUp();
  });

  it.each([
    [486, 'BUSY', 'ok'],
    [603, 'DECLINED', 'ok'],
    [480, 'UNAVAILABLE', 'ok'],
    [404, 'NOT_FOUND', 'client'],
  ])('relays %i as %s', async (status, code, bucket) => {
    const { browser, carrier } = await world.dial();
    carrier.ring();
    carrier.refuse(status);
    await world.settle();
    expect(browser.refused).toMatchObject({ status, code });
    expect(world.lastRecord.end).toMatchObject({ by: 'carrier', code, bucket, sipStatus: status });
  });

  it('never shows a browser the carrier’s challenge', async () => {
    const { browser, carrier } = await world.dial();
    carrier.refuse(407);
    await world.settle();
    expect(browser.refused).toMatchObject({ status: 502, code: 'CL_TRUNK_CREDENTIALS' });
  });

  it.each([
    [
      '900123',
      {
        ...{ status: 403, code: 'CL_DIAL_FORBIDDEN' },
        sentence: 'Numbers that start with 900 are not allowed.',
      },
    ],
    ['12', { status: 404, code: 'CL_DIAL_NO_ROUTE', sentence: 'No rule matches 12.' }],
  ])('refuses %s by the dialplan with its sentence', async (number, refusal) => {
    const browser = world.endpoint.browserDials(number);
    await world.settle();
    expect(browser.refused).toEqual(refusal);
    expect(world.engine.sessions).toHaveLength(0);
  });
});

describe('failures around a call', () => {
  it('refuses with the engine’s sentence when it cannot use the browser’s SDP', async () => {
    const sentence = 'The browser offers opus, the trunk takes g729: nothing in common.';
    world.engine.prepare = (session) => {
      session.refuseOffer = new CopperlineError('CL_CALL_NO_OFFER', { sentence });
    };
    const browser = world.endpoint.browserDials('+4930');
    await world.settle();
    expect(browser.refused).toEqual({ status: 488, code: 'CL_CALL_NO_OFFER', sentence });
    expect(world.endpoint.carrierCalls).toHaveLength(0);
  });

  it('hangs up at the carrier when its answer cannot be used', async () => {
    world.engine.prepare = (session) => {
      const sentence = 'The SDP has no audio line.';
      session.refuseAnswer = new CopperlineError('CL_MEDIA_SDP_NO_AUDIO', { sentence });
    };
    const { browser, carrier } = await world.dial();
    carrier.answer('garbage');
    await world.settle();
    expect(browser.refused).toMatchObject({
      ...{ status: 502, code: 'CL_TRUNK_BAD_SDP' },
      sentence: 'The answer of the carrier "one" cannot be used. The SDP has no audio line.',
    });
    expect(carrier.dialog!.byeReceived?.sipStatus).toBe(502);
  });

  it('names the carrier that answers plain where its trunk requires SRTP, in the record too', async () => {
    const why =
      'The SDP was refused: SRTP is required, and it has no a=crypto line (AEAD_AES_256_GCM).';
    world.engine.prepare = (session) => {
      session.refuseAnswer = new CopperlineError('CL_MEDIA_SRTP', { sentence: why });
    };
    const { browser, carrier } = await world.dial();
    carrier.ring();
    carrier.answer(CARRIER_SDP);
    await world.settle();
    const sentence = `The answer of the carrier "one" cannot be used. ${why}`;
    expect(browser.refused).toEqual({ status: 502, code: 'CL_TRUNK_BAD_SDP', sentence });
    expect(carrier.dialog!.byeReceived).toMatchObject({ sipStatus: 502, sentence });
    expect(JSON.parse(world.cdrLines[0]!)).toMatchObject({
      end: { code: 'CL_TRUNK_BAD_SDP', sentence },
    });
  });

  it('hangs up at a carrier that answers without SDP', async () => {
    const { browser, carrier } = await world.dial();
    carrier.answer('');
    await world.settle();
    expect(browser.refused).toMatchObject({ status: 502, code: 'CL_TRUNK_NO_SDP' });
    expect(carrier.dialog!.open).toBe(false);
  });

  it('refuses when the engine has no room', async () => {
    const sentence = 'No media worker is up.';
    world.engine.refuseOpen = new CopperlineError('CL_CALL_LIMIT', { sentence });
    const browser = world.endpoint.browserDials('+4930');
    await world.settle();
    expect(browser.refused).toEqual({ status: 503, code: 'CL_CALL_LIMIT', sentence });
  });

  it('logs once that packets of a leg are dropped, with the deciding fact', async () => {
    await world.expectClean();
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    world = new CallWorld({ log: createLog({ level: 'warn', destination }) });
    const { browser } = await world.connect();
    const sentence = 'A packet has payload type 18, which was not agreed (0, 101 were).';
    const rejection = { leg: 'callee', cause: 'payload-type', sentence } as const;
    world.engine.sessions[0]!.handlers.onRejected?.(rejection);
    browser.dialog!.hangUp();
    await world.settle();
    world.engine.sessions[0]!.handlers.onRejected?.(rejection);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { ...rejection, call: world.lastRecord.id, msg: 'packets are dropped' },
    ]);
  });

  it('ends the call on both sides when its media fails', async () => {
    const { browser, carrier } = await world.connect();
    const sentence = 'The media worker of the call died.';
    world.engine.sessions[0]!.handlers.onFailed(new CopperlineError('CL_INTERNAL', { sentence }));
    await world.settle();
    expect(browser.dialog!.byeReceived?.sentence).toBe(sentence);
    expect(carrier.dialog!.byeReceived?.sentence).toBe(sentence);
    expect(world.lastRecord.end).toMatchObject({ by: 'gateway', code: 'CL_INTERNAL' });
  });

  it('writes the record even if a dead worker never closes the media', async () => {
    world.engine.prepare = (session) => {
      session.closeHangs = true;
    };
    const { browser } = await world.connect();
    browser.dialog!.hangUp();
    await world.settle();
    expect(world.records).toHaveLength(0);
    await world.clock.advanceAsync(5000);
    await world.settle();
    expect(world.lastRecord.media).toBeUndefined();
  });

  it('ends the call when a leg’s dialog dies', async () => {
    const { browser, carrier } = await world.connect();
    carrier.dialog!.die('The SIP dialog ended: ACK timeout.');
    await world.settle();
    expect(world.lastRecord.end).toMatchObject({ by: 'carrier', code: 'CL_CALL_LEG_LOST' });
    expect(browser.dialog!.open).toBe(false);
  });

  it('refuses when the SIP server connection is down', async () => {
    world.endpoint.down = true;
    const browser = world.endpoint.browserDials('+4930');
    await world.settle();
    expect(browser.refused).toMatchObject({ status: 503, code: 'CL_SIP_SERVER_UNREACHABLE' });
  });
});
