import type { EndReason } from '../kernel/end-reason.js';
import { ERROR_CATALOGUE, type ErrorBucket, type ErrorCode } from '../kernel/error-catalogue.js';
import type { ChallengeFailure } from '../signaling/challenge-failure.js';
import { describeReason, printable } from '../signaling/sip-text.js';
import { decidingFact, type SentInvite } from './deciding-fact.js';

/** A final response to an INVITE of ours, from the carrier or made by our own SIP server. */
export interface InviteRefusal {
  status: number;
  reason: string;
  reasonHeader: string | undefined;
  warningHeader?: string | undefined;
  /** Of a 488: what the carrier would take. */
  sdp?: string | undefined;
  challenge?: ChallengeFailure | undefined;
  local: boolean;
}

/** What a refusal means: to the caller, and to the search for another route. */
export interface RefusalVerdict {
  /** True when another route may do better, as long as nobody was rung. */
  tryNext: boolean;
  end: EndReason;
}

interface Meaning {
  code: string;
  /** Status for the browser; the carrier's own when absent. */
  status?: number;
  bucket: ErrorBucket;
  tryNext?: boolean;
  /** What happened, after the name of the trunk. */
  text: string;
}

/** A fact about the called party: every other carrier would say the same. */
const PARTY: Readonly<Record<number, Meaning>> = {
  404: { code: 'NOT_FOUND', bucket: 'client', text: 'says that the number does not exist' },
  410: { code: 'NOT_FOUND', bucket: 'client', text: 'says that the number is out of service' },
  480: { code: 'UNAVAILABLE', bucket: 'ok', text: 'says that the called party is not available' },
  484: { code: 'NOT_FOUND', bucket: 'client', text: 'says that the number is incomplete' },
  486: { code: 'BUSY', bucket: 'ok', text: 'says that the called party is busy' },
  600: { code: 'BUSY', bucket: 'ok', text: 'says that the called party is busy everywhere' },
  603: { code: 'DECLINED', bucket: 'ok', text: 'says that the called party declined the call' },
  604: { code: 'NOT_FOUND', bucket: 'client', text: 'says that the number exists nowhere' },
  607: {
    code: 'DECLINED',
    bucket: 'ok',
    text: 'says that the called party does not want such calls',
  },
};

const catalogued = (code: ErrorCode, text: string): Meaning => ({
  ...{ code, text, tryNext: true },
  status: ERROR_CATALOGUE[code].sipStatus,
  bucket: ERROR_CATALOGUE[code].bucket,
});

const CHALLENGES: Readonly<Record<ChallengeFailure, string>> = {
  wrong: 'did not accept our credentials',
  'no-credentials': 'asks for credentials, and the trunk has none',
  'not-understood': 'asks for a sign-in that is no digest of MD5 or SHA-256',
};

/** A fact about the carrier or about our settings for it. */
function carrierMeaning({ status, local, challenge }: InviteRefusal): Meaning {
  if (local && status === 408) return catalogued('CL_TRUNK_UNREACHABLE', 'did not respond');
  if (local) return catalogued('CL_TRUNK_UNREACHABLE', 'cannot be reached');
  if (status === 401 || status === 407)
    return catalogued('CL_TRUNK_CREDENTIALS', CHALLENGES[challenge ?? 'wrong']);
  if (status === 408) return catalogued('CL_TRUNK_SILENT', 'got no answer in time');
  if (status >= 500 && status < 600) return catalogued('CL_TRUNK_FAILED', 'failed');
  return catalogued('CL_TRUNK_REFUSED', 'refused the call');
}

/** A reason phrase of a carrier goes into the log, the CDR and a header to the browser: no longer than this. */
const LONGEST_PHRASE = 200;

/** Pure. `trunk` is the name for the sentence; `sent` gives the facts that most often decide. */
export function judgeRefusal(
  refusal: InviteRefusal,
  trunk: string,
  sent?: SentInvite,
): RefusalVerdict {
  const { status, reason, reasonHeader, local } = refusal;
  const party = local ? undefined : (PARTY[status] ?? otherGlobalFailure(status));
  const meaning = party ?? carrierMeaning(refusal);
  const detail = describeReason(reasonHeader);
  const phrase = printable(reason).slice(0, LONGEST_PHRASE);
  const said = detail === undefined ? phrase : `${phrase}; ${detail}`;
  return {
    tryNext: meaning.tryNext ?? false,
    end: {
      by: 'carrier',
      code: meaning.code,
      sipStatus: meaning.status ?? status,
      bucket: meaning.bucket,
      sentence: `The carrier "${trunk}" ${meaning.text} (${status} ${said})${sent === undefined || local ? '' : decidingFact(refusal, sent)}.`,
    },
  };
}

/** RFC 3261 section 21.6: 6xx is definite for every route. */
function otherGlobalFailure(status: number): Meaning | undefined {
  if (status < 600 || status === 606) return undefined;
  return { code: 'DECLINED', bucket: 'ok', text: 'says that the called party refuses the call' };
}
