import { afterAll, beforeAll, expect, it } from 'vitest';
import { ExternalGateway } from '../../support/external-gateway.js';
import {
  openExternalSipServer,
  type ExternalSipServer,
} from '../../support/external-sip-server.js';
import { browserOffer } from '../../support/gateway-sdp.js';

let server: ExternalSipServer;
let gateway: ExternalGateway;

beforeAll(async () => {
  server = await openExternalSipServer();
  gateway = await ExternalGateway.start({ server: server.settings });
});
afterAll(async () => {
  await gateway.close();
  await server.close();
});

it('an INVITE reaches a registered browser through a SIP server outside of the gateway', async () => {
  const [caller, callee] = [await gateway.browser(), await gateway.browser()];
  expect((await callee.register()).status).toBe(200);
  const invite = await caller.invite('alice', browserOffer());
  const rung = await callee.next('INVITE');
  callee.reply(rung, 180);
  await caller.answerTo(invite, 180);
  callee.reply(rung, 200, { body: browserOffer() });
  const ok = await caller.answerTo(invite, 200);
  caller.callerRequest('ACK', ok, { sequence: 2 });
  await callee.next('ACK');
  callee.calleeRequest('BYE', rung, { sequence: 1 });
  await callee.next(200, 'BYE');
  caller.reply(await caller.next('BYE'), 200);
  await gateway.settled();
});
