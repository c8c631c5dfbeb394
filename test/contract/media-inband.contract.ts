import { expect } from 'vitest';
import {
  decodeALaw,
  decodeMuLaw,
  encodeALaw,
  encodeMuLaw,
} from '../../gateway/media/codecs/g711.js';
import { heard, joined, pair, silence } from '../support/dtmf/tone-bench.js';
import type { ReceivedRtp, RtpToSend } from '../support/media-rtp-peer.js';
import { audio, placeCall, sendPaced } from '../support/media-rig.js';
import type { Suite } from './engine-under-test.js';
import { carry, digitsHeard } from './speaker.js';

const LAWS = {
  pcmu: { type: 0, encode: encodeMuLaw, decode: decodeMuLaw },
  pcma: { type: 8, encode: encodeALaw, decode: decodeALaw },
} as const;

/** What the packets would sound like, each at its timestamp. */
function sound(packets: readonly ReceivedRtp[], decode: (byte: number) => number): Int16Array {
  const first = packets[0]!.timestamp;
  const pcm = new Int16Array(((packets.at(-1)!.timestamp - first) >>> 0) + 160);
  for (const { timestamp, payload } of packets)
    pcm.set(Int16Array.from(payload, decode), (timestamp - first) >>> 0);
  return pcm;
}

function soundPackets(pcm: Int16Array, law: (typeof LAWS)['pcmu' | 'pcma']): RtpToSend[] {
  return Array.from({ length: Math.floor(pcm.length / 160) }, (_, index) => ({
    ...{ payloadType: law.type, ssrc: 9, sequence: 1 + index, timestamp: 1000 + index * 160 },
    payload: Buffer.from(Uint8Array.from(pcm.subarray(index * 160, index * 160 + 160), law.encode)),
  }));
}

/** Digits as tones in the audio of a carrier (ITU-T Q.23, Q.24). */
export function inbandCases({ test, shared }: Suite): void {
  for (const codec of ['pcmu', 'pcma'] as const) {
    const law = LAWS[codec];

    test(`sounds digits in ${codec} for a carrier that wants tones`, async () => {
      const call = await placeCall(shared().engine, codec, { dtmf: 'inband' });
      expect(call.carrierOffer).not.toContain('telephone-event');
      const run = { payloadType: law.type, timestamp: 50_000, ssrc: 7, sequence: 1 };
      await carry(shared(), audio(2, run), { from: call.browser, to: call.carrier });
      const digits = ['1', '1', '#', 'D'].map((digit) => ({ digit, durationMs: 80 }));
      const fates = await call.session.sendDigits('callee', digits);
      expect(fates).toEqual(digits.map(() => 'carried'));
      const toned = (): ReceivedRtp[] => call.carrier.rtp.items.slice(2);
      await expect.poll(() => toned().length > 0 && heard(sound(toned(), law.decode))).toBe('11#D');
      const packets = toned();
      expect(packets.every(({ payloadType }) => payloadType === law.type)).toBe(true);
      for (const [index, { sequence }] of packets.entries())
        expect((sequence - packets[0]!.sequence) & 0xffff).toBe(index);
      expect((await call.session.statistics()).callee.digitsSent).toBe(4);
    });

    test(`hears digits in ${codec} and passes them as events, without the tones`, async () => {
      const call = await placeCall(shared().engine, codec, { dtmf: 'inband' });
      const keys = Array.from('50#', (digit) => joined(pair({ digit, ms: 100 }), silence(100)));
      const packets = soundPackets(joined(silence(100), ...keys), law);
      if (shared().paced === true) await sendPaced(packets, call.carrier);
      else for (const packet of packets) call.carrier.send(packet);
      const reports = await call.events.digits.waitFor(3);
      expect(reports.map(({ digit }) => digit).join('')).toBe('50#');
      for (const { durationMs, from, carried } of reports) {
        expect([from, carried]).toEqual(['callee', true]);
        expect(Math.abs(durationMs - 100)).toBeLessThanOrEqual(shared().toneToleranceMs ?? 10);
      }
      if (shared().decodes === true) {
        const { rtp } = call.browser;
        return expect.poll(() => digitsHeard(rtp.items, codec), { timeout: 5000 }).toBe('50#');
      }
      const isEnd = ({ payload }: ReceivedRtp): boolean =>
        payload.length === 4 && (payload.readUInt8(1) & 0x80) !== 0;
      const ends = await call.browser.rtp.waitFor(9, isEnd);
      const events = ends.filter(isEnd).map(({ payload }) => payload[0]);
      expect(events).toEqual([5, 5, 5, 0, 0, 0, 11, 11, 11]);
      const passed = call.browser.rtp.items.filter(({ payload }) => payload.length === 160);
      const pcm = passed.map(({ payload }) => Int16Array.from(payload, law.decode));
      expect(passed.length).toBeGreaterThan(5);
      expect(heard(joined(...pcm))).toBe('');
      const loud = pcm.filter((samples) => samples.some((sample) => Math.abs(sample) > 1000));
      expect(loud.length, 'no more of a tone than its beginning').toBeLessThanOrEqual(keys.length);
    });
  }
}
