import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../gateway/kernel/secret.js';
import type { RelayEngine } from '../../../gateway/media/workers/relay-engine.js';
import { mintTurnCredentials, type TurnServer } from '../../../gateway/web/turn-credentials.js';
import { Coturn } from '../../support/coturn.js';
import { ChromiumCaller } from '../../support/media-chromium-call.js';
import {
  ALL_CODECS,
  closeOpened,
  openCarrier,
  openSession,
  policy,
  RTP_FORMATS,
} from '../../support/media-rig.js';
import { openRelay } from '../../support/relay-on-loopback.js';

describe.skipIf(!Coturn.installed)('a browser behind a TURN server (coturn)', () => {
  let engine: RelayEngine;
  let chromium: ChromiumCaller;
  let coturn: Coturn;

  beforeAll(async () => {
    coturn = await Coturn.start();
    engine = await openRelay();
    chromium = await ChromiumCaller.start();
  });

  afterAll(async () => {
    await closeOpened();
    await chromium.close();
    await engine.close();
    await coturn.close();
  });

  const minted = (change: { secret?: Secret } = {}): TurnServer =>
    mintTurnCredentials({ ...coturn.settings, ...change }, 'alice', Date.now());

  it('is heard and hears over the relay alone, with minted credentials', async () => {
    const session = await openSession(engine);
    const carrier = await openCarrier();
    const offer = await chromium.offer({
      iceServers: [minted()],
      iceTransportPolicy: 'relay',
    });
    expect(offer).toMatch(/a=candidate:.* typ relay/);
    expect(offer).not.toMatch(/ typ host/);
    const policies = { from: policy('webrtc', ALL_CODECS), to: policy('rtp', ['pcmu']) };
    carrier.follow(await session.offerTo('callee', offer, policies));
    carrier.echo = true;
    await chromium.connect(await session.answerTo('caller', carrier.sdp(RTP_FORMATS.pcmu)));
    await carrier.rtp.waitFor(100);
    const heard = await chromium.statistics();
    expect(heard.packetsReceived).toBeGreaterThan(50);
    expect(heard.totalAudioEnergy).toBeGreaterThan(0.0001);
    await chromium.hangUp();
  });

  it('gets no relay with credentials of another secret', async () => {
    const offer = await chromium.offer({
      iceServers: [minted({ secret: new Secret('another') })],
      iceTransportPolicy: 'relay',
    });
    expect(offer).not.toMatch(/ typ relay/);
    await chromium.hangUp();
  });
});
