import { afterAll, describe, it } from 'vitest';
import { systemClock } from '../../gateway/kernel/clock.js';
import { silentLog } from '../../gateway/kernel/log.js';
import { SRTP_SUITE_NAMES } from '../../gateway/media/media-engine.js';
import { createRtpengineEngine } from '../../gateway/media/rtpengine/rtpengine-engine.js';
import { RtpengineDaemon, rtpengineMissing } from '../support/rtpengine-daemon.js';
import type { EngineGap, EngineUnderTest } from './engine-under-test.js';
import { describeMediaEngine } from './media-engine.contract.js';

const daemons: RtpengineDaemon[] = [];

async function createRtpengine(settings: { timeoutMs?: number } = {}): Promise<EngineUnderTest> {
  const digits = { host: '127.0.0.1', port: await RtpengineDaemon.freePort() };
  const daemon = await RtpengineDaemon.start(digits.port);
  daemons.push(daemon);
  const engine = await createRtpengineEngine({
    daemons: [{ host: '127.0.0.1', port: daemon.port, weight: 1 }],
    instance: 'contract',
    digits,
    timeoutMs: settings.timeoutMs ?? 10_000,
    requestTimeoutMs: 1000,
    pingMs: 200,
    log: silentLog,
    clock: systemClock,
  });
  return {
    engine,
    strangers: () => Promise.resolve(0),
    // A supervisor (systemd) starts it again.
    killWorker: () => {
      void daemon.stop('SIGKILL').then(() => daemon.up());
    },
  };
}

const SAME_NUMBERS =
  'rtpengine passes telephone-events on under the number they came with, and the carrier of this case answers with another';
const PASSES_ON = 'rtpengine passes the stream on with its own SSRC, sequence and timestamps';
const COUNTS_NONE = 'rtpengine does not count the packets that it drops';

const NO_DIGITS =
  'a stream that is passed on has no room for digits of ours; the signalling tells them';
const NO_TRANSCODING = 'this engine does not transcode; the call is refused with a sentence';
const KINDS = ['opus', 'g722', 'pcmu', 'pcma'];

const NO_RENEWAL = 'a leg cannot be renewed alone; the call is refused with a sentence';

const GAPS: readonly EngineGap[] = [
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
  ].map((title) => ({ title, reason: NO_RENEWAL })),
  ...KINDS.flatMap((browser) =>
    KINDS.flatMap((carrier) => [
      {
        title: `carries a tone between ${browser} and ${carrier}, both ways`,
        reason: NO_TRANSCODING,
      },
      {
        title: `re-times digits between ${browser} and ${carrier}, both ways`,
        reason: NO_TRANSCODING,
      },
    ]),
  ),
  ...[
    'offers shared codecs first, then the others of the list',
    'goes on with another codec after early media, the browser none the wiser',
    'speaks Opus to a browser that shares another codec, when the policy asks',
    'holds and resumes a transcoded call',
  ].map((title) => ({ title, reason: NO_TRANSCODING })),
  ...[
    'plays digits of the signalling in order, each once, as long as asked',
    'plays digits of the signalling to a browser',
    'plays a press once that is told in media and signalling',
  ].map((title) => ({ title, reason: NO_DIGITS })),
  ...['pcmu', 'pcma'].flatMap((codec) => [
    { title: `sounds digits in ${codec} for a carrier that wants tones`, reason: NO_DIGITS },
    {
      title: `hears digits in ${codec} and passes them as events, without the tones`,
      reason: NO_DIGITS,
    },
  ]),
  ...[
    'leaves digits to the signalling of a leg that wants them there',
    'leaves digits to the signalling when the media takes none, if either will do',
    'passes flash to a leg that lists it, and to no other',
  ].map((title) => ({ title, reason: SAME_NUMBERS })),
  { title: 'offers the carrier its own list', reason: SAME_NUMBERS },
  ...KINDS.map((codec) => ({
    title: `carries ${codec} both ways, byte for byte`,
    reason: `${PASSES_ON}; rtpengine-own.test.ts has the same without that`,
  })),
  { title: 'sends the browser the SSRC that its SDP names', reason: PASSES_ON },
  {
    title: 'keeps one stream when the source changes SSRC, sequence and timestamp',
    reason: PASSES_ON,
  },
  {
    title: 'keeps the SDP of the browser when the carrier moves after early media',
    reason: PASSES_ON,
  },
  { title: 'takes off header extensions, CSRCs and padding', reason: PASSES_ON },
  {
    title: 'shows loss as a gap, counts it, and keeps late packets in their place',
    reason: 'rtpengine tells the loss of RTCP reports only, and this carrier sends none',
  },
  {
    title: 'reports to both sides by RTCP and reads their reports',
    reason: 'rtpengine passes on the RTCP of the peers and writes none itself',
  },
  {
    title: 'offers the carrier its own list, as far as the browser offers it',
    reason: SAME_NUMBERS,
  },
  { title: 'answers with the telephone-event clock of the codec', reason: SAME_NUMBERS },
  { title: 'takes the first common codec of an answer that lists several', reason: SAME_NUMBERS },
  {
    title: 'plays the digits of a carrier to the browser and reports each once',
    reason: SAME_NUMBERS,
  },
  { title: 're-times the digits of a browser with opus', reason: PASSES_ON },
  { title: 're-times the digits of a browser with pcmu', reason: PASSES_ON },
  {
    title: 'counts the digits that a carrier does not take',
    reason: 'rtpengine hears no digits in a call without telephone-event',
  },
  { title: 'lets no audio through in the direction of a digit', reason: PASSES_ON },
  {
    title: 'bridges the two laws of G.711 when a later answer changes the law',
    reason: 'nothing is transcoded; the answer is refused with a sentence',
  },
  {
    title: 'gives the next route other ports and forgets the one before',
    reason: 'another callee in rtpengine would mean new ports for the browser too',
  },
  {
    title: 'holds and resumes by re-offer, without a new transport',
    reason: 'rtpengine passes on what a peer sends although it promised not to',
  },
  {
    title: 're-offers to the browser with its own lines, numbers and transport',
    reason: 'rtpengine writes the lines of the offerer, so refused video lines are left out',
  },
  { title: "drops and counts a stranger's RTP once the carrier is known", reason: COUNTS_NONE },
  {
    title: 'lets the address of the SDP take over from a stranger who came first',
    reason: COUNTS_NONE,
  },
  {
    title: 'follows a carrier that fell silent and goes on from another port, and no stranger',
    reason: 'rtpengine keeps the source that it has locked',
  },
  { title: 'counts connectivity checks that belong to no call', reason: COUNTS_NONE },
  {
    title: 'survives garbage and truncated RTP from the carrier itself',
    reason: COUNTS_NONE,
  },
  { title: 'survives broken RTCP and steps over what it does not use', reason: COUNTS_NONE },
];

const NO_SOUNDS = 'this engine plays no sounds; who asks for one is refused with a sentence';

const SOUND_GAPS: readonly EngineGap[] = [
  ...KINDS.map((codec) => `plays a tone to both legs in ${codec}, in place of the other leg`),
  'goes back to the other leg without a jump when a sound is stopped',
  'plays a file once, tells its end, and another again and again',
  'refuses a file that is no WAV file, by name, and the call goes on',
  'plays ringback to a caller whose callee has no media yet',
  'plays an announcement to a caller who is never connected',
].map((title) => ({ title, reason: NO_SOUNDS }));

const NO_SRTP = 'this engine does not speak SRTP to carriers';

const SRTP_GAPS: readonly EngineGap[] = [
  ...SRTP_SUITE_NAMES.map((suite) => `speaks SRTP with ${suite} to a carrier that must have it`),
  'protects reports, and counts packets that are not protected',
  'offers SRTP beside plain RTP, and takes either',
  'refuses a plain answer where SRTP is required, and one that nobody offered',
  'refuses RTP/SAVP where SRTP is off',
  'takes a new key of the carrier in a re-offer, and keeps its own',
  'answers the offer of a carrier that calls, with the first suite that both have',
  'refuses the plain offer of a carrier where SRTP is required',
].map((title) => ({ title, reason: NO_SRTP }));

const missing = rtpengineMissing();
if (missing === undefined) {
  describeMediaEngine('rtpengine', createRtpengine, [...GAPS, ...SOUND_GAPS, ...SRTP_GAPS]);
  afterAll(async () => {
    for (const daemon of daemons) await daemon.stop();
  });
} else {
  describe('media engine: rtpengine', () => {
    it.skip(`passes the contract (${missing})`, () => undefined);
  });
}
