import { expect, it } from 'vitest';
import { browserOffer, carrierAnswer } from '../../support/gateway-sdp.js';
import { GatewayWorld } from '../../support/gateway-world.js';

/** RFC 4028 section 4: nobody may ask for less. */
const SMALLEST_S = 90;
const TIMER = { 'Session-Expires': `${SMALLEST_S};refresher=uac`, Require: 'timer' };

it('a call survives an hour of session refreshes at the smallest interval', async () => {
  const world = await GatewayWorld.start();
  try {
    const browser = await world.browser();
    const invite = await browser.invite('600', browserOffer());
    const asked = await world.carrier.next('INVITE');
    const body = carrierAnswer();
    world.carrier.reply(asked, 200, { body, headers: TIMER });
    const ok = await browser.answerTo(invite, 200);
    browser.callerRequest('ACK', ok, { sequence: 2 });
    await world.carrier.next('ACK');
    for (let round = 0; round < 3_600 / (SMALLEST_S / 2); round += 1) {
      await world.skip((SMALLEST_S / 2) * 1_000);
      const refresh = await world.carrier.next('INVITE');
      expect(refresh.require('Session-Expires')).toBe(`${SMALLEST_S};refresher=uac`);
      expect(refresh.body).toBe(asked.body);
      world.carrier.reply(refresh, 200, { body, headers: TIMER });
      expect((await world.carrier.next('ACK')).sequence).toBe(refresh.sequence);
    }
    expect(world.app.calls.list().map(({ state }) => state)).toEqual(['up']);
    world.carrier.answerWhatEndsCalls();
    await world.hangUp({ browser, invite, ok, carrierInvite: asked });
    const [cdr] = await world.settle(1);
    expect(cdr?.end).toMatchObject({ by: 'browser', code: 'NORMAL' });
    expect(cdr).toMatchObject({ trunk: 'carrier' });
  } finally {
    await world.close();
  }
});
