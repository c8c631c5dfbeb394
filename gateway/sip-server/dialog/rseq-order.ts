import { getHeader, getList } from '../message/headers.js';
import { tagOf } from '../message/name-addr.js';
import type { SipResponse } from '../message/sip-message.js';
import { asksFor100rel } from './reliable-provisionals.js';

/** Forks of one INVITE that can have reliable provisional responses; those of others are not taken. */
const MAX_FORKS = 64;

/** The reliable provisional responses that came for one INVITE of ours, fork by fork (RFC 3262 section 4). */
export class RseqOrder {
  readonly #last = new Map<string, number>();

  /**
   * Is this response news? A reliable one that is a copy, or whose predecessor has not come, is not: it must have
   * no PRACK of its own. Others always are.
   */
  takes(response: SipResponse): boolean {
    const rseq = rseqOf(response);
    if (rseq === undefined) return true;
    const tag = tagOf(getHeader(response, 'To')) ?? '';
    const last = this.#last.get(tag);
    if (last === undefined ? this.#last.size >= MAX_FORKS : rseq !== last + 1) return false;
    this.#last.set(tag, rseq);
    return true;
  }
}

function rseqOf(response: SipResponse): number | undefined {
  const { status } = response;
  if (status <= 100 || status >= 200) return undefined;
  const value = getHeader(response, 'RSeq')?.trim();
  if (value === undefined || !/^\d{1,10}$/.test(value)) return undefined;
  return asksFor100rel(getList(response, 'Require')) ? Number(value) : undefined;
}
