import { toCopperlineError } from '../kernel/errors.js';
import type { SipLink } from './drachtio-connection.js';
import type { DrachtioDialog } from './drachtio-dialog.js';
import type {
  WireDialog,
  WireRequest,
  WireResponse,
  WireSipError,
  WireUacOptions,
  WireUnacknowledged,
} from './drachtio-wire.js';
import { ALLOWED_METHODS } from './drachtio-responses.js';
import { challengerOf } from './challenger.js';
import { ChallengeAnswers } from './challenge-answers.js';
import { EarlyOffers } from './early-offers.js';
import { refuseStreams } from './refuse-streams.js';
import type { OutgoingInviteRequest, OutgoingInviteResult } from './sip-endpoint.js';
import { formatReason, printable, quote, toTagOf } from './sip-text.js';

/** Who asked for the INVITE. */
export interface InviteOwner {
  adoptDialog(
    dialog: WireDialog,
    link: SipLink,
    how?: { credentials: OutgoingInviteRequest['credentials'] },
  ): DrachtioDialog;
  /** The connection was lost while the INVITE was open. */
  leaveBehind(invite: { uri: string; transactionId: string }): void;
}

/** An attempt's end as drachtio-srf gives it. */
type Outcome =
  | { dialog: WireDialog; response: WireResponse }
  | { failure: WireSipError; request: WireRequest | undefined };

/**
 * One INVITE that we send, with retries for digest challenges (RFC 3261 section 22.2). drachtio-srf's own digest client
 * knows only MD5 and one challenge, so the answers are computed here.
 */
export class DrachtioOutgoingInvite {
  readonly #request: OutgoingInviteRequest;
  readonly #link: SipLink;
  readonly #owner: InviteOwner;
  readonly #answers: ChallengeAnswers;
  readonly #early: EarlyOffers | undefined;
  #sent: WireRequest | undefined;

  constructor(request: OutgoingInviteRequest, link: SipLink, owner: InviteOwner) {
    this.#request = request;
    this.#link = link;
    this.#owner = owner;
    this.#answers = new ChallengeAnswers(request.credentials);
    this.#early = request.answerTo === undefined ? undefined : new EarlyOffers(request.answerTo);
  }

  /**
   * `settled` resolves when the INVITE transaction and what followed from a crossing CANCEL are over;
   * `result` resolves earlier when the signal is aborted.
   */
  run(): { result: Promise<OutgoingInviteResult>; settled: Promise<void> } {
    const { signal } = this.#request;
    const { lost } = this.#link;
    if (signal.aborted) {
      return { result: Promise.resolve({ kind: 'cancelled' }), settled: Promise.resolve() };
    }
    const finished = this.#inviteWithCredentials();
    const result = new Promise<OutgoingInviteResult>((resolve, reject) => {
      const onAbort = (): void => {
        this.#sendCancel();
        resolve({ kind: 'cancelled' });
      };
      const onLost = (): void => {
        this.#leaveBehind();
        reject(toCopperlineError(lost.reason, 'CL_SIP_SERVER_UNREACHABLE'));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      lost.addEventListener('abort', onLost, { once: true });
      finished
        .then((outcome) => {
          resolve(signal.aborted ? { kind: 'cancelled' } : this.#toResult(outcome));
        }, reject)
        .finally(() => {
          signal.removeEventListener('abort', onAbort);
          lost.removeEventListener('abort', onLost);
        });
    });
    return { result, settled: this.#hangUpIfCrossed(finished) };
  }

  /** RFC 3261 section 9.1: a 2xx may cross the CANCEL; drachtio-srf has sent the ACK, the BYE is ours. */
  async #hangUpIfCrossed(finished: Promise<Outcome>): Promise<void> {
    const lost = new Promise<undefined>((resolve) => {
      const onLost = (): void => {
        resolve(undefined);
      };
      this.#link.lost.addEventListener('abort', onLost, { once: true });
      const forget = (): void => {
        this.#link.lost.removeEventListener('abort', onLost);
      };
      finished.then(forget, forget);
    });
    const outcome = await Promise.race([finished, lost]).catch(() => undefined);
    if (outcome === undefined || !('dialog' in outcome) || !this.#request.signal.aborted) return;
    await this.#adopt(outcome.dialog).bye(this.#cancelReason());
  }

  async #inviteWithCredentials(): Promise<Outcome> {
    const first = this.#uacOptions();
    for (let options = first; ;) {
      const outcome = await this.#invite(options);
      if ('dialog' in outcome || this.#request.signal.aborted) return outcome;
      const authorized = this.#authorized(outcome, first);
      if (authorized === undefined) return outcome;
      options = authorized;
    }
  }

  #invite(options: WireUacOptions): Promise<Outcome> {
    this.#sent = undefined;
    const { signal, uri } = this.#request;
    return new Promise((resolve) => {
      const progress = {
        cbRequest: (_error: unknown, request?: WireRequest): void => {
          this.#sent = request;
          if (request !== undefined) this.#early?.watch(request);
          // The signal was aborted before the SIP server had given the INVITE a transaction.
          if (signal.aborted) this.#sendCancel();
        },
        cbProvisional: (response: WireResponse): void => {
          if (signal.aborted) return;
          const { status, reason, body } = response;
          const sdp = body === '' ? undefined : body;
          this.#request.onProgress({ status, reason, sdp, tag: toTagOf(response) });
        },
      };
      const copy = { ...options, headers: { ...options.headers } };
      try {
        this.#link.srf.createUAC(uri, copy, progress, (error, answered) => {
          if (answered === undefined) resolve({ failure: asError(error), request: this.#sent });
          else if ('sdp' in answered) resolve(this.#acknowledge(answered));
          else resolve({ dialog: answered, response: answered.res });
        });
      } catch (error) {
        resolve({ failure: asError(error), request: undefined });
      }
    });
  }

  /** The 200 brought an offer: its ACK waits for our answer, but never when nobody wants the call any more. */
  async #acknowledge(answered: WireUnacknowledged): Promise<Outcome> {
    const { signal, answerTo } = this.#request;
    const { sdp, res } = answered;
    if (this.#early?.has(res) === true) return { dialog: await answered.ack(''), response: res };
    if (answerTo === undefined || signal.aborted)
      return { dialog: await answered.ack(refuseStreams(sdp)), response: res };
    const [answer] = await Promise.allSettled([answerTo(sdp)]);
    if (answer.status === 'fulfilled')
      return { dialog: await answered.ack(answer.value), response: res };
    const dialog = await answered.ack(refuseStreams(sdp));
    const error = toCopperlineError(answer.reason, 'CL_INTERNAL');
    await this.#adopt(dialog).bye(error);
    throw error;
  }

  #adopt(dialog: WireDialog): DrachtioDialog {
    const { credentials } = this.#request;
    return this.#owner.adoptDialog(dialog, this.#link, { credentials });
  }

  #uacOptions(): WireUacOptions {
    const { offer, from, uri, to = uri, headers, nextHop } = this.#request;
    const name = from.displayName === undefined ? '' : `${quote(from.displayName)} `;
    const body = offer === undefined ? { noAck: true } : { localSdp: offer };
    const type = offer === undefined ? {} : { 'Content-Type': 'application/sdp' };
    return {
      ...body,
      headers: {
        'User-Agent': 'Copperline',
        Allow: ALLOWED_METHODS,
        ...optionTags(this.#request.reliableProvisionals),
        ...cleanHeaders(headers),
        From: `${name}<${from.uri}>`,
        To: `<${to.replace(/[;?].*$/, '')}>`,
        ...type,
      },
      ...(nextHop === undefined ? {} : { proxy: nextHop }),
    };
  }

  /** The same INVITE with credentials: same Call-ID and From tag, next CSeq (RFC 3261 section 22.2). */
  #authorized(
    { failure, request }: { failure: WireSipError; request: WireRequest | undefined },
    options: WireUacOptions,
  ): WireUacOptions | undefined {
    const { uri } = this.#request;
    const { res } = failure;
    if (request === undefined || res === undefined) return undefined;
    const view = { status: res.status, header: (name: string) => res.get(name) };
    const authorization = this.#answers.next(view, { method: 'INVITE', uri });
    if (authorization === undefined) return undefined;
    const headers = { ...options.headers, ...sameDialog(request), ...authorization };
    const proxy = challengerOf(options.proxy ?? uri, res);
    return { ...options, ...(proxy === undefined ? {} : { proxy }), headers };
  }

  #toResult(outcome: Outcome): OutgoingInviteResult {
    if ('dialog' in outcome) {
      const { response } = outcome;
      const dialog = this.#adopt(outcome.dialog);
      return { kind: 'answered', dialog, answer: response.body ?? '', tag: toTagOf(response) };
    }
    const { failure } = outcome;
    const { res } = failure;
    const local = { status: failure.status ?? 503, reason: failure.message, local: true };
    return {
      ...{ kind: 'refused', challenge: this.#answers.failure, reasonHeader: undefined },
      ...(res === undefined ? local : refusalOf(res)),
    };
  }

  #sendCancel(): void {
    const { sipStatus, sentence } = this.#cancelReason();
    try {
      const headers = { Reason: formatReason(sipStatus, sentence) };
      this.#sent?.cancel({ headers }, () => undefined);
    } catch {
      // The connection to the SIP server is gone, and the INVITE with it.
    }
  }

  #leaveBehind(): void {
    if (this.#sent === undefined) return;
    const { uri, stackTxnId } = this.#sent;
    this.#owner.leaveBehind({ uri, transactionId: stackTxnId });
  }

  #cancelReason(): { sipStatus: number; sentence: string } {
    const reason: unknown = this.#request.signal.reason;
    if (isReason(reason)) return reason;
    return { sipStatus: 487, sentence: 'The caller hung up before the call was answered.' };
  }
}

function refusalOf(res: WireResponse): Omit<OutgoingInviteResult & { kind: 'refused' }, 'kind'> {
  return {
    status: res.status,
    reason: res.reason,
    reasonHeader: res.get('Reason'),
    warningHeader: res.get('Warning'),
    sdp: res.body === '' ? undefined : res.body,
    retryAfterS: retryAfter(res.get('Retry-After')),
    // The SIP server's own responses (timeout, DNS, transport) have no sender.
    local: res.source_address === '',
  };
}

/** What ties a repeated INVITE to the first one. */
function sameDialog(sent: WireRequest): Record<string, string> {
  const next = parseInt(sent.get('CSeq') ?? '0', 10) + 1;
  return {
    From: sent.get('From') ?? '',
    'Call-ID': sent.get('Call-ID') ?? '',
    CSeq: `${next} INVITE`,
  };
}

/** The SIP server refreshes sessions (RFC 4028) and drachtio-srf sends the PRACKs. */
function optionTags(
  reliable: OutgoingInviteRequest['reliableProvisionals'],
): Record<string, string> {
  const supported = reliable === 'supported' ? 'timer, 100rel' : 'timer';
  return { Supported: supported, ...(reliable === 'required' ? { Require: '100rel' } : {}) };
}

/** RFC 3261 section 20.33: seconds, and perhaps a comment or parameters. */
function retryAfter(header: string | undefined): number | undefined {
  const seconds = /^\s*(\d{1,9})/.exec(header ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

function isReason(value: unknown): value is { sipStatus: number; sentence: string } {
  return typeof value === 'object' && value !== null && 'sipStatus' in value && 'sentence' in value;
}

function asError(thrown: unknown): WireSipError {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Header additions come from the configuration and from callers; none may start another header line. */
function cleanHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, printable(value)]),
  );
}
