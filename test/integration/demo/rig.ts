import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect } from 'vitest';
import { startDemoCarrier, type DemoCarrier } from '../../../gateway/demo/demo-carrier.js';
import { systemClock, type Clock } from '../../../gateway/kernel/clock.js';
import { silentLog, type Log } from '../../../gateway/kernel/log.js';
import { RawCaller, type WireMessage } from './raw-caller.js';
import { RtpPhone } from './rtp-phone.js';

export const PCMU_WITH_EVENTS = ['0 PCMU/8000', '101 telephone-event/8000'];

/** A carrier, a raw caller and an RTP phone; {@link Rig.close} ends them and checks for leaks. */
export interface Rig {
  carrier: DemoCarrier;
  caller: RawCaller;
  phone: RtpPhone;
  /** INVITE, 200, ACK; returns the 200. */
  call(user: string, formats?: readonly string[]): Promise<WireMessage>;
  /** BYE and its 200. */
  hangUp(): Promise<void>;
  close(): Promise<void>;
}

export async function openRig(options: { clock?: Clock; log?: Log } = {}): Promise<Rig> {
  const carrier = await startDemoCarrier({
    host: '127.0.0.1',
    port: 0,
    log: options.log ?? silentLog,
    clock: options.clock ?? systemClock,
    limits: { digitPauseMs: 400 },
  });
  const caller = await RawCaller.open(carrier.sipPort);
  const phone = await RtpPhone.open();
  return {
    carrier,
    caller,
    phone,
    async call(user, formats = PCMU_WITH_EVENTS) {
      caller.invite(user, phone.offer(formats));
      const ok = await caller.take('200', 'INVITE');
      caller.ack(ok);
      phone.connect(ok.body);
      return ok;
    },
    async hangUp() {
      const ended = new Promise<void>((resolve) => {
        carrier.onEnded(() => {
          resolve();
        });
      });
      caller.bye();
      await caller.take('200', 'BYE');
      await ended;
    },
    async close() {
      await carrier.close();
      caller.close();
      phone.close();
      await expectNothingLeft(carrier, phone.remotePort);
    },
  };
}

async function expectNothingLeft(carrier: DemoCarrier, rtpPort: number): Promise<void> {
  expect(carrier.counts()).toMatchObject({
    calls: 0,
    answered: 0,
    invites: 0,
    sip: { transactions: 0, waiting: 0, dialogs: 0, applications: 0, timers: 0 },
  });
  // A port that can be bound again was really closed.
  for (const port of [carrier.sipPort, rtpPort]) {
    const probe = createSocket('udp4');
    probe.bind(port, '127.0.0.1');
    await once(probe, 'listening');
    probe.close();
  }
}
