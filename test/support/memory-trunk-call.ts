import type { Party } from '../../gateway/signaling/sip-endpoint.js';
import { CallerCall, type MemoryEndpoint } from './memory-sip.js';

export interface TrunkDialOptions {
  trunk?: string;
  offer?: string | undefined;
  /** Its INVITE has no SDP. */
  noOffer?: boolean;
  from?: Partial<Party>;
  headers?: Record<string, string>;
}

/** A carrier's INVITE. */
export class TrunkCall extends CallerCall {
  readonly user = undefined;
  readonly flow = undefined;
  readonly source = 'udp/192.0.2.1:5060';
  readonly #headers: Record<string, string>;

  constructor(
    endpoint: MemoryEndpoint,
    options: TrunkDialOptions & { number: string; id: number },
  ) {
    const { number, id, offer = CARRIER_OFFER, from, headers = {} } = options;
    const sdp = options.noOffer === true ? undefined : offer;
    const caller = { user: '+4989555', host: 'one.example', displayName: undefined, ...from };
    super(endpoint, { callId: `trunk-${id}`, from: caller, number, offer: sdp });
    this.#headers = headers;
  }

  override header(name: string): string | undefined {
    return this.#headers[name];
  }
}

export const CARRIER_OFFER = 'v=0\r\no=carrier 7 1 IN IP4 192.0.2.1\r\n';

let serial = 0;

/** A carrier calls one of our numbers. */
export function trunkDials(
  endpoint: MemoryEndpoint,
  number: string,
  options: TrunkDialOptions = {},
): TrunkCall {
  const call = new TrunkCall(endpoint, { number, id: ++serial, ...options });
  endpoint.deliver(call, { trunk: options.trunk ?? 'one', by: 'network' });
  return call;
}
