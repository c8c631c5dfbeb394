import { systemClock } from '../../../gateway/kernel/clock.js';
import { silentLog } from '../../../gateway/kernel/log.js';
import { SRTP_SUITE_NAMES } from '../../../gateway/media/media-engine.js';
import { createWrtcEngine } from '../../../gateway/media/workers/wrtc-engine.js';
import type { EngineGap, EngineUnderTest } from '../../contract/engine-under-test.js';
import { describeMediaEngine } from '../../contract/media-engine.contract.js';

async function createWrtc(settings: { timeoutMs?: number } = {}): Promise<EngineUnderTest> {
  const engine = await createWrtcEngine({
    workers: 1,
    browser: { host: '127.0.0.1', ports: undefined },
    carrier: { host: '127.0.0.1', ports: undefined },
    timeoutMs: settings.timeoutMs ?? 10_000,
    log: silentLog,
    clock: systemClock,
  });
  return {
    engine,
    paced: true,
    toneToleranceMs: 40,
    leastAmplitude: 2500,
    strangers: () => engine.strangers(),
    killWorker: () => {
      for (const pid of engine.workerPids()) process.kill(pid, 'SIGKILL');
    },
  };
}

const DECODES =
  'libwebrtc decodes the audio and makes packets of its own on its own clock; the cases with tones show that it arrives';
const G711_ONLY = 'wrtc speaks G.711 alone to trunks; check-config and the call refuse the rest';
const TONES =
  'NetEq plays telephone-events as tones, longer than they were told when no audio follows; wrtc-own.test.ts and the e2e calls show the digits';
const NOT_RENEWED = 'wrtc gives no leg a new transport; who asks is refused with a sentence';
const NOT_ALONE = 'wrtc makes no offer before the caller did; an INVITE without SDP is refused';

const KINDS = ['opus', 'g722', 'pcmu', 'pcma'];

const GAPS: readonly EngineGap[] = [
  {
    title: 'gives each side packets of the length that it asks for',
    reason: 'libwebrtc makes its packets as long as a=ptime says, even where a=maxptime is below',
  },
  ...KINDS.map((codec) => ({
    title: `carries ${codec} both ways, byte for byte`,
    reason: ['opus', 'g722'].includes(codec) ? G711_ONLY : DECODES,
  })),
  ...KINDS.flatMap((browser) =>
    ['opus', 'g722'].flatMap((carrier) =>
      ['carries a tone', 're-times digits'].map((what) => ({
        title: `${what} between ${browser} and ${carrier}, both ways`,
        reason: G711_ONLY,
      })),
    ),
  ),
  ...KINDS.flatMap((browser) =>
    ['l16-8000', 'l16-16000'].map((carrier) => ({
      title: `carries a tone between ${browser} and ${carrier}, both ways`,
      reason: G711_ONLY,
    })),
  ),
  ...[
    'passes comfort noise on between legs of G.711 that both know it',
    'makes noise for a browser with Opus of what a carrier tells of its silence',
    'tells a carrier of the silence of a browser with Opus, and takes it up again',
    'sends none to a carrier that did not take it',
  ].map((title) => ({
    title,
    reason: 'libwebrtc gives no comfort noise packets; check-config refuses the setting',
  })),
  ...[
    'offers RTCP on the port of RTP beside the next one, and reports there once it is agreed',
    'keeps RTCP on the next port for a carrier that does not want it otherwise',
    'answers a carrier that offers RTCP on the port of RTP as the trunk says',
  ].map((title) => ({ title, reason: DECODES })),
  ...[
    'plays a tone to both legs in opus, in place of the other leg',
    'plays a tone to both legs in g722, in place of the other leg',
    'offers shared codecs first, then the others of the list',
    'goes on with another codec after early media, the browser none the wiser',
    'answers with the telephone-event clock of the codec',
  ].map((title) => ({ title, reason: G711_ONLY })),
  ...[
    'carries a tone between pcmu and pcma, both ways',
    'carries a tone between pcma and pcmu, both ways',
    'sends the browser the SSRC that its SDP names',
    'keeps one stream when the source changes SSRC, sequence and timestamp',
    'shows loss as a gap, counts it, and keeps late packets in their place',
    'takes off header extensions, CSRCs and padding',
    'reports to both sides by RTCP and reads their reports',
    'keeps the SDP of the browser when the carrier moves after early media',
    'bridges the two laws of G.711 when a later answer changes the law',
    'holds and resumes by re-offer, without a new transport',
    're-offers to the browser with its own lines, numbers and transport',
    'goes back to the other leg without a jump when a sound is stopped',
    "drops and counts a stranger's RTP once the carrier is known",
    'lets the address of the SDP take over from a stranger who came first',
    'follows a carrier that fell silent and goes on from another port, and no stranger',
    "lets no stranger into a browser's stream",
    'counts connectivity checks that belong to no call',
    'survives garbage and truncated RTP from the carrier itself',
    'survives broken RTCP and steps over what it does not use',
    'counts both legs and returns the last counters at close',
  ].map((title) => ({ title, reason: DECODES })),
  ...['opus', 'g722'].flatMap((browser) =>
    ['pcmu', 'pcma'].map((carrier) => ({
      title: `carries a tone between ${browser} and ${carrier}, both ways`,
      reason: 'NetEq stretches time while it fills; the e2e call and wrtc-own.test.ts hear tones',
    })),
  ),
  {
    title: 'gives the next route other ports and forgets the one before',
    reason: 'it does; the port of the browser is counted as well',
  },
  ...[
    're-times digits between opus and pcma, both ways',
    're-times digits between opus and l16-16000, both ways',
    're-times digits between g722 and pcma, both ways',
    're-times the digits of a browser with opus',
    're-times the digits of a browser with pcmu',
    'plays the digits of a carrier to the browser and reports each once',
    'counts the digits that a carrier does not take',
    'lets no audio through in the direction of a digit',
    'plays digits of the signalling in order, each once, as long as asked',
    'plays digits of the signalling to a browser',
    'plays digits of a leg that has sent no audio yet',
    'plays a press once that is told in media and signalling',
    'leaves digits to the signalling of a leg that wants them there',
    'leaves digits to the signalling when the media takes none, if either will do',
    'passes flash to a leg that lists it, and to no other',
    'sounds digits in pcmu for a carrier that wants tones',
    'sounds digits in pcma for a carrier that wants tones',
    'hears digits in pcmu and passes them as events, without the tones',
    'hears digits in pcma and passes them as events, without the tones',
  ].map((title) => ({ title, reason: TONES })),
  ...[
    'takes an ICE restart of a leg alone, the other leg none the wiser',
    'takes an ICE restart that comes with a re-offer to the other leg',
    'offers a call anew to a page that was loaded again',
    'offers a call anew after the old page closed its connection',
    'offers a called leg anew, and again after that',
    'goes on with the old transport when the new one never comes up',
    'lets a transport go that is silent while another comes up',
    'transcodes when the new page takes another codec',
    'renews nothing before the legs have agreed, and no leg of plain RTP',
  ].map((title) => ({ title, reason: NOT_RENEWED })),
  ...[
    'offers to a carrier first, and to the browser what the carrier answered',
    'offers to a browser first, and transcodes what the carrier chose',
    'offers alone to the next route with other ports',
    'takes no answer that fits no offer of its own',
  ].map((title) => ({ title, reason: NOT_ALONE })),
  ...[
    ...SRTP_SUITE_NAMES.map((suite) => `speaks SRTP with ${suite} to a carrier that must have it`),
    'offers SRTP beside plain RTP, and takes either',
    'refuses a plain answer where SRTP is required, and one that nobody offered',
    'protects reports, and counts packets that are not protected',
    'takes a new key of the carrier in a re-offer, and keeps its own',
  ].map((title) => ({ title, reason: DECODES })),
];

describeMediaEngine('wrtc', createWrtc, GAPS);
