import { expect } from 'vitest';
import type { ReceivedRtp, RtpToSend } from '../support/media-rtp-peer.js';
import { audio, placeCall, sendPaced, type Call } from '../support/media-rig.js';
import type { EngineUnderTest, Suite } from './engine-under-test.js';
import { digitsHeard, pressAmidAudio } from './speaker.js';

const SPOKEN = { payloadType: 0, sequence: 1, timestamp: 0 };
const isEvent = ({ payload }: ReceivedRtp): boolean => payload.length === 4;
const isEnd = (packet: ReceivedRtp): boolean =>
  isEvent(packet) && (packet.payload.readUInt8(1) & 0x80) !== 0;

/** One press of a browser with PCMU: 100 ms told in a packet that begins and ends it. */
async function press(
  { decodes }: EngineUnderTest,
  { call, event, index }: { call: Call; event: number; index: number },
): Promise<void> {
  const amid = { payloadType: 126, clock: 8000, audio: { codec: 'pcmu', type: 0 } } as const;
  if (decodes === true) return pressAmidAudio(call.browser, event, amid);
  call.browser.send({
    ...{ payloadType: 126, ssrc: 7, marker: true },
    ...{ sequence: 1 + index, timestamp: 50_000 + index * 1600 },
    payload: Buffer.of(event, 0x8a, 0x03, 0x20),
  });
}

/** Event and duration of each digit that arrived. */
function told(packets: readonly ReceivedRtp[]): [event: number, duration: number][] {
  const digits = new Map<number, [number, number]>();
  for (const { timestamp, payload } of packets.filter(isEvent))
    digits.set(timestamp, [payload.readUInt8(0), payload.readUInt16BE(2)]);
  return [...digits.values()];
}

/** Audio of a leg, for as long as four digits take where they replace audio. */
function speak(engine: EngineUnderTest, from: { send(packet: RtpToSend): void }): void {
  const packets = audio(engine.paced === true ? 100 : 1, { ...SPOKEN, ssrc: 7 });
  // The case may be over before the audio is.
  sendPaced(packets, from).catch(() => undefined);
}

/** A `7`, as an event or as a tone. */
async function expectAtBrowser({ decodes }: EngineUnderTest, { browser }: Call): Promise<void> {
  const { rtp } = browser;
  if (decodes === true)
    return expect.poll(() => digitsHeard(rtp.items, 'pcmu'), { timeout: 5000 }).toBe('7');
  await rtp.waitFor(3, isEnd);
  expect(told(rtp.items).map(([event]) => event)).toEqual([7]);
}

/** Digits that a leg tells in its signalling, and the ways that a leg is told digits. */
export function sentDigitCases({ test, shared }: Suite): void {
  test('plays digits of the signalling in order, each once, as long as asked', async () => {
    const call = await placeCall(shared().engine);
    speak(shared(), call.browser);
    await call.carrier.rtp.waitFor(1);
    const digits = ['1', '1', '#'].map((digit) => ({ digit, durationMs: 100 }));
    const fates = await call.session.sendDigits('callee', [
      ...digits,
      { digit: 'D', durationMs: 240 },
    ]);
    expect(fates).toEqual(['carried', 'carried', 'carried', 'carried']);
    await call.carrier.rtp.waitFor(12, isEnd);
    const arrived = told(call.carrier.rtp.items);
    expect(arrived.map(([event]) => event)).toEqual([1, 1, 11, 15]);
    for (const [index, ms] of [100, 100, 100, 240].entries())
      expect(Math.abs(arrived[index]![1] / 8 - ms)).toBeLessThanOrEqual(20);
    expect((await call.session.statistics()).callee.digitsSent).toBe(4);
  });

  test('plays digits of the signalling to a browser', async () => {
    const call = await placeCall(shared().engine);
    speak(shared(), call.carrier);
    await call.browser.rtp.waitFor(1);
    await call.session.sendDigits('caller', [{ digit: '7', durationMs: 100 }]);
    await expectAtBrowser(shared(), call);
  });

  test('plays digits of a leg that has sent no audio yet', async () => {
    const call = await placeCall(shared().engine);
    const sent = await call.session.sendDigits('caller', [{ digit: '7', durationMs: 100 }]);
    expect(sent).toEqual(['carried']);
    await expectAtBrowser(shared(), call);
  });

  test('plays a press once that is told in media and signalling', async () => {
    const call = await placeCall(shared().engine);
    const send = (digit: string): Promise<unknown> =>
      call.session.sendDigits('callee', [{ digit, durationMs: 100 }]);
    await press(shared(), { call, event: 5, index: 0 });
    await call.events.digits.waitFor(1);
    expect(await send('5')).toEqual(['repeated']);
    expect(await send('6')).toEqual(['carried']);
    await press(shared(), { call, event: 6, index: 1 });
    await press(shared(), { call, event: 9, index: 2 });
    await call.carrier.rtp.waitFor(9, isEnd);
    expect(told(call.carrier.rtp.items).map(([event]) => event)).toEqual([5, 6, 9]);
    expect(call.events.digits.items.map(({ digit }) => digit)).toEqual(['5', '9']);
  });

  test('leaves digits to the signalling of a leg that wants them there', async () => {
    const call = await placeCall(shared().engine, 'pcmu', { dtmf: 'info' });
    await press(shared(), { call, event: 5, index: 0 });
    const [report] = await call.events.digits.waitFor(1);
    expect(report).toMatchObject({ from: 'caller', digit: '5', carried: false });
    const tolerance = shared().decodes === true ? (shared().toneToleranceMs ?? 0) : 0;
    expect(Math.abs(report!.durationMs - 100)).toBeLessThanOrEqual(tolerance);
    const sent = await call.session.sendDigits('callee', [{ digit: '6', durationMs: 100 }]);
    expect(sent).toEqual(['untaken']);
    const { caller, callee } = await call.session.statistics();
    expect([caller.digitsReceived, callee.digitsSent, callee.digitsDropped]).toEqual([1, 0, 0]);
    expect(call.carrier.rtp.items.filter(isEvent)).toEqual([]);
  });

  test('leaves digits to the signalling when the media takes none, if either will do', async () => {
    const call = await placeCall(shared().engine, 'pcmu', { dtmf: 'auto' });
    await press(shared(), { call, event: 5, index: 0 });
    const [first] = await call.events.digits.waitFor(1);
    expect(first?.carried).toBe(true);
    const withoutEvents = { payloadTypes: '0', lines: ['a=rtpmap:0 PCMU/8000'] };
    await call.session.answerTo('caller', call.carrier.sdp(withoutEvents));
    await press(shared(), { call, event: 6, index: 1 });
    const [, second] = await call.events.digits.waitFor(2);
    expect(second?.carried).toBe(false);
    expect((await call.session.statistics()).callee.digitsDropped).toBe(0);
  });

  test('passes flash to a leg that lists it, and to no other', async () => {
    const call = await placeCall(shared().engine);
    await press(shared(), { call, event: 16, index: 0 });
    const [first] = await call.events.digits.waitFor(1);
    expect([first?.digit, first?.carried]).toEqual(['R', false]);
    const lines = ['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-16'];
    await call.session.answerTo('caller', call.carrier.sdp({ payloadTypes: '0 101', lines }));
    await press(shared(), { call, event: 16, index: 1 });
    await call.carrier.rtp.waitFor(3, isEnd);
    expect(told(call.carrier.rtp.items).map(([event]) => event)).toEqual([16]);
    const { caller, callee } = await call.session.statistics();
    expect([caller.digitsReceived, callee.digitsSent, callee.digitsDropped]).toEqual([2, 1, 1]);
  });

  test('takes no digits after its end', async () => {
    const call = await placeCall(shared().engine);
    await call.session.close();
    const late = call.session.sendDigits('callee', [{ digit: '1', durationMs: 100 }]);
    await expect(late).rejects.toMatchObject({ code: 'CL_MEDIA_CLOSED' });
  });
}
