import { afterEach, describe, expect, it } from 'vitest';
import { BrowserMediaPeer } from '../support/browser-media-peer.js';
import { browserStage } from '../support/browser-stage.js';
import type { ScriptedInvite } from '../support/scripted-sip-server.js';
import { SoftphonePage } from '../support/softphone-page.js';

const stage = browserStage();
let tab: SoftphonePage;

async function newTab(options: { onInvite: (invite: ScriptedInvite) => unknown }): Promise<void> {
  tab = await SoftphonePage.create({ ...stage, ...options });
}

/** The fake microphone beeps once a second, and the far end sends it back. */
const heard = () =>
  expect
    .poll(() => tab.page.evaluate('copperline.remoteLevel'), { timeout: 10_000, interval: 20 })
    .toBeGreaterThan(0.3);

afterEach(async () => {
  await tab.close();
});

describe('a call of the softphone, before its answer', () => {
  it('plays early media before the answer, and keeps it with the answer', async () => {
    let pickUp: () => void = () => undefined;
    const onInvite = async (invite: ScriptedInvite) => {
      const sdp = await tab.answer(invite, 183);
      await new Promise<void>((resolve) => (pickUp = resolve));
      invite.reply({ status: 200, body: sdp });
    };
    await newTab({ onInvite });
    await tab.openAndCall('early-media');
    await heard();
    pickUp();
    await tab.call('in-call');
    await heard();
  });

  it('connects its media while the far end rings in silence, and goes on ringing', async () => {
    let pickUp: () => void = () => undefined;
    const onInvite = async (invite: ScriptedInvite) => {
      expect(invite.message.header('p-early-media')).toBe('supported');
      const { peer, sdp } = await BrowserMediaPeer.answer(invite.message.body, 'PCMU/8000', true);
      tab.peers.push(peer);
      invite.reply({ status: 180, body: sdp, headers: ['P-Early-Media: inactive'] });
      await new Promise<void>((resolve) => (pickUp = resolve));
      invite.reply({ status: 200, body: sdp });
    };
    await newTab({ onInvite });
    await tab.openAndCall('ringing');
    // The peer is not as silent as it says: what is heard came over the connection.
    await heard();
    await tab.call('ringing');
    pickUp();
    await tab.call('in-call');
    await heard();
    expect(tab.complaints).toEqual([]);
  });
});
