import type { InboundRule } from '../../gateway/calls/inbound-numbers.js';
import { CallWorld, testTrunk } from './call-world.js';
import type { MemoryDevice } from './memory-devices.js';
import type { MemoryDialog } from './memory-dialog.js';
import type { BrowserCall, CarrierCall } from './memory-sip.js';

const RULES: InboundRule[] = [
  { name: 'alice', numbers: ['+49301'], target: { kind: 'user', user: 'alice' } },
];

/** Alice may be called, a trunk may transfer, and a browser may be away for a while. */
export function transferWorld(): CallWorld {
  return new CallWorld({
    trunks: [testTrunk('one', { transfer: 'follow' })],
    inbound: RULES,
    timeouts: { websocketGraceMs: 10_000 },
    limits: { maxCallsPerUser: 2 },
  });
}

/** A call of a browser that is up, with the dialogs of both sides. */
export interface UpCall {
  browser: BrowserCall;
  page: MemoryDialog;
  carrier: MemoryDialog;
}

export async function callUp(world: CallWorld): Promise<UpCall> {
  const { browser, carrier } = await world.connect();
  const [page, peer] = [browser.dialog, carrier.dialog];
  if (page === undefined || peer === undefined) throw new Error('the call is not up');
  peer.answerReoffer = () => Promise.resolve('v=0\r\no=carrier 1 2 IN IP4 192.0.2.1\r\n');
  return { browser, page, carrier: peer };
}

/** The INVITEs that the devices got since then. */
export async function rungDevices(
  world: CallWorld,
  devices: readonly MemoryDevice[],
): Promise<CarrierCall[]> {
  await world.settle();
  return devices.map((device) => {
    const found = world.endpoint.carrierCalls.findLast(
      ({ request }) => request.uri === device.contact,
    );
    if (found === undefined) throw new Error(`${device.contact} was not called`);
    return found;
  });
}
