import { createHmac, timingSafeEqual } from 'node:crypto';
import { getHeader } from '../message/headers.js';
import type { SipRequest } from '../message/sip-message.js';
import { parseSipUri, uriParam } from '../message/uri.js';
import { contactOf, localNameOf } from '../dialog/local-name.js';
import type { Flow } from '../transport/transport.js';

/** The connections that a Record-Route of ours remembers: `up` towards the caller, `down` towards the callee. */
export interface RoutedFlows {
  up: Flow | undefined;
  down: Flow | undefined;
}

const PARAM = 'cl';
const TAG_LENGTH = 16;

/**
 * What our Record-Route carries. Its tag proves that we wrote it for this Call-ID: nobody else can make the
 * server relay requests (an open relay would be a reflector). The flow names let a request find the connection
 * of a browser, which has no address (RFC 5626 section 5.2, where it is called a flow token).
 */
export class FlowTokens {
  readonly #key: string;
  readonly #flows = new Map<string, Flow>();
  readonly #ended = new AbortController();

  /** @param key the same after a restart, so that calls survive it */
  constructor(key: string) {
    this.#key = key;
  }

  /** The Record-Route values for a copy that leaves on `down`: two when the sides differ (RFC 5658 section 6). */
  recordRoutes(request: SipRequest, up: Flow, down: Flow): string[] {
    const token = this.#token(callIdOf(request), this.#name(up), this.#name(down));
    const value = (flow: Flow): string =>
      contactOf(localNameOf(flow), '').replace(/>$/, `;lr;${PARAM}=${token}>`);
    const [top, below] = [value(down), value(up)];
    return top === below ? [top] : [top, below];
  }

  /** The flows of a Record-Route that we wrote for the dialog of this request; undefined when we did not. */
  read(uri: string, request: SipRequest): RoutedFlows | undefined {
    const parsed = parseSipUri(uri);
    const token = parsed === undefined ? undefined : uriParam(parsed, PARAM);
    const [up = '', down = '', tag] = token?.split('.') ?? [];
    if (tag === undefined || !equal(tag, this.#tag(callIdOf(request), up, down))) return undefined;
    return { up: this.#flows.get(up), down: this.#flows.get(down) };
  }

  close(): void {
    this.#ended.abort();
    this.#flows.clear();
  }

  /** Empty for UDP, where the address is name enough. */
  #name(flow: Flow): string {
    if (!flow.reliable) return '';
    if (!this.#flows.has(flow.id) && !flow.closed.aborted) {
      this.#flows.set(flow.id, flow);
      const forget = (): void => void this.#flows.delete(flow.id);
      flow.closed.addEventListener('abort', forget, { once: true, signal: this.#ended.signal });
    }
    return flow.id;
  }

  #token(callId: string, up: string, down: string): string {
    return `${up}.${down}.${this.#tag(callId, up, down)}`;
  }

  #tag(callId: string, up: string, down: string): string {
    const text = `${callId}\n${up}\n${down}`;
    return createHmac('sha256', this.#key).update(text).digest('base64url').slice(0, TAG_LENGTH);
  }
}

function callIdOf(request: SipRequest): string {
  return getHeader(request, 'Call-ID') ?? '';
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
