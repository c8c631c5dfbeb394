import type { TransportProtocol } from './transport.js';

let last = 0;

/** Unique for the life of the process: `udp-17`. */
export function nextFlowId(protocol: TransportProtocol): string {
  last += 1;
  return `${protocol}-${last}`;
}
