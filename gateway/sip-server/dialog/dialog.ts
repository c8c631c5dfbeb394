import type { SipRequest, SipResponse } from '../message/sip-message.js';
import { parseCSeq } from '../message/cseq.js';
import { getHeader, getList } from '../message/headers.js';
import { parseNameAddr, tagOf } from '../message/name-addr.js';
import type { Timer } from '../../kernel/clock.js';
import { SerialQueue } from '../../kernel/serial-queue.js';
import type { Flow } from '../transport/transport.js';
import type { Application } from './application.js';
import type { InviteState } from './invite-state.js';
import type { Session } from './session.js';

/** The application protocol's name of a dialog: the same formula for both roles. */
export function dialogIdOf(callId: string, fromTag: string): string {
  return `${callId};from-tag=${fromTag}`;
}

export interface DialogStart {
  role: 'uas' | 'uac';
  /** The method that formed it. */
  kind: 'INVITE' | 'SUBSCRIBE';
  /** The request that formed it. */
  request: SipRequest;
  /** UAS: our tag. UAC: the tag of our From. */
  localTag: string;
  /** Where the request came from or went to. */
  flow: Flow;
  /** The Contact of our side, as a header value. */
  localContact: string;
  application: Application;
}

/** The state of one dialog (RFC 3261 section 12). */
export class Dialog {
  readonly id: string;
  readonly role: 'uas' | 'uac';
  readonly kind: 'INVITE' | 'SUBSCRIBE';
  readonly callId: string;
  readonly application: Application;
  readonly localTag: string;
  /** Undefined only while a UAC has seen no response with a To tag. */
  remoteTag: string | undefined;
  /** From and To of the requests that we send in it. */
  readonly localAddress: string;
  remoteAddress: string;
  localSequence: number;
  /** Undefined until the peer has sent a request in it. */
  remoteSequence: number | undefined;
  /** In the order in which our requests travel it. */
  routeSet: readonly string[] = [];
  /** The peer's Contact URI: the request-URI of our requests. */
  remoteTarget: string;
  localContact: string;
  /** The way to the peer: its connection, or over UDP the address it sent from. */
  flow: Flow;
  /** True after a 2xx; before that it is early. */
  confirmed = false;
  ended = false;
  /** The start of the call was told to the applications that keep records, its end was not. */
  recorded = false;
  /** What was agreed on refreshing the call; undefined when nothing was (RFC 4028). */
  session: Session | undefined;
  /** Ends a subscription that nobody refreshes. */
  expiry: Timer | undefined;
  /** What we last offered or answered with success; undefined while there is no session. */
  localSdp: Buffer | undefined;
  /** INVITE transactions that are not over: at most one in each direction (RFC 3261 section 14). */
  readonly invites: InviteState = {};
  /** Our requests leave in the order in which they were asked for, whatever a look-up of the next hop takes. */
  readonly sending = new SerialQueue();

  constructor(start: DialogStart) {
    const { request, role } = start;
    const from = getHeader(request, 'From') ?? '';
    const to = getHeader(request, 'To') ?? '';
    const sequence = parseCSeq(getHeader(request, 'CSeq') ?? '')?.number ?? 0;
    this.role = role;
    this.kind = start.kind;
    this.callId = getHeader(request, 'Call-ID') ?? '';
    this.application = start.application;
    this.localTag = start.localTag;
    this.flow = start.flow;
    this.localContact = start.localContact;
    this.localSequence = sequence;
    this.remoteTarget = request.uri;
    this.id = dialogIdOf(this.callId, tagOf(from) ?? '');
    if (role === 'uac') {
      this.localAddress = from;
      this.remoteAddress = to;
      return;
    }
    // RFC 3261 section 12.1.1.
    this.localAddress = `${to};tag=${start.localTag}`;
    this.remoteAddress = from;
    this.remoteTag = tagOf(from);
    this.remoteSequence = sequence;
    this.routeSet = getList(request, 'Record-Route');
    this.refreshTarget(request);
  }

  /** UAC: takes over what a response with a To tag says of the peer (RFC 3261 section 12.1.2). */
  learnFrom(response: SipResponse): void {
    this.remoteAddress = getHeader(response, 'To') ?? this.remoteAddress;
    this.remoteTag = tagOf(this.remoteAddress);
    this.routeSet = getList(response, 'Record-Route').reverse();
    this.refreshTarget(response);
  }

  /** RFC 3261 sections 12.2.1.2 and 12.2.2; a message without a readable Contact changes nothing. */
  refreshTarget(message: SipRequest | SipResponse): void {
    const contact = getList(message, 'Contact')[0];
    const uri = contact === undefined ? undefined : parseNameAddr(contact)?.uri;
    if (uri !== undefined) this.remoteTarget = uri;
  }

  /** Remembers the SDP of a message of ours that took effect. */
  noteLocalSdp(message: SipRequest | SipResponse): void {
    const type = getHeader(message, 'Content-Type') ?? '';
    if (message.body.length > 0 && /^application\/sdp\b/i.test(type)) this.localSdp = message.body;
  }

  nextSequence(): number {
    this.localSequence += 1;
    return this.localSequence;
  }

  /** Does a request with these tags belong here? Before the confirmation, any fork of the peer does. */
  isFrom(remoteTag: string | undefined): boolean {
    return this.remoteTag === remoteTag || (this.role === 'uac' && !this.confirmed);
  }
}

/**
 * Is this NOTIFY the last of the subscription that the dialog exists for (RFC 6665 section 4.1.3)? The subscription
 * that a REFER made inside a call is no dialog of its own.
 */
export function endsSubscription(dialog: Dialog, request: SipRequest): boolean {
  if (request.method !== 'NOTIFY' || dialog.kind !== 'SUBSCRIBE') return false;
  return /^\s*terminated\b/i.test(getHeader(request, 'Subscription-State') ?? '');
}
