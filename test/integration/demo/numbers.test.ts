import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startDemoCarrier } from '../../../gateway/demo/demo-carrier.js';
import { silentLog } from '../../../gateway/kernel/log.js';
import { ManualClock } from '../../support/manual-clock.js';
import { openRig, PCMU_WITH_EVENTS, type Rig } from './rig.js';

const PROMPTS = new URL('../../../gateway/demo/prompts/', import.meta.url);
const SOME_FRAMES = 20;
const SIPP = 'sipp';

let clock: ManualClock;
let rig: Rig;

beforeEach(async () => {
  clock = new ManualClock();
  rig = await openRig({ clock });
});

afterEach(async () => {
  await rig.close();
  expect(clock.pending).toBe(0);
});

/** Lets the carrier send `count` packets and waits until they arrived. */
async function hearMore(count: number): Promise<void> {
  const before = rig.phone.heard.length;
  await clock.advanceAsync(count * 20);
  await rig.phone.hear(before + count);
}

describe('numbers that refuse', () => {
  it.each([
    ['486', 'Busy Here'],
    ['603', 'Decline'],
    ['503', 'Service Unavailable'],
    ['1234567', 'Not Found'],
  ])('%s', async (number, reason) => {
    rig.caller.invite(number, rig.phone.offer(PCMU_WITH_EVENTS));
    const status = number.length === 3 ? number : '404';
    const refusal = await rig.caller.take(status, 'INVITE');
    expect(refusal.startLine).toBe(`SIP/2.0 ${status} ${reason}`);
    rig.caller.ack(refusal);
    expect(rig.caller.log.filter((what) => what !== '100')).toEqual([status]);
  });
});

describe('408, which never answers', () => {
  it('sends nothing but 100 until CANCEL', async () => {
    rig.caller.invite('408', rig.phone.offer(PCMU_WITH_EVENTS));
    await rig.caller.take('100');
    await clock.advanceAsync(60_000);
    expect(rig.caller.log).toEqual(['100']);
    rig.caller.cancel();
    await rig.caller.take('200', 'CANCEL');
    rig.caller.ack(await rig.caller.take('487', 'INVITE'));
  });

  it('gives up after three minutes', async () => {
    rig.caller.invite('408', rig.phone.offer(PCMU_WITH_EVENTS));
    await rig.caller.take('100');
    await clock.advanceAsync(180_000);
    rig.caller.ack(await rig.caller.take('408', 'INVITE'));
    expect(rig.caller.log).toEqual(['100', '408']);
  });

  it('gets 503 when the carrier is shut down', async () => {
    rig.caller.invite('408', rig.phone.offer(PCMU_WITH_EVENTS));
    await rig.caller.take('100');
    const closed = rig.carrier.close();
    await rig.caller.take('503', 'INVITE');
    await closed;
  });
});

describe('999, which rings for five seconds', () => {
  it('rings, then answers with an echo', async () => {
    rig.caller.invite('999', rig.phone.offer(PCMU_WITH_EVENTS));
    await rig.caller.take('180');
    await clock.advanceAsync(4900);
    expect(rig.caller.log).not.toContain('200');
    await clock.advanceAsync(100);
    const ok = await rig.caller.take('200', 'INVITE');
    rig.caller.ack(ok);
    rig.phone.connect(ok.body);
    await rig.hangUp();
  });

  it('stops at CANCEL', async () => {
    rig.caller.invite('999', rig.phone.offer(PCMU_WITH_EVENTS));
    await rig.caller.take('180');
    rig.caller.cancel();
    await rig.caller.take('200', 'CANCEL');
    rig.caller.ack(await rig.caller.take('487', 'INVITE'));
    await clock.advanceAsync(10_000);
    // The one 200 is that of the CANCEL.
    expect(rig.caller.log).toEqual(['100', '180', '200', '487']);
    expect(rig.carrier.counts()).toMatchObject({ calls: 0, invites: 0 });
  });
});

describe('183, which is not in service', () => {
  it('speaks before it refuses', async () => {
    rig.caller.invite('183', rig.phone.offer(PCMU_WITH_EVENTS));
    const early = await rig.caller.take('183');
    rig.phone.connect(early.body);
    const spoken = await readFile(new URL('not-in-service.ul', PROMPTS));
    await hearMore(Math.floor(spoken.length / 160));
    expect(rig.phone.audio().subarray(0, 16_000)).toEqual(spoken.subarray(0, 16_000));
    await clock.advanceAsync(20);
    rig.caller.ack(await rig.caller.take('404', 'INVITE'));
  });

  it('stops speaking at CANCEL', async () => {
    rig.caller.invite('183', rig.phone.offer(PCMU_WITH_EVENTS));
    rig.phone.connect((await rig.caller.take('183')).body);
    await hearMore(SOME_FRAMES);
    rig.caller.cancel();
    rig.caller.ack(await rig.caller.take('487', 'INVITE'));
    const before = rig.phone.heard.length;
    await clock.advanceAsync(1000);
    expect(rig.phone.heard).toHaveLength(before);
    expect(rig.carrier.counts().calls).toBe(0);
  });
});

describe('offers', () => {
  it('answers the first codec that the number can do, and events by the same clock', async () => {
    const ok = await rig.call('700', [
      '9 G722/8000',
      '8 PCMA/8000',
      '111 opus/48000/2',
      '0 PCMU/8000',
      '110 telephone-event/48000',
      '126 telephone-event/8000',
    ]);
    expect(ok.body).toMatch(/^m=audio \d+ RTP\/AVP 8 126\r\n/m);
    expect(ok.body).toContain('a=rtpmap:126 telephone-event/8000');
    await rig.hangUp();
  });

  it('echoes Opus, with events at 48 kHz', async () => {
    const ok = await rig.call('600', [
      '111 opus/48000/2',
      '0 PCMU/8000',
      '110 telephone-event/48000',
      '126 telephone-event/8000',
    ]);
    expect(ok.body).toMatch(/^m=audio \d+ RTP\/AVP 111 110\r\n/m);
    expect(ok.body).toContain('a=rtpmap:111 opus/48000/2');
    await rig.hangUp();
  });

  it('answers 488 with a reason when there is no common codec, media or address', async () => {
    rig.caller.invite('700', rig.phone.offer(['9 G722/8000']));
    const refusal = await rig.caller.take('488', 'INVITE');
    expect(refusal.headers.get('warning')).toBe(
      '399 copperline-demo "The offer has G722; this number takes OPUS, PCMU, PCMA."',
    );
    rig.caller.ack(refusal);
  });

  it('answers 488 to SRTP, to no offer at all and to a host name', async () => {
    const offers = [
      rig.phone.offer(['0']).replace('RTP/AVP', 'RTP/SAVP'),
      '',
      rig.phone.offer(['0']).replace('c=IN IP4 127.0.0.1', 'c=IN IP4 somewhere.invalid'),
    ];
    for (const offer of offers) {
      rig.caller.invite('700', offer);
      rig.caller.ack(await rig.caller.take('488', 'INVITE'));
    }
  });
});

describe('the rest of a trunk', () => {
  it('answers OPTIONS', async () => {
    rig.caller.options();
    await rig.caller.take('200', 'OPTIONS');
  });

  it('hangs up with a reason when no RTP comes', async () => {
    await rig.call('600');
    await clock.advanceAsync(60_000);
    const bye = await rig.caller.take('BYE');
    expect(bye.headers.get('reason')).toContain('No RTP came for 60 s.');
  });

  it('says goodbye after the longest time that a call may take', async () => {
    await rig.call('700', ['0']);
    await hearMore(SOME_FRAMES);
    // A call on hold sends no RTP and is not missed.
    rig.caller.reinvite(rig.phone.offer(['0'], 'inactive'));
    rig.caller.ack(await rig.caller.take('200', 'INVITE'));
    await clock.advanceAsync(599_000);
    expect(rig.caller.log).not.toContain('BYE');
    await clock.advanceAsync(2000);
    const bye = await rig.caller.take('BYE');
    expect(bye.headers.get('reason')).toContain('The call reached its longest duration.');
  });

  it('ends a call that nobody acknowledges', async () => {
    rig.caller.invite('600', rig.phone.offer(PCMU_WITH_EVENTS));
    await rig.caller.take('200', 'INVITE');
    const ended = new Promise<string>((resolve) => {
      rig.carrier.onEnded((_call, sentence) => {
        resolve(sentence);
      });
    });
    await clock.advanceAsync(32_000);
    await rig.caller.take('BYE');
    expect(await ended).toContain('ACK timeout');
  });

  it('does not start on a port that is taken', async () => {
    const taken = { host: '127.0.0.1', port: rig.carrier.sipPort };
    await expect(startDemoCarrier({ ...taken, log: silentLog, clock })).rejects.toMatchObject({
      code: 'CL_START_PORT_IN_USE',
    });
  });

  it('hangs up when it is shut down', async () => {
    await rig.call('440');
    const closed = rig.carrier.close();
    await rig.caller.take('BYE');
    await closed;
  });
});

describe('sipp', () => {
  it('calls 600 with its built-in scenario', async () => {
    const sipp = spawn(
      SIPP,
      ['-sn', 'uac', '-s', '600', '-m', '3', '-r', '10', '-d', '100', '-nostdin']
        .concat(['-i', '127.0.0.1', '-timeout', '20', '-timeout_error'])
        .concat([`127.0.0.1:${rig.carrier.sipPort}`]),
      { stdio: 'ignore' },
    );
    const [code] = (await once(sipp, 'exit')) as [number];
    expect(code).toBe(0);
    expect(rig.carrier.counts().total).toBe(3);
  });
});
