import type { Flow } from '../transport/transport.js';

/** `refused`: the application asked for something impossible. `failed`: the network cannot do it, `why` says in words. */
export type FlowChoice =
  | { kind: 'flow'; flow: Flow; next?: NextChoice | undefined }
  | { kind: 'refused'; sentence: string }
  | { kind: 'failed'; status: number; reason: string; why?: string | undefined };

/**
 * The way to the next address of the same hop (RFC 3263 section 4.3). `unavailable`: the last one answered 503,
 * so that the same host by another transport would be asked in vain.
 */
export type NextChoice = (why: 'unreachable' | 'unavailable') => Promise<FlowChoice>;

/** What the peer of a dialog is told when nothing leads there any more. */
export const GONE: FlowChoice = { kind: 'failed', status: 410, reason: 'Gone' };
