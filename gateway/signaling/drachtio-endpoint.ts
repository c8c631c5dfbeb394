import type { Log } from '../kernel/log.js';
import type { Authenticator } from './authentication.js';
import { passRefusal } from './call-pass.js';
import type { DrachtioConnection, SipLink } from './drachtio-connection.js';
import { DrachtioDialog, type DrachtioDialogOptions } from './drachtio-dialog.js';
import { DrachtioIncomingInvite, type IncomingInviteOptions } from './drachtio-incoming-invite.js';
import { DrachtioOutgoingInvite } from './drachtio-outgoing-invite.js';
import { sendReply } from './drachtio-responses.js';
import type { WireDialog, WireRequest, WireResponse } from './drachtio-wire.js';
import { postdOf, splitPostDial } from './post-dial.js';
import { LeftBehindCalls } from './left-behind.js';
import { refusalReply } from './replies.js';
import type {
  InviteHandler,
  OutgoingInviteRequest,
  OutgoingInviteResult,
  Party,
  SipEndpoint,
  TrunkInviteHandler,
} from './sip-endpoint.js';
import { refusalOf, type Refusal } from './refusal.js';
import type { SipRequest } from './sip-request.js';
import { parseParty, parseSipUri } from './sip-text.js';
import type { IdentifyTrunk } from './trunk-gate.js';

/** What a page wants dialled after the answer. */
const DIGITS_HEADER = 'X-Copperline-Digits';

export interface DrachtioEndpointOptions {
  connection: DrachtioConnection;
  authenticator: Authenticator;
  /** Decides on INVITEs that came on no WebSocket of ours; without it they are refused. */
  identifyTrunk?: IdentifyTrunk | undefined;
  log: Log;
}

/** An INVITE before anybody knows whether it may become a call. */
export interface RawInvite {
  request: WireRequest;
  response: WireResponse;
  link: SipLink;
  view: SipRequest;
}

/** SipEndpoint on drachtio-srf. */
export class DrachtioEndpoint implements SipEndpoint {
  readonly #options: DrachtioEndpointOptions;
  readonly #dialogs = new Set<DrachtioDialog>();
  readonly #incoming = new Set<DrachtioIncomingInvite>();
  readonly #idleWaiters: (() => void)[] = [];
  readonly #leftBehind: LeftBehindCalls;
  #outgoing = 0;
  #handler: InviteHandler | undefined;
  #trunkHandler: TrunkInviteHandler | undefined;

  constructor(options: DrachtioEndpointOptions) {
    this.#options = options;
    this.#leftBehind = new LeftBehindCalls(options.log);
    options.connection.events.on('up', (link) => {
      this.#leftBehind.endOver(link);
    });
  }

  onInvite(handler: InviteHandler): void {
    this.#handler = handler;
  }

  onTrunkInvite(handler: TrunkInviteHandler): void {
    this.#trunkHandler = handler;
  }

  counts(): { dialogs: number; invites: number } {
    return { dialogs: this.#dialogs.size, invites: this.#incoming.size + this.#outgoing };
  }

  /** Resolves when no dialog and no INVITE is open: the last BYE and the last CANCEL are answered or timed out. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#checkIdle();
    });
  }

  #checkIdle(): void {
    const { dialogs, invites } = this.counts();
    if (dialogs + invites > 0) return;
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }

  async invite(request: OutgoingInviteRequest): Promise<OutgoingInviteResult> {
    const link = this.#options.connection.requireLink();
    const { result, settled } = new DrachtioOutgoingInvite(request, link, {
      adoptDialog: this.#adopt,
      leaveBehind: (invite) => {
        this.#leftBehind.add(invite);
      },
    }).run();
    this.#outgoing++;
    void settled.finally(() => {
      this.#outgoing--;
      this.#checkIdle();
    });
    return result;
  }

  /** A new INVITE from the network: authenticate, then hand it over. */
  accept(raw: RawInvite): void {
    const { response, view } = raw;
    const { flow } = view;
    const refusal = flow === undefined ? this.#admitTrunk(raw) : this.#authenticate(raw);
    if (refusal === undefined) return;
    const { code, sentence, status } = refusal;
    this.#options.log.debug({ source: view.source, code, status, sentence }, 'INVITE refused');
    sendReply(response, refusalReply(refusal));
  }

  #authenticate(raw: RawInvite): Refusal | undefined {
    const { request, view } = raw;
    const parties = partiesOf(request);
    if (parties === undefined) return unreadable();
    const verdict = this.#options.authenticator.check(view, 407);
    if (verdict.kind === 'refused') return verdict.refusal;
    if (verdict.user !== parties.from.user) {
      const sentence = 'The signed-in user and the From address of the call differ.';
      return { status: 403, code: 'CL_AUTH_IDENTITY', sentence };
    }
    if (this.#handler === undefined) return starting();
    const exceeded = passRefusal(view.flow?.pass, parties.called.user);
    if (exceeded !== undefined) return exceeded;
    const postd = request.get(DIGITS_HEADER) ?? postdOf(request.uri);
    const { user: number, postDial } = splitPostDial(parties.called.user, postd);
    const called = { ...parties.called, user: number };
    this.#handler(this.#open(raw, { ...parties, called, user: verdict.user, postDial }));
    return undefined;
  }

  /** An INVITE from the phone network: it becomes a call only when it is a trunk's. */
  #admitTrunk(raw: RawInvite): Refusal | undefined {
    const { request, view } = raw;
    const parties = partiesOf(request);
    if (parties === undefined) return unreadable();
    const { identifyTrunk } = this.#options;
    if (identifyTrunk === undefined || isFromWebSocket(request)) return refuseStranger(view);
    const verdict = identifyTrunk(view);
    if (verdict.kind === 'refused') return verdict.refusal;
    if (this.#trunkHandler === undefined) return refuseStranger(view);
    const to = verdict.calledIn === 'to' ? parseParty(request.get('To')) : undefined;
    const invite = this.#open(raw, { ...parties, called: to ?? parties.called, user: undefined });
    this.#trunkHandler(invite, verdict.origin);
    return undefined;
  }

  #open(
    { request, response, link, view }: RawInvite,
    who: Pick<IncomingInviteOptions, 'from' | 'called' | 'user' | 'postDial'>,
  ): DrachtioIncomingInvite {
    const invite = new DrachtioIncomingInvite({
      ...{ request, response, link, ...who, flow: view.flow },
      adoptDialog: this.#adopt,
      onLeftBehind: (dialogId) => {
        this.#leftBehind.add({ dialogId });
      },
      onDone: (done) => {
        this.#incoming.delete(done);
        this.#checkIdle();
      },
    });
    if (!invite.cancelled.aborted) this.#incoming.add(invite);
    return invite;
  }

  readonly #adopt = (
    dialog: WireDialog,
    link: SipLink,
    how: Pick<DrachtioDialogOptions, 'credentials' | 'offered' | 'pass'> = {},
  ): DrachtioDialog => {
    const adopted: DrachtioDialog = new DrachtioDialog({
      ...{ dialog, link, log: this.#options.log, ...how },
      onLeftBehind: (dialogId) => {
        this.#leftBehind.add({ dialogId });
      },
      onClosed: (closed) => {
        this.#dialogs.delete(closed);
        this.#checkIdle();
      },
    });
    if (!link.lost.aborted) this.#dialogs.add(adopted);
    return adopted;
  };
}

/** Undefined when the INVITE cannot be used. */
function partiesOf(request: WireRequest): { from: Party; called: Party } | undefined {
  const from = parseParty(request.get('From'));
  const uri = parseSipUri(request.uri);
  if (from === undefined || uri === undefined || !request.has('Contact')) return undefined;
  return { from, called: { user: uri.user, host: uri.host, displayName: undefined } };
}

/**
 * No trunk speaks SIP over a WebSocket: it was a browser that is gone by now. The address that it came from, with a SIP server outside,
 * is the gateway's own, and may be a trunk's as well.
 */
function isFromWebSocket(request: WireRequest): boolean {
  return /^SIP\s*\/\s*2\.0\s*\/\s*WSS?\b/i.test(request.get('Via') ?? '');
}

function unreadable(): Refusal {
  const sentence = 'The INVITE lacks a readable From, Contact or request-URI.';
  return refusalOf('CL_SIP_BAD_REQUEST', sentence);
}

function starting(): Refusal {
  const sentence = 'The gateway is starting and takes no calls yet.';
  return { ...refusalOf('CL_CALL_DRAINING', sentence), headers: { 'Retry-After': '2' } };
}

/** Without trunks that may call in there is nobody to challenge for a password. */
function refuseStranger(view: SipRequest): Refusal {
  const sentence = `The caller at ${view.source} is no browser of this gateway, and calls from the phone network are not routed.`;
  return refusalOf('CL_SIP_NOT_A_BROWSER', sentence);
}
