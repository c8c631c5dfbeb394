import { afterEach, beforeEach, expect, it } from 'vitest';
import { CallWorld } from '../support/call-world.js';

let world: CallWorld;
beforeEach(() => {
  world = new CallWorld();
});
afterEach(() => world.expectClean());

it.each(['bob', '22'])('a browser calls another one as %s', async (dialled) => {
  const device = world.devices.register('bob');
  const caller = world.endpoint.browserDials(dialled);
  await world.settle();
  const callee = world.lastCarrierCall();
  expect(callee.request).toMatchObject({
    uri: device.contact,
    from: { uri: 'sip:alice@gateway.test', displayName: 'Name of alice' },
  });
  expect(world.engine.sessions[0]!.offers[0]!.policies).toMatchObject({
    ...{ from: { kind: 'webrtc' }, to: { kind: 'webrtc' } },
  });
  callee.ring();
  callee.answer();
  await world.settle();
  expect(caller.dialog?.open).toBe(true);
  callee.dialog!.hangUp();
  await world.settle();
  expect(caller.dialog!.byeReceived?.sentence).toBe('The called browser hung up.');
  expect(world.lastRecord).toMatchObject({
    ...{ direction: 'internal', user: 'alice', calledUser: 'bob', trunk: undefined },
    end: { by: 'browser', code: 'NORMAL' },
  });
});

it('a user who calls their own name reaches their other browsers only', async () => {
  const other = world.devices.register('alice');
  const caller = world.endpoint.browserDials('alice');
  await world.settle();
  expect(world.endpoint.carrierCalls.map(({ request }) => request.uri)).toEqual([other.contact]);
  caller.cancel();
});

it('a caller whose WebSocket dies stops the ringing', async () => {
  world.devices.register('bob');
  const caller = world.endpoint.browserDials('bob');
  await world.settle();
  caller.loseWebSocket();
  await world.settle();
  expect(world.lastCarrierCall().cancelReceived).toBeDefined();
  expect(world.lastRecord.end.code).toBe('CL_CALL_BROWSER_LOST');
});

it('counts for both users', async () => {
  world = new CallWorld({ limits: { maxCallsPerUser: 1 } });
  world.devices.register('bob');
  const caller = world.endpoint.browserDials('bob');
  await world.settle();
  world.lastCarrierCall().answer();
  await world.settle();
  const third = world.endpoint.browserDials('+4930', { user: 'bob' });
  await world.settle();
  expect(third.refused?.code).toBe('CL_CALL_USER_LIMIT');
  caller.dialog!.hangUp();
});
