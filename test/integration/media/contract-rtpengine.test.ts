import { afterAll, describe, it } from 'vitest';
import { rtpengineMissing, type RtpengineDaemon } from '../../support/rtpengine-daemon.js';
import { freeListenAddress, openRtpengine } from '../../support/rtpengine-on-loopback.js';
import type { EngineGap, EngineUnderTest } from '../../contract/engine-under-test.js';
import { describeMediaEngine } from '../../contract/media-engine.contract.js';

const daemons: RtpengineDaemon[] = [];

async function createRtpengine(settings: { timeoutMs?: number } = {}): Promise<EngineUnderTest> {
  const { daemon, engine } = await openRtpengine({
    instance: 'contract',
    digits: await freeListenAddress(),
    ...settings,
    requestTimeoutMs: 1000,
    pingMs: 200,
  });
  daemons.push(daemon);
  return {
    engine,
    paced: true,
    passesOn: true,
    oneTransport: true,
    oneEventNumber: true,
    portsPerBrowser: 1,
    toneToleranceMs: 30,
    leastAmplitude: 5500,
    strangers: () => Promise.resolve(0),
    // A supervisor (systemd) starts it again.
    killWorker: () => {
      void daemon.stop('SIGKILL').then(() => daemon.up());
    },
  };
}

const PASSES_ON = 'rtpengine passes a stream on with its own SSRC, sequence and timestamps';
const AS_THEY_COME =
  'rtpengine passes telephone-events on as they come; a trunk that needs longer ones is refused by check-config';
const COUNTS_NONE =
  'rtpengine 10.5 counts such packets among its errors at most, without cause or address to name';

const HEARS_ANYBODY =
  'rtpengine learns the source of a stream for three seconds, in which it passes on what anybody sends; later strangers are among its errors, without a name';

const GAPS: readonly EngineGap[] = [
  ...['opus', 'g722'].map((codec) => ({
    title: `carries ${codec} both ways, byte for byte`,
    reason: `${PASSES_ON}; rtpengine-own.test.ts has the same without that`,
  })),
  ...[
    'sends the browser the SSRC that its SDP names',
    'keeps one stream when the source changes SSRC, sequence and timestamp',
    'keeps the SDP of the browser when the carrier moves after early media',
  ].map((title) => ({ title, reason: PASSES_ON })),
  {
    title: 'shows loss as a gap, and keeps late packets in their place',
    reason: 'rtpengine waits for what is late',
  },
  {
    title: 'counts what is lost, and not what is late',
    reason:
      'rtpengine 10.5 counts no loss itself: of a leg that sends no sender reports none is known',
  },
  {
    title: 'reports to both sides by RTCP and reads their reports',
    reason:
      'no report of rtpengine 10.5 takes effect at a browser (Chromium neither), and the first one reaches a carrier after 5 to 7 s; rtpengine-quality.test.ts has its round trip',
  },
  {
    title: 're-offers to the browser with its own lines, numbers and transport',
    reason: 'rtpengine renumbers codecs that are added, so a re-offer has the codec in use alone',
  },
  ...[
    're-times digits between pcmu and opus, both ways',
    're-times the digits of a browser with opus',
    're-times the digits of a browser with pcmu',
    'lets no audio through in the direction of a digit',
  ].map((title) => ({ title, reason: AS_THEY_COME })),
  {
    title: 'plays digits of a leg that has sent no audio yet',
    reason: 'rtpengine puts digits into audio that there is; the digit is refused',
  },
  {
    title: 'plays a press once that is told in media and signalling',
    reason: 'rtpengine passes the press in the media on by itself; one that came before is refused',
  },
  {
    title: 'passes flash to a leg that lists it, and to no other',
    reason: 'rtpengine passes every telephone-event on',
  },
  ...['pcmu', 'pcma'].map((codec) => ({
    title: `hears digits in ${codec} and passes them as events, without the tones`,
    reason: 'rtpengine makes the events, but leaves more of the tones than their beginning',
  })),
  {
    title: 'counts payload types that were never agreed, and RTP on the port of RTCP',
    reason: COUNTS_NONE,
  },
  {
    title: 'keeps one stream through wild timestamps and a source that changes with every packet',
    reason: PASSES_ON,
  },
  ...[
    'tells each 5 s and in its statistics how good a call without loss sounds',
    'tells each 5 s and in its statistics what loss does to a call, on either way',
  ].map((title) => ({
    title,
    reason:
      'rtpengine 10.5 tells no jitter of what it receives; rtpengine-quality.test.ts has the rest',
  })),
  {
    title: 'ends the call of a browser that never sends, and says what to look at',
    reason:
      "says to look at the daemon's --interface, for its ports are no setting of ours (rtpengine-quality.test.ts)",
  },
  ...[
    'lets the address of the SDP take over from a stranger who came first',
    "counts a stranger's packets once the carrier is known, and names them once",
    'counts ten thousand packets of a stranger, and names them once',
    "counts and names what a carrier sends to another call's port",
  ].map((title) => ({ title, reason: HEARS_ANYBODY })),
  { title: 'gives each side packets of the length that it asks for', reason: PASSES_ON },
  {
    title: 'follows a carrier that fell silent and goes on from another port, and no stranger',
    reason:
      'rtpengine keeps the source that it has locked; with its media-handover it would follow strangers too',
  },
  ...[
    'counts connectivity checks that belong to no call',
    'counts garbage and truncated RTP from the carrier itself, and names it once',
    'counts broken RTCP, and passes on none that it does not use',
    'counts and names the packets of a carrier that sends to the wrong port, and says what to look at',
  ].map((title) => ({ title, reason: COUNTS_NONE })),
];

const TRUNK_GAPS: readonly EngineGap[] = [
  ...[
    'makes noise for a browser with Opus of what a carrier tells of its silence',
    'tells a carrier of the silence of a browser with Opus, and takes it up again',
  ].map((title) => ({
    title,
    reason: 'rtpengine 10.5 makes no comfort noise; check-config refuses the setting',
  })),
  {
    title: 'passes comfort noise on between legs of G.711 that both know it',
    reason:
      'rtpengine 10.5 gives it the timestamp of the audio before; check-config refuses the setting',
  },
  {
    title: 'sends none to a carrier that did not take it',
    reason: 'rtpengine passes on payload types that were not agreed',
  },
  {
    title: 'goes on with the old transport when the new one never comes up',
    reason: 'rtpengine has one transport for each leg, which a renewal takes over at once',
  },
  { title: 're-times digits between opus and l16-16000, both ways', reason: AS_THEY_COME },
  ...['opus', 'g722', 'pcmu', 'pcma'].flatMap((browser) =>
    ['l16-8000', 'l16-16000'].map((carrier) => ({
      title: `carries a tone between ${browser} and ${carrier}, both ways`,
      reason: 'rtpengine 10.5 has no L16 (--codecs); check-config and the call refuse it',
    })),
  ),
  {
    title: 'keeps RTCP on the next port for a carrier that does not want it otherwise',
    reason: COUNTS_NONE,
  },
];

const SRTP_GAPS: readonly EngineGap[] = [
  {
    title: 'protects reports, and counts packets that are not protected',
    reason: 'rtpengine drops RTCP that is not protected, but does not count it',
  },
];

const SOUND_GAPS: readonly EngineGap[] = [
  {
    title: 'goes back to the other leg without a jump when a sound is stopped',
    reason:
      'rtpengine gives sounds an SSRC of their own; rtpengine-sounds.test.ts has the same without that',
  },
];

const missing = rtpengineMissing();
if (missing === undefined) {
  describeMediaEngine('rtpengine', createRtpengine, [
    ...GAPS,
    ...SOUND_GAPS,
    ...SRTP_GAPS,
    ...TRUNK_GAPS,
  ]);
  afterAll(async () => {
    for (const daemon of daemons) await daemon.stop();
  });
} else {
  describe('media engine: rtpengine', () => {
    it.skip(`passes the contract (${missing})`, () => undefined);
  });
}
