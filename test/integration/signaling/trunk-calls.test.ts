import { afterEach, describe, expect, it } from 'vitest';
import type { IncomingInvite } from '../../../gateway/signaling/sip-endpoint.js';
import type { IdentifyTrunk, TrunkOrigin } from '../../../gateway/signaling/trunk-gate.js';
import { SDP, SDP_ANSWER } from '../../support/sip-server-harness.js';
import { SignalingRig } from '../../support/signaling-rig.js';

let rig: SignalingRig;
afterEach(() => rig.close());

const ORIGIN: TrunkOrigin = { trunk: 'acme', by: 'network' };
const known: IdentifyTrunk = ({ uri }) => ({
  ...{ kind: 'trunk', origin: ORIGIN },
  calledIn: uri.startsWith('sip:line-') ? 'to' : 'request-uri',
});

describe('an INVITE from a trunk', () => {
  it('reaches the handler with its trunk and its number, and can be answered', async () => {
    rig = await SignalingRig.start({ identifyTrunk: known });
    const taken: { invite: IncomingInvite; origin: TrunkOrigin }[] = [];
    rig.signaling.endpoint.onTrunkInvite((invite, origin) => {
      taken.push({ invite, origin });
      void invite.accept(SDP_ANSWER).then((dialog) => {
        dialog.setHandlers({
          onEnd: () => undefined,
          onReoffer: () => Promise.reject(new Error('no')),
          onInfo: () => Promise.resolve(200),
        });
      });
    });
    for (const uri of ['sip:+4930111@gw', 'sip:line-1@gw']) {
      rig.carrier.request('INVITE', { uri, headers: { To: '<sip:+4930222@gw>' }, body: SDP });
      const ok = await rig.carrier.next(200, 'INVITE');
      rig.carrier.callerRequest('ACK', ok, { sequence: 1 });
      rig.carrier.callerRequest('BYE', ok, { sequence: 2 });
      await rig.carrier.next(200, 'BYE');
    }
    expect(taken.map(({ invite }) => invite.called.user)).toEqual(['+4930111', '+4930222']);
    expect(taken[0]).toMatchObject({ origin: ORIGIN, invite: { user: undefined, offer: SDP } });
  });

  it('becomes no call while nobody takes such calls, and never one of a browser’s', async () => {
    rig = await SignalingRig.start({ identifyTrunk: known });
    const invite = rig.carrier.request('INVITE', { body: SDP });
    const refusal = await rig.carrier.next(403, 'INVITE');
    rig.carrier.sameBranch('ACK', invite, refusal.require('To'));
    expect(rig.calls.count).toBe(0);
  });

  it('is none that came over a WebSocket, also when nobody knows whose that was any more', async () => {
    rig = await SignalingRig.start({ identifyTrunk: known });
    const taken: TrunkOrigin[] = [];
    rig.signaling.endpoint.onTrunkInvite((invite, origin) => {
      taken.push(origin);
      invite.reject(480, { sentence: 'Taken for a call of a trunk.', code: 'X' });
    });
    const gone = await rig.harness.webSocketPeer(40_077);
    const invite = gone.request('INVITE', { uri: 'sip:+4930111@gw', body: SDP });
    const refusal = await gone.next(403, 'INVITE');
    gone.sameBranch('ACK', invite, refusal.require('To'));
    expect(taken).toEqual([]);
  });

  it('that is unreadable is refused before anybody is asked', async () => {
    rig = await SignalingRig.start({
      identifyTrunk: () => {
        throw new Error('asked');
      },
    });
    const invite = rig.carrier.request('INVITE', { uri: 'mailto:x@y', body: SDP });
    const refusal = await rig.carrier.nextThat(({ status }) => (status ?? 0) >= 300);
    rig.carrier.sameBranch('ACK', invite, refusal.require('To'));
    expect([400, 416]).toContain(refusal.status);
  });
});
